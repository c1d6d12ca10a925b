"""Montana: Consumer Data Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_MT = VirginiaModel(
    code="US_MT",
    name="Montana (MTCDPA)",
    right="MCA 30-14-2808",
    article="MCA 30-14-2808",
    version="2026-11-22",
    effective_from=date(2024, 10, 1),
    sources=(
        Source(
            "MCA 30-14-2808",
            "https://leg.mt.gov/bills/mca/title_0300/chapter_0140/part_0280/",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Montana",
    free_per_year=1,
).law()
