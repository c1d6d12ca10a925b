"""Oregon: Consumer Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_OR = VirginiaModel(
    code="US_OR",
    name="Oregon (OCPA)",
    right="ORS 646A.574",
    article="ORS 646A.576",
    version="2026-11-22",
    effective_from=date(2024, 7, 1),
    sources=(
        Source(
            "ORS 646A.576", "https://www.oregonlegislature.gov/bills_laws/ors/ors646a.html", Evidence.TEXT
        ),
    ),
    regulator="the Attorney General of Oregon",
    free_per_year=1,
    appeal_days=45,
    appeal_article="ORS 646A.576(6)(d)",
    identity_says=(
        "Who can't be authenticated has to be told so; the company needn't comply until what it asked for "
        "has arrived."
    ),
).law()
