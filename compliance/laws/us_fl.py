"""Florida: Digital Bill of Rights."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import ClockKind, ClockRule, Evidence, Source, Unit
from compliance.laws.virginia_model import VirginiaModel

US_FL = VirginiaModel(
    code="US_FL",
    name="Florida (FDBR)",
    right="Fla. Stat. 501.705",
    article="Fla. Stat. 501.706",
    version="2026-11-22",
    effective_from=date(2024, 7, 1),
    sources=(
        Source("Fla. Stat. 501.706", "https://www.flsenate.gov/Laws/Statutes/2024/501.706", Evidence.TEXT),
        Source(
            "Fla. Stat. 501.707: the 60 days for an appeal",
            "https://www.flsenate.gov/Laws/Statutes/2024/501.707",
            Evidence.SECONDARY,
        ),
    ),
    regulator="the Department of Legal Affairs of Florida",
    extension_days=15,
    appeal_article="Fla. Stat. 501.707",
    identity_says=(
        "A reasonable effort to ask for what is missing; the answer is due within the period all the same."
    ),
    notes=("Only for companies with more than a billion dollars of yearly revenue.",),
    more_clocks=(
        ClockRule(kind=ClockKind.COMPLIANCE_NOTICE, number=60, unit=Unit.DAYS, article="Fla. Stat. 501.706"),
    ),
).law()
