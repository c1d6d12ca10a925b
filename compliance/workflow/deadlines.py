"""The clocks of a request."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.core import clock as time
from compliance.core.errors import Refused
from compliance.laws import clocks as counting
from compliance.laws.calendars import CALENDARS, working_days
from compliance.laws.clocks import IdentityDates
from compliance.laws.law import ClockKind, Start
from compliance.laws.registry import get_law, law_on

from .enabled_laws import selectable_laws
from .models import Clock, Extension

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    counted = strictest_clocks(
        texts,
        calendar=request.calendar,
        received_on=request.received_on,
        identity=identity_of(request),
    )
    return [*counted, *_own_extension(request, counted)]


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


def is_extended(request: Request, clocks: Iterable[Clock]) -> bool:
    """Whether more time was taken that counts: the law may have been named later, and give none, or less."""
    extension, by_kind = extension_of(request), {row.kind: row for row in clocks}
    if extension is None or ClockKind.EXTENDED_ANSWER not in by_kind:
        return False
    return extension.taken_on <= by_kind[ClockKind.EXTENSION_NOTICE].legal


def refusal_told_by(request: Request) -> dt.date:
    """The day by which a refusal has to be told: that of the first period.

    Art. 12(4) GDPR knows no longer one; where another law does, this is on the safe side.
    """
    return request.clocks.get(kind=ClockKind.ANSWER).safe


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

    Of an extended request it is the clock of the extended answer. A day that somebody else sets takes the
    place of the one to order by where it is earlier, never later.
    """
    by_kind = {row.kind: row for row in rows}
    answer = by_kind[ClockKind.EXTENDED_ANSWER if is_extended(request, rows) else ClockKind.ANSWER]
    request.send_by = min([answer.send_by, *_days_set_by_others(request)])
    request.legal_by = answer.legal


def _days_set_by_others(request: Request) -> list[dt.date]:
    return [day for day in (request.elsewhere_due_on, request.customer_due_on) if day]


def extension_of(request: Request) -> Extension | None:
    """The more time that was taken for its answer; None if none was."""
    return Extension.objects.filter(request=request).first() if request.pk else None


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


def _own_extension(request: Request, counted: list[CountedClock]) -> list[CountedClock]:
    """The clock of an extension whose length the law doesn't name: the officer named its end."""
    extension = extension_of(request)
    notice = next((each for each in counted if each.kind is ClockKind.EXTENSION_NOTICE), None)
    named = any(each.kind is ClockKind.EXTENDED_ANSWER for each in counted)
    if extension is None or extension.until is None or notice is None or named:
        return []
    day = extension.until
    return [replace(notice, kind=ClockKind.EXTENDED_ANSWER, legal=day, safe=day, plain=day)]


def _send_by(clock: CountedClock) -> dt.date:
    return counting.send_by(clock, vendor_days=settings.PENDO_COMPLETION_DAYS)
