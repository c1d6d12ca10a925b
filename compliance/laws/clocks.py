"""A law's clocks from a start date: two dates each, never one.

`legal` is the last lawful day on the best reading, `safe` the strictest reading. Work is planned by `safe`,
lateness judged by `legal`. Dates are local ones of the controller's establishment.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from compliance.laws.calendars import working_days
from compliance.laws.counting import add_business_days, add_days, add_months, is_weekday, roll_forward
from compliance.laws.law import Clock, ClockKind, ClockRule, Law, Start, Unit

if TYPE_CHECKING:
    from datetime import date

    from compliance.laws.counting import Counts

VENDOR_DAYS = 21
"""Calendar days that the vendor may take; a setting of the caller, this is what it starts from."""


def clocks_for(law: Law, *, received_on: date, calendar: str | None = None) -> tuple[Clock, ...]:
    """Return the clocks that a request's receipt starts, in the order of the law's file.

    `calendar` is a code of `law.calendars`; with None or any other code nothing rolls. An identity check is
    not taken into account: a date given here is never later than with one.
    """
    working = _rolling_days(law, calendar)
    return tuple(
        _clock(rule, started_on=received_on, working=working)
        for rule in law.clocks
        if rule.start is Start.RECEIPT and rule.is_law_on(received_on)
    )


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
