"""Virginia: Consumer Data Protection Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_VA = VirginiaModel(
    code="US_VA",
    name="Virginia (VCDPA)",
    right="Va. Code 59.1-577(A)(3)",
    article="Va. Code 59.1-577(B)(1)",
    version="2026-11-22",
    effective_from=date(2023, 1, 1),
    sources=(
        Source(
            "Va. Code 59.1-577: rights, and the answer to them",
            "https://law.lis.virginia.gov/vacode/59.1-577/",
            Evidence.TEXT,
        ),
        Source(
            "Va. Code 59.1-577(C): the 60 days for an appeal",
            "https://law.lis.virginia.gov/vacode/59.1-577/",
            Evidence.SECONDARY,
        ),
    ),
    regulator="the Attorney General of Virginia",
    appeal_article="Va. Code 59.1-577(C)",
).law()
