"""The model of most state laws of the United States, of which Virginia's was the first.

A state's file names its differences only: what it leaves out is as in Virginia.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.laws.law import (
    ClockKind,
    ClockRule,
    Ending,
    Extension,
    Fee,
    IdentityCheck,
    Law,
    Need,
    Reason,
    ReasonKind,
    Unit,
)
from compliance.laws.reasons import HOLDS, KEPT

if TYPE_CHECKING:
    from datetime import date

    from compliance.laws.law import Source

_EXCEPTION, _REFUSAL = ReasonKind.EXCEPTION, ReasonKind.REFUSAL
_LIMITS = "the act's exemptions and limits"

STATE_REASONS = (
    Reason(
        "ST_NOT_AUTHENTICATED",
        _REFUSAL,
        "It could not be confirmed, with commercially reasonable efforts, who asks",
        "authentication",
        (Need.JUSTIFICATION,),
        ending=Ending.NOT_CONFIRMED,
    ),
    Reason(
        "ST_UNFOUNDED_EXCESSIVE_REPETITIVE",
        _REFUSAL,
        "Manifestly unfounded, excessive or repetitive",
        "fees and refusals",
        (Need.JUSTIFICATION,),
    ),
    Reason("ST_LEGAL_OBLIGATION", _EXCEPTION, "A law wants the data kept", _LIMITS, KEPT),
    Reason("ST_LEGAL_CLAIMS", _EXCEPTION, "Legal claims, made or defended", _LIMITS, KEPT),
    Reason("ST_CONTRACT_REQUESTED_SERVICE", _EXCEPTION, "A service that the consumer asked for", _LIMITS),
    Reason("ST_SECURITY_FRAUD", _EXCEPTION, "Security, or protection against fraud", _LIMITS),
    Reason("ST_RESEARCH_IRB", _EXCEPTION, "Research overseen by a review board", _LIMITS),
    Reason(
        "ST_INTERNAL_REPAIR_RECALL_RD",
        _EXCEPTION,
        "Internal research, a recall, or the repair of technical errors",
        _LIMITS,
    ),
    Reason(
        "ST_PSEUDONYMOUS_SEPARATED",
        _EXCEPTION,
        "Pseudonymous, and what identifies the person is kept apart",
        _LIMITS,
        (Need.EVIDENCE,),
    ),
    Reason("ST_ENTITY_EXEMPT", _REFUSAL, "The act doesn't apply to the company or to this data", "scope"),
)
THIRD_PARTY_REASONS = (
    Reason(
        "ST_THIRD_PARTY_SOURCE_SUPPRESSED",
        _EXCEPTION,
        "From another source: only a record is kept so that the data stays deleted",
        "data from another source",
    ),
    Reason(
        "ST_THIRD_PARTY_SOURCE_OPTED_OUT",
        _EXCEPTION,
        "From another source: the consumer is opted out of all that isn't exempt",
        "data from another source",
    ),
)

AUTHENTICATE = (
    "Commercially reasonable efforts to authenticate. Who can't be authenticated needn't be obeyed, and may "
    "be asked for more; the answer is due within the period all the same."
)
_TIMES = {1: "once", 2: "twice"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VirginiaModel:
    """A state's differences. `article` is where the period to answer stands."""

    code: str
    name: str
    right: str
    article: str
    version: str
    effective_from: date
    sources: tuple[Source, ...]
    regulator: str
    answer_days: int = 45
    extension_days: int = 45
    free_per_year: int = 2
    #: None where no appeal to the company is known.
    appeal_days: int | None = 60
    #: How much longer the decision about an appeal may take; None where it may not.
    appeal_extension_days: int | None = None
    appeal_article: str = ""
    identity_says: str = AUTHENTICATE
    reaches: str = "Personal data that the consumer provided, and that was obtained about the consumer."
    refusal_says: tuple[str, ...] = ("the justification",)
    reasons: tuple[Reason, ...] = (*STATE_REASONS, *THIRD_PARTY_REASONS)
    more_clocks: tuple[ClockRule, ...] = ()
    tells: tuple[str, ...] = ("processors",)
    notes: tuple[str, ...] = ()
    keep_record_months: int | None = None

    def law(self) -> Law:
        """The law, whole."""
        how_to_appeal = ("how to appeal",) if self.appeal_days else ()
        return Law(
            code=self.code,
            name=self.name,
            right=self.right,
            version=self.version,
            effective_from=self.effective_from,
            sources=self.sources,
            clocks=(*self._clocks(), *self.more_clocks, *self._appeal_clocks()),
            identity=IdentityCheck.GATES,
            identity_says=self.identity_says,
            extension=Extension(
                "reasonably necessary, for the complexity and number of the consumer's requests"
            ),
            fee=self._fee(),
            recourse=(f"a complaint to {self.regulator}",),
            refusal_says=(*self.refusal_says, *how_to_appeal),
            reasons=(*self.reasons, *HOLDS),
            reaches=self.reaches,
            tells=self.tells,
            notes=self.notes,
            keep_record_months=self.keep_record_months,
        )

    def _clocks(self) -> tuple[ClockRule, ...]:
        extended = self.answer_days + self.extension_days
        return (
            self._days(ClockKind.EXTENSION_NOTICE, self.answer_days, self.article),
            self._days(ClockKind.ANSWER, self.answer_days, self.article),
            self._days(ClockKind.EXTENDED_ANSWER, extended, self.article),
        )

    def _appeal_clocks(self) -> tuple[ClockRule, ...]:
        if self.appeal_days is None:
            return ()
        article = self.appeal_article or self.article
        clocks = (self._days(ClockKind.APPEAL_ANSWER, self.appeal_days, article),)
        if self.appeal_extension_days is None:
            return clocks
        longest = self.appeal_days + self.appeal_extension_days
        return (*clocks, self._days(ClockKind.EXTENDED_APPEAL_ANSWER, longest, article))

    def _days(self, kind: ClockKind, number: int, article: str) -> ClockRule:
        return ClockRule(kind=kind, number=number, unit=Unit.DAYS, article=article)

    def _fee(self) -> Fee:
        return Fee(
            f"Free {_TIMES[self.free_per_year]} in twelve months; then, or where manifestly unfounded, "
            "excessive or repetitive, a reasonable fee or a refusal, which the company has to justify.",
            self.article,
            free_per_year=self.free_per_year,
        )
