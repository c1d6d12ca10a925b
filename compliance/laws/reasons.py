"""Reason codes that several laws share. Each law's file says which it allows.

"Analytics is useful" is no reason, so there is no code for it.
"""

from __future__ import annotations

from compliance.laws.law import Ending, Evidence, Need, Reason, ReasonKind

#: Data stays, so it is said by which provision, and until when.
KEPT = (Need.STATUTE, Need.END_DATE)

_GROUND, _EXCEPTION, _REFUSAL = ReasonKind.GROUND, ReasonKind.EXCEPTION, ReasonKind.REFUSAL
_HOLD = ReasonKind.HOLD

GDPR_GROUNDS = (
    Reason("G_A_NOT_NECESSARY", _GROUND, "The data is no longer needed for its purpose", "Art. 17(1)(a)"),
    Reason(
        "G_B_CONSENT_WITHDRAWN", _GROUND, "Consent was withdrawn, and it was the only basis", "Art. 17(1)(b)"
    ),
    Reason("G_C_OBJECTION", _GROUND, "The person objects, and nothing overrides it", "Arts. 17(1)(c) and 21"),
    Reason("G_D_UNLAWFUL", _GROUND, "The data was processed unlawfully", "Art. 17(1)(d)"),
    Reason("G_E_LEGAL_DUTY_TO_ERASE", _GROUND, "A law wants the data erased", "Art. 17(1)(e)"),
    Reason("G_F_CHILD_ISS", _GROUND, "Collected from a child for an online service", "Art. 17(1)(f)"),
)

GDPR_REASONS = (
    Reason("X_A_EXPRESSION", _EXCEPTION, "Freedom of expression and information", "Art. 17(3)(a)", KEPT),
    Reason(
        "X_B_LEGAL_OBLIGATION_OR_PUBLIC_TASK",
        _EXCEPTION,
        "A legal obligation to keep the data, or a public task",
        "Art. 17(3)(b)",
        KEPT,
    ),
    Reason("X_C_PUBLIC_HEALTH", _EXCEPTION, "Public health", "Art. 17(3)(c)", KEPT),
    Reason(
        "X_D_ARCHIVE_RESEARCH_STATS",
        _EXCEPTION,
        "Archives, research or statistics, which erasure would seriously impair",
        "Art. 17(3)(d)",
        KEPT,
    ),
    Reason("X_E_LEGAL_CLAIMS", _EXCEPTION, "Legal claims, made or defended", "Art. 17(3)(e)", KEPT),
    Reason("R_12_5_UNFOUNDED", _REFUSAL, "Manifestly unfounded", "Art. 12(5)", (Need.JUSTIFICATION,)),
    Reason("R_12_5_EXCESSIVE", _REFUSAL, "Manifestly excessive", "Art. 12(5)", (Need.JUSTIFICATION,)),
    Reason(
        "R_11_2_NOT_IDENTIFIABLE",
        _REFUSAL,
        "The person can't be identified in the data, which is shown",
        "Arts. 11(2) and 12(2)",
        (Need.EVIDENCE,),
        ending=Ending.NOT_IDENTIFIABLE,
    ),
    Reason(
        "R_12_6_ID_NOT_CONFIRMED",
        _REFUSAL,
        "Reasonable doubts about who asks were not removed",
        "Art. 12(6)",
        (Need.JUSTIFICATION,),
        ending=Ending.NOT_CONFIRMED,
    ),
    Reason("R_NO_GROUND_17_1", _REFUSAL, "None of the grounds exists", "Art. 17(1)", (Need.JUSTIFICATION,)),
    Reason("R_NATIONAL_LAW_23", _EXCEPTION, "National law limits the right", "Art. 23", KEPT),
    Reason("R_NOT_CONTROLLER", _REFUSAL, "Another company decides about the data", "Arts. 4(7) and 28"),
)

HOLDS = (
    Reason("H_LITIGATION", _HOLD, "A lawsuit, or one to be expected", "duty to preserve evidence"),
    Reason("H_REGULATOR_ORDER", _HOLD, "A regulator or court orders to keep the data", "the order"),
    Reason(
        "H_TAX_COMMERCIAL_RETENTION", _HOLD, "Tax or commercial law wants the data kept", "the statute", KEPT
    ),
)

ACCESS_FIRST = "The person has asked for access, too, and that comes first"
RESTRICTION_ASKED = Reason(
    "H_SUBJECT_ASKED_RESTRICTION",
    _HOLD,
    "The person wants the data restricted instead of erased",
    "Art. 18(1)(b) and (c)",
)


def access_pending(provision: str, evidence: Evidence = Evidence.UNREAD) -> Reason:
    """The hold while a request for access, or the recourse about it, is under way."""
    return Reason("H_PENDING_ACCESS_REQUEST", _HOLD, ACCESS_FIRST, provision, evidence=evidence)


def not_identified(code: str, provision: str) -> Reason:
    """The refusal of whoever could not be told to be the person."""
    meaning, needs = "It could not be confirmed who asks", (Need.JUSTIFICATION,)
    return Reason(code, _REFUSAL, meaning, provision, needs, ending=Ending.NOT_CONFIRMED)
