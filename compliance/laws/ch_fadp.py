"""Switzerland: Federal Act on Data Protection, with its ordinance (DPO)."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import (
    ClockKind,
    ClockRule,
    Evidence,
    Extension,
    ExtensionGround,
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

_ARTICLE = "Art. 18 DPO (access), by analogy: no period is fixed for erasure"

CH_FADP = Law(
    code="CH_FADP",
    name="Swiss FADP",
    right="Art. 32(2)(c) FADP",
    version="2026-11-22",
    effective_from=date(2023, 9, 1),
    sources=(
        Source(
            "Federal Act on Data Protection, Art. 32(2)(c)",
            "https://www.fedlex.admin.ch/eli/cc/2022/491/en",
            Evidence.UNREAD,
        ),
        Source(
            "Data Protection Ordinance, Arts. 16, 18 and 19",
            "https://www.fedlex.admin.ch/eli/cc/2022/568/en",
            Evidence.TEXT,
        ),
    ),
    # Nothing rolls: no rule of the federation or of a canton is known that would move this date.
    clocks=(
        ClockRule(kind=ClockKind.EXTENSION_NOTICE, number=30, unit=Unit.DAYS, article=_ARTICLE),
        ClockRule(kind=ClockKind.ANSWER, number=30, unit=Unit.DAYS, article=_ARTICLE),
    ),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says="Reasonable measures to identify the person, who has to cooperate (Art. 16(5) DPO).",
    extension=Extension(
        "not possible within 30 days (Art. 18(2) DPO)",
        ("the new date",),
        (ExtensionGround("NOT_POSSIBLE", "Not possible within 30 days"),),
    ),
    fee=Fee("Free. For access up to CHF 300 where the effort is disproportionate.", "Art. 19 DPO"),
    recourse=(
        "a civil court (Art. 32 FADP with Art. 28 and following of the Civil Code)",
        "a report to the FDPIC",
    ),
    refusal_says=("the reasons",),
    reasons=(
        Reason(
            "CH_31_LAW", ReasonKind.EXCEPTION, "A law justifies keeping the data", "Art. 31(1) FADP", KEPT
        ),
        Reason(
            "CH_31_OVERRIDING_INTEREST",
            ReasonKind.EXCEPTION,
            "An overriding private or public interest",
            "Art. 31 FADP",
            (Need.JUSTIFICATION,),
        ),
        not_identified("CH_16_NOT_IDENTIFIED", "Art. 16(5) DPO"),
        *HOLDS,
    ),
    tells=("processors",),
    notes=("The law names no length for an extension: the notice names the new date.",),
)
