"""Oklahoma: Data Privacy Act, in force from 2027."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_OK = VirginiaModel(
    code="US_OK",
    name="Oklahoma (ODPA)",
    right="Oklahoma Data Privacy Act (SB 546 of 2026)",
    article="Oklahoma Data Privacy Act (SB 546 of 2026)",
    version="2026-11-22",
    effective_from=date(2027, 1, 1),
    sources=(
        Source(
            "Oklahoma Data Privacy Act (SB 546 of 2026)",
            "https://www.oklegislature.gov/BillInfo.aspx?Bill=SB546&Session=2600",
            Evidence.SECONDARY,
        ),
    ),
    regulator="the Attorney General of Oklahoma",
).law()
