"""New Jersey: Data Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_NJ = VirginiaModel(
    code="US_NJ",
    name="New Jersey (NJDPA)",
    right="N.J.S.A. 56:8-166.4 and following",
    article="N.J.S.A. 56:8-166.7",
    version="2026-11-22",
    effective_from=date(2025, 1, 15),
    sources=(
        Source(
            "N.J.S.A. 56:8-166.7: periods and fees",
            "https://pub.njleg.state.nj.us/Bills/2022/AL23/266_.PDF",
            Evidence.TEXT,
        ),
        Source(
            "The 45 days for an appeal",
            "https://pub.njleg.state.nj.us/Bills/2022/AL23/266_.PDF",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Division of Consumer Affairs of New Jersey",
    free_per_year=1,
    appeal_days=45,
    identity_says=(
        "Who can't be authenticated needn't be obeyed, but is told so. The act counts from receipt of a "
        "verified request; here, on the safe side, the receipt itself counts."
    ),
    notes=("Rules of the Division are pending; counsel has to look whether they are out.",),
).law()
