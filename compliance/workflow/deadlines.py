"""The clocks of a request."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.core import clock as time
from compliance.core.errors import Refused
from compliance.laws import clocks as counting
from compliance.laws.calendars import CALENDARS, working_days
from compliance.laws.law import ClockKind
from compliance.laws.registry import all_laws, get_law

from .models import Clock

if TYPE_CHECKING:
    from compliance.laws.law import Clock as CountedClock
    from compliance.laws.law import Law

OLDEST_RECEIPT_YEARS = 5
SATURDAY = 5


def selectable_laws() -> list[Law]:
    """The laws that a request may be opened under today."""
    return [law for law in all_laws() if law.is_selectable_on(time.today())]


def counted_clocks(*, law: str, calendar: str, received_on: dt.date) -> list[CountedClock]:
    """The clocks that run from receipt. While the law isn't known: of each kind, the earliest of all laws."""
    laws = [get_law(law)] if law else selectable_laws()
    counted = [
        clock
        for one in laws
        for clock in counting.clocks_for(one, received_on=received_on, calendar=calendar or None)
    ]
    earliest: dict[ClockKind, CountedClock] = {}
    for clock in sorted(counted, key=lambda clock: (clock.safe, clock.legal)):
        earliest.setdefault(clock.kind, clock)
    return list(earliest.values())


def rows_for(counted: list[CountedClock]) -> list[Clock]:
    """Unsaved rows of the clocks, with the date by which each must be acted upon."""
    return [
        Clock(
            kind=clock.kind,
            legal=clock.legal,
            safe=clock.safe,
            send_by=_send_by(clock),
            article=clock.article,
        )
        for clock in counted
    ]


def order_by_date(rows: list[Clock]) -> dt.date:
    """The day by which the order has to reach Pendo: the answer's."""
    return min(row.send_by for row in rows if row.kind == ClockKind.ANSWER)


def next_working_day(today: dt.date, *, calendar: str = "") -> dt.date:
    """The first day after today with people at work: Monday to Friday, no holiday of the calendar."""
    counts = working_days(calendar)
    day = today + dt.timedelta(days=1)
    while day.weekday() >= SATURDAY or (counts and not counts(day)):
        day += dt.timedelta(days=1)
    return day


def next_working_days(today: dt.date) -> dict[dt.date, list[str]]:
    """For each such day, the calendars whose it is; without a calendar ("") as with one without holidays."""
    days: dict[dt.date, list[str]] = {}
    for calendar in ("", *CALENDARS):
        days.setdefault(next_working_day(today, calendar=calendar), []).append(calendar)
    return days


def refuse_bad_receipt(received_on: dt.date) -> None:
    """Raises `Refused` for a receipt in the future or long ago."""
    today = time.today()
    if received_on > today:
        raise Refused("The receipt date lies in the future.")
    if received_on.year < today.year - OLDEST_RECEIPT_YEARS:
        raise Refused(f"The receipt date lies more than {OLDEST_RECEIPT_YEARS} years back. Check the year.")


def _send_by(clock: CountedClock) -> dt.date:
    return counting.send_by(clock, vendor_days=settings.PENDO_COMPLETION_DAYS)
