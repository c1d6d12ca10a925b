"""Indiana: Consumer Data Protection Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_IN = VirginiaModel(
    code="US_IN",
    name="Indiana (INCDPA)",
    right="Ind. Code 24-15-3-1(b)(3)",
    article="Ind. Code 24-15-3-1(c)",
    version="2026-11-22",
    effective_from=date(2026, 1, 1),
    sources=(
        Source(
            "Ind. Code 24-15-3-1: the 45 days",
            "https://iga.in.gov/laws/2025/ic/titles/24#24-15",
            Evidence.SECONDARY,
        ),
        Source(
            "Ind. Code 24-15-3: the rest", "https://iga.in.gov/laws/2025/ic/titles/24#24-15", Evidence.UNREAD
        ),
    ),
    regulator="the Attorney General of Indiana",
    free_per_year=1,
).law()
