"""New Hampshire: RSA 507-H."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_NH = VirginiaModel(
    code="US_NH",
    name="New Hampshire (NHPA)",
    right="RSA 507-H:4",
    article="RSA 507-H:4",
    version="2026-11-22",
    effective_from=date(2025, 1, 1),
    sources=(
        Source(
            "RSA 507-H:4: the 45 days",
            "https://gc.nh.gov/rsa/html/NHTOC/NHTOC-LII-507-H.htm",
            Evidence.SECONDARY,
        ),
        Source(
            "RSA 507-H:4: the rest", "https://gc.nh.gov/rsa/html/NHTOC/NHTOC-LII-507-H.htm", Evidence.UNREAD
        ),
    ),
    regulator="the Attorney General of New Hampshire",
    free_per_year=1,
).law()
