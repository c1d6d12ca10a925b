"""Delaware: Personal Data Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_DE = VirginiaModel(
    code="US_DE",
    name="Delaware (DPDPA)",
    right="6 Del. C. 12D-104(a)(4)",
    article="6 Del. C. 12D-104(c)",
    version="2026-11-22",
    effective_from=date(2025, 1, 1),
    sources=(
        Source(
            "6 Del. C. 12D-104: periods and fees", "https://delcode.delaware.gov/title6/c012d/", Evidence.TEXT
        ),
        Source(
            "6 Del. C. 12D-104: the 60 days for an appeal",
            "https://delcode.delaware.gov/title6/c012d/",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Department of Justice of Delaware",
    free_per_year=1,
    appeal_article="6 Del. C. 12D-104(d)",
).law()
