"""Texas: Data Privacy and Security Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_TX = VirginiaModel(
    code="US_TX",
    name="Texas (TDPSA)",
    right="Bus. & Com. Code 541.051(b)(3)",
    article="Bus. & Com. Code 541.052(b)",
    version="2026-11-22",
    effective_from=date(2024, 7, 1),
    sources=(
        Source(
            "Bus. & Com. Code 541.052: the 45th day after receipt",
            "https://statutes.capitol.texas.gov/Docs/BC/htm/BC.541.htm",
            Evidence.TEXT,
        ),
        Source(
            "Bus. & Com. Code 541.053: the 60 days for an appeal",
            "https://statutes.capitol.texas.gov/Docs/BC/htm/BC.541.htm",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Texas",
    appeal_article="Bus. & Com. Code 541.053",
).law()
