"""India: Digital Personal Data Protection Act 2023, with the rules of 2025. In force from May 2027."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import (
    ClockKind,
    ClockRule,
    Evidence,
    Fee,
    IdentityCheck,
    Law,
    Need,
    Reason,
    ReasonKind,
    Source,
    Unit,
)
from compliance.laws.reasons import HOLDS, KEPT, not_identified

IN_DPDP = Law(
    code="IN_DPDP",
    name="India (DPDP)",
    right="s. 12 DPDP Act",
    version="2026-11-22",
    # 13 or 14 May: the earlier day is the safe one.
    effective_from=date(2027, 5, 13),
    sources=(
        Source(
            "Digital Personal Data Protection Act 2023, and Rules 8 and 14 of 2025",
            "https://www.meity.gov.in/documents/act-and-policies",
            Evidence.SECONDARY,
        ),
    ),
    clocks=(
        ClockRule(
            kind=ClockKind.ANSWER,
            number=90,
            unit=Unit.DAYS,
            article="Rule 14 DPDP Rules: the period that the company has published, 90 days at most",
        ),
    ),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says="By the means, and with the identifiers, that the company has published.",
    extension=None,
    fee=Fee("Free.", "s. 12 DPDP Act"),
    recourse=("the company's grievance procedure", "the Data Protection Board of India"),
    refusal_says=("the reasons", "how to raise a grievance"),
    reasons=(
        Reason(
            "IN_12_3_PURPOSE",
            ReasonKind.EXCEPTION,
            "The data is still needed for the purpose named",
            "s. 12(3) DPDP Act",
            (Need.JUSTIFICATION,),
        ),
        Reason("IN_12_3_LAW", ReasonKind.EXCEPTION, "A law wants the data kept", "s. 12(3) DPDP Act", KEPT),
        not_identified("IN_NOT_IDENTIFIED", "Rule 14 DPDP Rules"),
        *HOLDS,
        Reason(
            "H_IN_1Y_LOGS",
            ReasonKind.HOLD,
            "Personal data, traffic data and logs are kept for a year",
            "Rule 8(3) DPDP Rules",
            (Need.END_DATE,),
            Evidence.SECONDARY,
        ),
    ),
    notes=(
        "A company that has published a shorter period has to keep to that one.",
        "How the year of Rule 8(3) meets a request for erasure is still to be read by counsel.",
    ),
)
