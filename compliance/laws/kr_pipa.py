"""Korea: Personal Information Protection Act, with its enforcement decree."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import (
    ClockKind,
    ClockRule,
    Evidence,
    Fee,
    IdentityCheck,
    Law,
    Reason,
    ReasonKind,
    Source,
    Unit,
)
from compliance.laws.reasons import HOLDS, KEPT, not_identified

KR_PIPA = Law(
    code="KR_PIPA",
    name="Korea (PIPA)",
    right="Art. 36 PIPA",
    version="2026-11-22",
    # The amended act and decree.
    effective_from=date(2023, 9, 15),
    sources=(
        Source(
            "Personal Information Protection Act, Art. 36",
            "https://www.law.go.kr/eng/engLsSc.do?query=personal+information+protection+act",
            Evidence.TEXT,
        ),
        Source(
            "Enforcement Decree, Art. 43",
            "https://www.law.go.kr/eng/engLsSc.do?query=personal+information+protection+act",
            Evidence.TEXT,
        ),
        Source(
            "Personal Information Protection Act, Art. 38",
            "https://www.law.go.kr/eng/engLsSc.do?query=personal+information+protection+act",
            Evidence.UNREAD,
        ),
    ),
    clocks=(
        ClockRule(
            kind=ClockKind.ANSWER, number=10, unit=Unit.DAYS, article="Art. 43(3) Enforcement Decree, PIPA"
        ),
    ),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says=(
        "By a published method that is no harder than the collection was; evidence may be asked for (Art. "
        "36(5)). The law is silent about the clock."
    ),
    extension=None,
    fee=Fee("The actual cost at most.", "Art. 38 PIPA"),
    recourse=("the company's objection procedure", "the Personal Information Protection Commission"),
    refusal_says=("that it is refused", "the grounds", "how to object"),
    reasons=(
        Reason(
            "KR_36_1_OTHER_STATUTE",
            ReasonKind.EXCEPTION,
            "Another statute names this data as to be collected",
            "Art. 36(1) PIPA",
            KEPT,
        ),
        not_identified("KR_NOT_IDENTIFIED", "Art. 38 PIPA"),
        *HOLDS,
    ),
    tells=("processors",),
    notes=("What is deleted must not be able to be recovered or revived (Art. 36(3)).",),
)
