"""Laws in the words of the screen and of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.laws.law import ClockKind, IdentityCheck, ReasonKind, Start, Unit

if TYPE_CHECKING:
    from compliance.laws.law import ClockRule, Law, Reason

STARTS = {
    Start.RECEIPT: "receipt",
    Start.COMPLAINT: "the complaint",
    Start.APPEAL: "the appeal",
}
IDENTITY = {
    IdentityCheck.DOES_NOT_STOP: "A check of identity stops no clock.",
    IdentityCheck.MAY_SUSPEND: "A check of identity moves no date; that it suspends the period is arguable.",
    IdentityCheck.RESTARTS: "The clocks start anew on the day of the proof, if it was asked for promptly.",
    IdentityCheck.GATES: "A check of identity moves no date, but without proof nothing has to be done.",
}
REASONS = {
    ReasonKind.GROUND: "Why erasure is due",
    ReasonKind.EXCEPTION: "Why some of the data may stay",
    ReasonKind.REFUSAL: "Why a request may be refused",
    ReasonKind.HOLD: "Why it may have to wait (the clock goes on)",
}
_UNITS = {Unit.MONTHS: "month", Unit.DAYS: "day", Unit.BUSINESS_DAYS: "business day"}


def clock_name(kind: str) -> str:
    """A clock's name for people."""
    return ClockKind(kind).value.replace("_", " ").capitalize()


def period_of(rule: ClockRule) -> str:
    """How long a rule gives, such as "45 days"."""
    return f"{rule.number} {_UNITS[rule.unit]}{'' if rule.number == 1 else 's'}"


def reasons_by_kind(law: Law) -> list[tuple[str, list[Reason]]]:
    """The reason codes of a law under the headings by which people look for them; empty ones are left out."""
    found = [(words, [each for each in law.reasons if each.kind is kind]) for kind, words in REASONS.items()]
    return [(words, reasons) for words, reasons in found if reasons]


def answer_period(law: Law) -> str:
    """How long the law gives for the answer, with what an extension makes of it."""
    answer, extended = law.rule(ClockKind.ANSWER), law.rule(ClockKind.EXTENDED_ANSWER)
    return ", extended ".join(period_of(rule) for rule in (answer, extended) if rule)
