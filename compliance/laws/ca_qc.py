"""Quebec: Act respecting the protection of personal information in the private sector (P-39.1)."""

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
from compliance.laws.reasons import HOLDS, KEPT, access_pending, not_identified

_TEXT = "https://www.legisquebec.gouv.qc.ca/en/document/cs/P-39.1"

CA_QC = Law(
    code="CA_QC",
    name="Quebec",
    right="ss. 28 and 28.1 P-39.1",
    version="2026-11-22",
    # Law 25, with s. 28.1.
    effective_from=date(2023, 9, 22),
    sources=(
        Source("P-39.1, ss. 28, 28.1 and 32", _TEXT, Evidence.SECONDARY),
        Source("P-39.1, ss. 30, 34 and 36", _TEXT, Evidence.UNREAD),
    ),
    clocks=(ClockRule(kind=ClockKind.ANSWER, number=30, unit=Unit.DAYS, article="s. 32 P-39.1"),),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says="Who asks has to prove who they are (s. 30). The law is silent about the clock.",
    extension=None,
    fee=Fee("Free; the cost of copies only.", "s. 33 P-39.1"),
    recourse=("the Commission d'accès à l'information, within 30 days",),
    refusal_says=("the reasons, in writing", "the provision", "the remedies, and their time limit"),
    reasons=(
        Reason(
            "QC_28_AUTHORISED",
            ReasonKind.REFUSAL,
            "The law authorises to collect and keep the data",
            "s. 28 P-39.1",
            (Need.STATUTE, Need.JUSTIFICATION),
        ),
        Reason(
            "QC_LEGAL_OBLIGATION", ReasonKind.EXCEPTION, "A law wants the data kept", "s. 28 P-39.1", KEPT
        ),
        not_identified("QC_30_IDENTITY_NOT_PROVEN", "s. 30 P-39.1"),
        *HOLDS,
        access_pending("s. 36 P-39.1"),
    ),
    reaches=(
        "Data whose collection or keeping the law doesn't authorise (s. 28). S. 28.1 is about no longer "
        "spreading or indexing data."
    ),
    notes=(
        "The clock starts with a written request.",
        "Silence counts as a refusal (s. 32). There is no extension.",
        "What a request is about is kept while recourse runs (s. 36).",
    ),
)
