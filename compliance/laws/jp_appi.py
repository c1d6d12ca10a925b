"""Japan: Act on the Protection of Personal Information."""

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

JP_APPI = Law(
    code="JP_APPI",
    name="Japan (APPI)",
    right="Arts. 34 and 35 APPI",
    version="2026-11-22",
    effective_from=date(2022, 4, 1),
    sources=(
        Source(
            "Act on the Protection of Personal Information, Arts. 34 to 39 (29 and 30 before 2022)",
            "https://www.ppc.go.jp/en/legal/",
            Evidence.UNREAD,
        ),
    ),
    clocks=(
        ClockRule(
            kind=ClockKind.ANSWER,
            number=14,
            unit=Unit.DAYS,
            article="Arts. 34 and 35 APPI say without delay; 14 days are a policy (Art. 39: then a court)",
        ),
    ),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says="By a procedure that the company sets, and that is no burden (Art. 37).",
    extension=None,
    fee=Fee("None for erasure; Art. 38 is about disclosure.", "Art. 38 APPI"),
    recourse=(
        "the Personal Information Protection Commission",
        "a court, from two weeks after the request (Art. 39)",
    ),
    refusal_says=("the reasons (Art. 36)",),
    reasons=(
        Reason(
            "JP_NO_GROUND",
            ReasonKind.REFUSAL,
            "None of the grounds for deletion exists",
            "Arts. 34 and 35 APPI",
            (Need.JUSTIFICATION,),
        ),
        Reason(
            "JP_35_ALTERNATIVE",
            ReasonKind.EXCEPTION,
            "Too costly or difficult, and other measures protect the person",
            "Art. 35 APPI",
            (Need.JUSTIFICATION,),
        ),
        Reason("JP_LEGAL_OBLIGATION", ReasonKind.EXCEPTION, "A law wants the data kept", "the statute", KEPT),
        not_identified("JP_37_NOT_IDENTIFIED", "Art. 37 APPI"),
        *HOLDS,
    ),
    notes=("An amendment of the act is under way; counsel has to look whether it is in force.",),
)
