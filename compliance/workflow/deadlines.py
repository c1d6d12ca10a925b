"""The clocks of a request."""

from __future__ import annotations

import datetime as dt
from itertools import chain
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.core import clock as time
from compliance.core.errors import Refused
from compliance.laws import clocks as counting
from compliance.laws.calendars import working_days
from compliance.laws.clocks import IdentityDates
from compliance.laws.law import ClockKind, Start
from compliance.laws.registry import get_law, law_on

from .enabled_laws import selectable_laws
from .models import Clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance.laws.law import Clock as CountedClock
    from compliance.laws.law import Law

    from .models import Request

OLDEST_RECEIPT_YEARS = 5
SATURDAY = 5


def counted_clocks(*, law: str, calendar: str, received_on: dt.date) -> list[CountedClock]:
    """The clocks that run from receipt, by the text that applied then.

    While the law isn't known: the strictest of the enabled laws.
    """
    codes = [law] if law else [each.code for each in selectable_laws()]
    texts = [law_on(code, received_on) for code in codes]
    return strictest_clocks(texts, calendar=calendar, received_on=received_on)


def clocks_of(request: Request) -> list[CountedClock]:
    """The clocks of a request as it stands now, by the text that it was opened under."""
    if not request.law:
        texts = [law_on(each.code, request.received_on) for each in selectable_laws()]
    else:
        texts = [get_law(request.law, request.law_version)]
    return strictest_clocks(
        texts,
        calendar=request.calendar,
        received_on=request.received_on,
        identity=identity_of(request),
    )


def strictest_clocks(
    laws: Sequence[Law], *, calendar: str, received_on: dt.date, identity: IdentityDates | None = None
) -> list[CountedClock]:
    """Of each kind the earliest clock of these laws.

    Where one of them gives no more time, nobody may take any: then no clock tells of an extension.
    """
    by_law = [
        counting.clocks_for(law, received_on=received_on, calendar=calendar or None, identity=identity)
        for law in laws
    ]
    in_all = set(ClockKind).intersection(*({clock.kind for clock in clocks} for clocks in by_law))
    earliest: dict[ClockKind, CountedClock] = {}
    for clock in sorted(chain(*by_law), key=lambda clock: (clock.safe, clock.legal)):
        if clock.kind in in_all or not clock.kind.is_of_extension:
            earliest.setdefault(clock.kind, clock)
    return list(earliest.values())


def identity_of(request: Request) -> IdentityDates | None:
    """When proof of identity was asked for, and came; None where it wasn't asked for."""
    if request.identity_asked_on is None:
        return None
    return IdentityDates(asked_on=request.identity_asked_on, proven_on=request.identity_proven_on)


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


def keep_dates(request: Request, rows: list[Clock]) -> None:
    """The request, still to be saved, has the dates of the answer's clock: lists sort and count by them.

    A day that somebody else sets takes the place of the one to order by where it is earlier, never later.
    """
    answer = next(row for row in rows if row.kind == ClockKind.ANSWER)
    request.send_by = min([answer.send_by, *_days_set_by_others(request)])
    request.legal_by = answer.legal


def _days_set_by_others(request: Request) -> list[dt.date]:
    return [day for day in (request.elsewhere_due_on, request.customer_due_on) if day]


def count_anew(request: Request) -> None:
    """The clocks that receipt has started are those of the request as it stands. Inside a transaction.

    What other events have started, an appeal or a complaint, runs on.
    """
    from_receipt = [kind for kind in ClockKind if kind.start is Start.RECEIPT]
    request.clocks.filter(kind__in=from_receipt).delete()
    rows = rows_for(clocks_of(request))
    for row in rows:
        row.request = request
        row.save()
    keep_dates(request, rows)
    request.save(update_fields=["send_by", "legal_by"])


def next_working_day(today: dt.date, *, calendar: str = "") -> dt.date:
    """The first day after today with people at work: Monday to Friday, no holiday of the calendar."""
    counts = working_days(calendar)
    day = today + dt.timedelta(days=1)
    while day.weekday() >= SATURDAY or (counts and not counts(day)):
        day += dt.timedelta(days=1)
    return day


def refuse_bad_receipt(received_on: dt.date) -> None:
    """Raises `Refused` for a receipt in the future or long ago."""
    today = time.today()
    if received_on > today:
        raise Refused("The receipt date lies in the future.")
    if received_on.year < today.year - OLDEST_RECEIPT_YEARS:
        raise Refused(f"The receipt date lies more than {OLDEST_RECEIPT_YEARS} years back. Check the year.")


def _send_by(clock: CountedClock) -> dt.date:
    return counting.send_by(clock, vendor_days=settings.PENDO_COMPLETION_DAYS)
