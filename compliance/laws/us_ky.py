"""Kentucky: Consumer Data Protection Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_KY = VirginiaModel(
    code="US_KY",
    name="Kentucky (KCDPA)",
    right="KRS 367.3615",
    article="KRS 367.3615",
    version="2026-11-22",
    effective_from=date(2026, 1, 1),
    sources=(
        Source(
            "KRS 367.3615: the 45 days",
            "https://apps.legislature.ky.gov/law/statutes/chapter.aspx?id=39092",
            Evidence.SECONDARY,
        ),
        Source(
            "KRS 367.3615: the rest",
            "https://apps.legislature.ky.gov/law/statutes/chapter.aspx?id=39092",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Kentucky",
).law()
