"""Australia: Privacy Act 1988, with the Australian Privacy Principles. It knows no right to erasure."""

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

AU_APP = Law(
    code="AU_APP",
    name="Australia (Privacy Act)",
    right="APP 11.2 and 13: no right to erasure",
    version="2026-11-22",
    effective_from=date(2014, 3, 12),
    sources=(
        Source(
            "Australian Privacy Principles 11.2 and 13",
            "https://www.oaic.gov.au/privacy/australian-privacy-principles",
            Evidence.SECONDARY,
        ),
    ),
    clocks=(
        ClockRule(
            kind=ClockKind.ANSWER,
            number=30,
            unit=Unit.DAYS,
            article="APP 13 says a reasonable period; 30 days are a policy",
        ),
    ),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says="Reasonable steps to know who asks.",
    extension=None,
    fee=Fee("Free.", "APP 13.5"),
    recourse=("a complaint to the Office of the Australian Information Commissioner",),
    refusal_says=("the reasons, in writing", "how to complain"),
    reasons=(
        Reason(
            "AU_11_2_STILL_NEEDED",
            ReasonKind.EXCEPTION,
            "The data is still needed for a permitted purpose",
            "APP 11.2",
            (Need.JUSTIFICATION,),
        ),
        Reason("AU_11_2_LAW", ReasonKind.EXCEPTION, "A law or a court wants the data kept", "APP 11.2", KEPT),
        Reason("AU_NO_RIGHT", ReasonKind.REFUSAL, "The act gives no right to erasure", "Privacy Act 1988"),
        not_identified("AU_NOT_IDENTIFIED", "APP 13"),
        *HOLDS,
    ),
    reaches=(
        "Data that is no longer needed is destroyed or de-identified (APP 11.2); wrong data is corrected "
        "(APP 13)."
    ),
    notes=("A right to erasure is proposed; counsel has to look whether it is law.",),
)
