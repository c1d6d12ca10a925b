"""Washington: My Health My Data Act."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import Evidence, Source
from compliance.laws.virginia_model import VirginiaModel

US_WA_MHMD = VirginiaModel(
    code="US_WA_MHMD",
    name="Washington (health data)",
    right="RCW 19.373.040(1)(c)",
    article="RCW 19.373.040",
    version="2026-11-22",
    effective_from=date(2024, 3, 31),
    sources=(
        Source(
            "RCW 19.373.040", "https://app.leg.wa.gov/RCW/default.aspx?cite=19.373.040", Evidence.SECONDARY
        ),
        Source(
            "RCW 19.373.040: the six months for backups",
            "https://app.leg.wa.gov/RCW/default.aspx?cite=19.373.040",
            Evidence.UNREAD,
        ),
    ),
    regulator="the Attorney General of Washington",
    appeal_days=45,
    identity_says=(
        "Commercially reasonable efforts to authenticate. Who can't be authenticated needn't be obeyed; the "
        "answer is due within the period all the same."
    ),
    reaches="Consumer health data, also where it is only inferred.",
    tells=(
        "affiliates",
        "processors",
        "contractors",
        "other third parties with whom the data was shared",
    ),
    notes=(
        "Data in backups goes within six months.",
        "A consumer may sue the company.",
    ),
).law()
