"""Colorado: Privacy Act, with the rules of its Attorney General."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_CO = VirginiaModel(
    code="US_CO",
    name="Colorado (CPA)",
    right="C.R.S. 6-1-1306(1)(d)",
    article="C.R.S. 6-1-1306(2)(a)",
    version="2026-11-22",
    effective_from=date(2023, 7, 1),
    sources=(
        Source(
            "4 CCR 904-3, Rules 4.06 and 6.11: deletion, and the keeping of records",
            "https://coag.gov/resources/colorado-privacy-act/",
            Evidence.TEXT,
        ),
        Source(
            "C.R.S. 6-1-1306: periods, and appeals",
            "https://leg.colorado.gov/colorado-revised-statutes",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Colorado",
    free_per_year=1,
    appeal_days=45,
    appeal_extension_days=60,
    appeal_article="C.R.S. 6-1-1306(3)",
    refusal_says=(
        "the justification",
        "the categories of data that were not deleted, with the exception (Rule 4.06(E))",
    ),
    notes=("Backups may wait until they are restored or next used (Rule 4.06).",),
    # Rule 6.11, appeals included.
    keep_record_months=24,
).law()
