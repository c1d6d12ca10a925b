"""Where proof of identity stands with a request, and what that does to its dates, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.core import clock
from compliance.laws.clocks import arguable_answer, asked_promptly
from compliance.laws.law import IdentityCheck
from compliance.laws.registry import get_law

from .deadlines import identity_of
from .law_words import IDENTITY

if TYPE_CHECKING:
    import datetime as dt

    from compliance.laws.clocks import IdentityDates
    from compliance.laws.law import Law

    from .models import Request


@dataclass(frozen=True)
class Proof:
    """What is noted, and its effect."""

    asked_on: dt.date | None
    proven_on: dt.date | None
    words: str
    #: Until when the answer's period runs if it stood still meanwhile; None where that can't be argued.
    arguable_until: dt.date | None = None


def proof_of(request: Request) -> Proof:
    """Where it stands. Only for a request with a law, known or not."""
    dates = identity_of(request)
    if not request.law:
        words = "While the law isn't known, each date is that of the strictest one."
        return Proof(request.identity_asked_on, request.identity_proven_on, words)
    law = get_law(request.law, request.law_version)
    if dates is None:
        return Proof(None, None, IDENTITY[law.identity])
    arguable_until = arguable_answer(
        law,
        received_on=request.received_on,
        identity=dates,
        today=clock.today(),
        calendar=request.calendar or None,
    )
    return Proof(dates.asked_on, dates.proven_on, _effect(law, request, dates), arguable_until)


def _effect(law: Law, request: Request, dates: IdentityDates) -> str:
    if law.identity in {IdentityCheck.DOES_NOT_STOP, IdentityCheck.GATES}:
        return f"No date has moved. {law.identity_says}"
    if not asked_promptly(request.received_on, dates):
        return "No date has moved: it was asked for too late after receipt."
    if law.identity is IdentityCheck.MAY_SUSPEND:
        return f"No date has moved. {law.identity_says}"
    if dates.proven_on:
        return "The clocks started anew on the day of the proof."
    return "Until the proof comes, the clocks run from receipt; then they start anew."
