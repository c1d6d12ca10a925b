"""Tennessee: Information Protection Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_TN = VirginiaModel(
    code="US_TN",
    name="Tennessee (TIPA)",
    right="Tenn. Code 47-18-3304",
    article="Tenn. Code 47-18-3304",
    version="2026-11-22",
    effective_from=date(2025, 7, 1),
    sources=(
        Source(
            "Tenn. Code 47-18-3304: the 45 days",
            "https://publications.tnsosfiles.com/acts/113/pub/pc0408.pdf",
            Evidence.SECONDARY,
        ),
        Source(
            "Tenn. Code 47-18-3304: the rest",
            "https://publications.tnsosfiles.com/acts/113/pub/pc0408.pdf",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Tennessee",
).law()
