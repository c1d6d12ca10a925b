"""Iowa: Consumer Data Protection Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_IA = VirginiaModel(
    code="US_IA",
    name="Iowa (ICDPA)",
    right="Iowa Code 715D.3(1)(b)",
    article="Iowa Code 715D.3",
    version="2026-11-22",
    effective_from=date(2025, 1, 1),
    sources=(
        Source(
            "Iowa Code 715D.3: the 90 days",
            "https://www.legis.iowa.gov/docs/code/715D.pdf",
            Evidence.SECONDARY,
        ),
        Source(
            "Iowa Code 715D.3: the rest", "https://www.legis.iowa.gov/docs/code/715D.pdf", Evidence.UNREAD
        ),
    ),
    regulator="the Attorney General of Iowa",
    answer_days=90,
).law()
