"""Nebraska: Data Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_NE = VirginiaModel(
    code="US_NE",
    name="Nebraska (NDPA)",
    right="Neb. Rev. Stat. 87-1101 and following",
    article="Neb. Rev. Stat. 87-1101 and following",
    version="2026-11-22",
    effective_from=date(2025, 1, 1),
    sources=(
        Source(
            "Nebraska Data Privacy Act: the 45 days",
            "https://nebraskalegislature.gov/laws/browse-chapters.php?chapter=87",
            Evidence.SECONDARY,
        ),
        Source(
            "Nebraska Data Privacy Act: the rest",
            "https://nebraskalegislature.gov/laws/browse-chapters.php?chapter=87",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Nebraska",
).law()
