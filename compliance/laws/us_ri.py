"""Rhode Island: Data Transparency and Privacy Protection Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_RI = VirginiaModel(
    code="US_RI",
    name="Rhode Island (RIDTPPA)",
    right="R.I. Gen. Laws 6-48.1",
    article="R.I. Gen. Laws 6-48.1",
    version="2026-11-22",
    effective_from=date(2026, 1, 1),
    sources=(
        Source(
            "R.I. Gen. Laws 6-48.1: the 45 days",
            "https://webserver.rilegislature.gov/Statutes/TITLE6/6-48.1/INDEX.htm",
            Evidence.SECONDARY,
        ),
        Source(
            "R.I. Gen. Laws 6-48.1: the rest",
            "https://webserver.rilegislature.gov/Statutes/TITLE6/6-48.1/INDEX.htm",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Rhode Island",
    free_per_year=1,
).law()
