"""Counting periods: pure functions of dates.

The start is day 0 everywhere: Reg. 1182/71 Art. 3(1), California's Code of Civil Procedure 12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count, islice

from dateutil.relativedelta import relativedelta

Counts = Callable[[date], bool]
"""Says whether a day counts: as a working day to roll to, or as a business day of a period."""

_SATURDAY = 5


def is_weekday(day: date) -> bool:
    """Whether `day` is Monday to Friday, whatever the holidays."""
    return day.weekday() < _SATURDAY


def add_months(start: date, number: int) -> date:
    """Return the same day of the month `number` months on, or that month's last day if it has no such day.

    Reg. 1182/71 Art. 3(2)(c). Always add from the original date: 31 January + 3 months is 30 April, while
    1 month and then 2 more give 28 April.
    """
    return start + relativedelta(months=number)


def add_days(start: date, number: int) -> date:
    """Return the day `number` calendar days after `start`."""
    return start + timedelta(days=number)


def add_business_days(start: date, number: int, *, counts: Counts) -> date:
    """Return the `number`th (from 1) day after `start` that counts."""
    days_that_count = (day for day in _days_after(start) if counts(day))
    return next(islice(days_that_count, number - 1, None))


def roll_forward(day: date, *, working: Counts | None) -> date:
    """Return `day` or the next working day; `day` itself where the calendar is not known.

    Reg. 1182/71 Art. 3(4). Not to roll is the earlier date, so the safe answer to not knowing.
    """
    if working is None or working(day):
        return day
    return add_business_days(day, 1, counts=working)


def _days_after(start: date) -> Iterator[date]:
    return (add_days(start, offset) for offset in count(1))
