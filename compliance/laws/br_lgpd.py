"""Brazil: Lei Geral de Proteção de Dados."""

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

_TEXT = "https://www.planalto.gov.br/ccivil_03/_ato2015-2018/2018/lei/l13709.htm"

BR_LGPD = Law(
    code="BR_LGPD",
    name="Brazil (LGPD)",
    right="Art. 18, IV and VI LGPD",
    version="2026-11-22",
    effective_from=date(2020, 9, 18),
    sources=(
        Source("Lei 13.709/2018, Art. 18", _TEXT, Evidence.TEXT),
        Source("Lei 13.709/2018, Arts. 16 and 19", _TEXT, Evidence.UNREAD),
    ),
    clocks=(
        ClockRule(
            kind=ClockKind.ANSWER,
            number=15,
            unit=Unit.DAYS,
            article="Art. 18 par. 4 LGPD says immediately; 15 days are a policy (Art. 19, access)",
        ),
    ),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says="A representative has to be legally constituted. The law is silent about the clock.",
    extension=None,
    fee=Fee("Free.", "Art. 18 par. 5 LGPD"),
    recourse=("a petition to the ANPD", "consumer protection bodies"),
    refusal_says=("the reasons of fact or of law",),
    reasons=(
        Reason(
            "BR_16_I_LEGAL_OBLIGATION", ReasonKind.EXCEPTION, "A legal duty to keep", "Art. 16, I LGPD", KEPT
        ),
        Reason("BR_16_II_RESEARCH", ReasonKind.EXCEPTION, "Study by a research body", "Art. 16, II LGPD"),
        Reason(
            "BR_16_III_TRANSFER",
            ReasonKind.EXCEPTION,
            "Lawful transfer to a third party",
            "Art. 16, III LGPD",
        ),
        Reason(
            "BR_16_IV_ANONYMISED",
            ReasonKind.EXCEPTION,
            "Anonymised, and used by the company alone",
            "Art. 16, IV LGPD",
            (Need.EVIDENCE,),
        ),
        Reason(
            "BR_18_4_NOT_AGENT",
            ReasonKind.REFUSAL,
            "Another company processes the data",
            "Art. 18 par. 4, I LGPD",
        ),
        Reason(
            "BR_18_4_REASONS",
            ReasonKind.REFUSAL,
            "Reasons of fact or of law prevent it for now",
            "Art. 18 par. 4, II LGPD",
            (Need.JUSTIFICATION,),
        ),
        not_identified("BR_NOT_IDENTIFIED", "Art. 18 par. 3 LGPD"),
        *HOLDS,
    ),
    tells=("those with whom the data was shared, immediately (Art. 18 par. 6)",),
    notes=("A regulation of the ANPD on these rights is pending; counsel has to look whether it is out.",),
)
