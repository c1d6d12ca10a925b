"""Minnesota: Consumer Data Privacy Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_MN = VirginiaModel(
    code="US_MN",
    name="Minnesota (MCDPA)",
    right="Minn. Stat. 325M.14, subd. 1",
    article="Minn. Stat. 325M.14",
    version="2026-11-22",
    effective_from=date(2025, 7, 31),
    sources=(
        Source("Minn. Stat. 325M.14", "https://www.revisor.mn.gov/statutes/cite/325M.14", Evidence.SECONDARY),
        Source(
            "Minn. Stat. 325M.14: the 45 days for an appeal, and 60 more",
            "https://www.revisor.mn.gov/statutes/cite/325M.14",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Minnesota",
    appeal_days=45,
    appeal_extension_days=60,
    # Appeals and the responses to them. They stand in the request's record, so all of it is kept as long.
    keep_record_months=24,
).law()
