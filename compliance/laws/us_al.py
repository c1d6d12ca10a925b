"""Alabama: Act 2026-552, in force from May 2027."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_AL = VirginiaModel(
    code="US_AL",
    name="Alabama",
    right="Ala. Act 2026-552",
    article="Ala. Act 2026-552",
    version="2026-11-22",
    effective_from=date(2027, 5, 1),
    sources=(Source("Alabama Act 2026-552", "https://www.legislature.state.al.us/", Evidence.SECONDARY),),
    regulator="the Attorney General of Alabama",
    appeal_days=None,
    notes=("Counsel still has to read whether there is an appeal to the company, and its period.",),
).law()
