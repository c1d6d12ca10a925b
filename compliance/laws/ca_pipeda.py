"""Canada: Personal Information Protection and Electronic Documents Act."""

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
from compliance.laws.reasons import HOLDS, KEPT, access_pending, not_identified

CA_PIPEDA = Law(
    code="CA_PIPEDA",
    name="Canada (PIPEDA)",
    right="Schedule 1, 4.9.5, 4.3.8 and 4.5.3 PIPEDA",
    version="2026-11-22",
    effective_from=date(2004, 1, 1),
    sources=(
        Source(
            "PIPEDA, s. 8", "https://laws-lois.justice.gc.ca/eng/acts/P-8.6/section-8.html", Evidence.TEXT
        ),
        Source(
            "PIPEDA, Schedule 1, 4.3.8, 4.5.3 and 4.9.5",
            "https://laws-lois.justice.gc.ca/eng/acts/P-8.6/page-7.html",
            Evidence.UNREAD,
        ),
    ),
    clocks=(
        ClockRule(kind=ClockKind.EXTENSION_NOTICE, number=30, unit=Unit.DAYS, article="s. 8(4) PIPEDA"),
        ClockRule(kind=ClockKind.ANSWER, number=30, unit=Unit.DAYS, article="s. 8(3) PIPEDA"),
        ClockRule(kind=ClockKind.EXTENDED_ANSWER, number=60, unit=Unit.DAYS, article="s. 8(4) PIPEDA"),
    ),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says=(
        "Only what it takes to find the data and to know who asks. The law is silent about the clock."
    ),
    extension=Extension(
        "meeting the period would unreasonably interfere with the work, or consultations take longer (s. "
        "8(4))",
        (
            "the new date",
            "the reasons",
            "the right to complain to the Privacy Commissioner about the extension",
        ),
        (
            ExtensionGround("INTERFERENCE", "Meeting the period would unreasonably interfere with the work"),
            ExtensionGround("CONSULTATIONS", "Consultations take longer than the period"),
        ),
    ),
    fee=Fee("Minimal, and only if the person was told and did not withdraw.", "s. 8(6) PIPEDA"),
    recourse=("a complaint to the Privacy Commissioner of Canada",),
    refusal_says=("the reasons, in writing", "the recourse that the person has"),
    reasons=(
        Reason(
            "PIPEDA_4_3_8_LEGAL_OR_CONTRACTUAL",
            ReasonKind.EXCEPTION,
            "Legal or contractual restrictions on withdrawing consent",
            "Schedule 1, 4.3.8",
            KEPT,
        ),
        Reason(
            "PIPEDA_4_5_3_STILL_NEEDED",
            ReasonKind.EXCEPTION,
            "The data is still needed for its purpose",
            "Schedule 1, 4.5.3",
            (Need.JUSTIFICATION,),
        ),
        Reason(
            "PIPEDA_4_9_5_ACCURATE",
            ReasonKind.REFUSAL,
            "The data is accurate and complete, and consent stands",
            "Schedule 1, 4.9.5",
            (Need.JUSTIFICATION,),
        ),
        not_identified("PIPEDA_NOT_IDENTIFIED", "Schedule 1, 4.9.2"),
        *HOLDS,
        access_pending("s. 8(8) PIPEDA", Evidence.TEXT),
    ),
    reaches=(
        "There is no free-standing right: deletion follows from a correction (4.9.5), a withdrawn consent "
        "(4.3.8), or because the data is no longer needed (4.5.3)."
    ),
    notes=(
        "The clock starts with a written request.",
        "Silence counts as a refusal (s. 8(5)).",
        "What a request is about is kept until all recourse is exhausted (s. 8(8)).",
    ),
)
