"""A law's clocks from a start date: two dates each, never one.

`legal` is the last lawful day on the best reading, `safe` the strictest reading. Work is planned by `safe`,
lateness judged by `legal`. Dates are local ones of the controller's establishment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from compliance.laws.calendars import working_days
from compliance.laws.counting import add_business_days, add_days, add_months, is_weekday, roll_forward
from compliance.laws.law import Clock, ClockKind, ClockRule, IdentityCheck, Law, Start, Unit

if TYPE_CHECKING:
    from datetime import date

    from compliance.laws.counting import Counts

VENDOR_DAYS = 21
"""Calendar days that the vendor may take; a setting of the caller, this is what it starts from."""

PROMPT_DAYS = 7
"""Days after receipt within which a proof of identity is asked for promptly enough to move a clock.

No law names a number; whoever asks later than this is not helped by having asked.
"""


@dataclass(frozen=True, slots=True)
class IdentityDates:
    """When a proof of identity was asked for, and when it came."""

    asked_on: date
    proven_on: date | None = None


def clocks_for(
    law: Law, *, received_on: date, calendar: str | None = None, identity: IdentityDates | None = None
) -> tuple[Clock, ...]:
    """Return the clocks that a request's receipt starts, in the order of the law's file.

    `calendar` is a code of `law.calendars`; with None or any other code nothing rolls. A check of identity
    moves a clock only where the law plainly says so.
    """
    working = _rolling_days(law, calendar)
    started_on = clock_start(law, received_on=received_on, identity=identity)
    return tuple(
        _clock(rule, started_on=started_on, working=working)
        for rule in law.clocks
        if rule.kind.start is Start.RECEIPT and rule.is_law_on(started_on)
    )


def clock_start(law: Law, *, received_on: date, identity: IdentityDates | None = None) -> date:
    """Return day 0 of what receipt starts: receipt, or the proof where it was asked promptly and law says so.

    As long as no proof has come, receipt counts: it is the earlier day.
    """
    restarts = law.identity is IdentityCheck.RESTARTS
    if not restarts or identity is None or identity.proven_on is None:
        return received_on
    return identity.proven_on if asked_promptly(received_on, identity) else received_on


def arguable_answer(
    law: Law, *, received_on: date, identity: IdentityDates, today: date, calendar: str | None = None
) -> date | None:
    """Return until when the answer's period runs if it stood still while the proof was awaited.

    None where the law leaves no room for that argument, or the proof was not asked for promptly. Nobody
    should plan by this date.
    """
    rule = law.rule(ClockKind.ANSWER)
    if rule is None or law.identity is not IdentityCheck.MAY_SUSPEND:
        return None
    if not asked_promptly(received_on, identity):
        return None
    waited = (identity.proven_on or today) - identity.asked_on
    working = _rolling_days(law, calendar) if rule.rolls else None
    return roll_forward(_plain(rule, received_on) + waited, working=working)


def asked_promptly(received_on: date, identity: IdentityDates) -> bool:
    """Whether the proof was asked for soon enough after receipt to move a clock."""
    return identity.asked_on <= received_on + timedelta(days=PROMPT_DAYS)


def clock_for(law: Law, kind: ClockKind, *, started_on: date, calendar: str | None = None) -> Clock | None:
    """Return the one clock of `kind`, started by its own event (a complaint, for one) on `started_on`.

    None where the law has no such clock, or had none yet on that day.
    """
    working = _rolling_days(law, calendar)
    for rule in law.clocks:
        if rule.kind is kind and rule.is_law_on(started_on):
            return _clock(rule, started_on=started_on, working=working)
    return None


def send_by(clock: Clock, *, vendor_days: int = VENDOR_DAYS) -> date:
    """Return the last day to act: `safe` less the days the vendor may take, where the clock waits for them.

    Never before the day the clock started: an order cannot have been due before the request came, and a
    period shorter than the vendor's is told best by "due at once". An acknowledgement or a notice of
    extension is a letter only, so its day is `safe` itself. ValueError for negative `vendor_days`.
    """
    if vendor_days < 0:
        raise ValueError(
            f"The days that the vendor may take cannot be negative ({vendor_days}). Set 0 or more."
        )
    if not clock.kind.waits_for_vendor:
        return clock.safe
    return max(clock.safe - timedelta(days=vendor_days), clock.started_on)


def keep_record_until(law: Law, *, answered_on: date) -> date | None:
    """Return the last day on which a request's record must still be there; None where no period is fixed.

    The record may be purged from the day after. For California: 11 CCR 7101(a), at least 24 months.
    """
    if law.keep_record_months is None:
        return None
    return add_months(answered_on, law.keep_record_months)


def _rolling_days(law: Law, calendar: str | None) -> Counts | None:
    return working_days(calendar) if calendar in law.calendars else None


def _clock(rule: ClockRule, *, started_on: date, working: Counts | None) -> Clock:
    return Clock(
        kind=rule.kind,
        started_on=started_on,
        legal=_legal(rule, started_on, working),
        safe=_safe(rule, started_on),
        plain=_plain(rule, started_on),
        article=rule.article,
    )


def _plain(rule: ClockRule, started_on: date) -> date:
    match rule.unit:
        case Unit.MONTHS:
            return add_months(started_on, rule.number)
        case Unit.DAYS:
            return add_days(started_on, rule.number)
        case Unit.BUSINESS_DAYS:
            return add_business_days(started_on, rule.number, counts=is_weekday)


def _legal(rule: ClockRule, started_on: date, working: Counts | None) -> date:
    if rule.unit is Unit.BUSINESS_DAYS:
        return _business_date(rule, started_on, rule.legal_business_days)
    return roll_forward(_plain(rule, started_on), working=working if rule.rolls else None)


def _safe(rule: ClockRule, started_on: date) -> date:
    if rule.unit is Unit.BUSINESS_DAYS:
        return _business_date(rule, started_on, rule.safe_business_days)
    return add_days(_plain(rule, started_on), -1 if rule.safe_counts_receipt_day else 0)


def _business_date(rule: ClockRule, started_on: date, calendar: str | None) -> date:
    return add_business_days(started_on, rule.number, counts=working_days(calendar) or is_weekday)
