"""Days that are near: the ledger says so once for each request and day, and whoever reads it is told."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.audit.models import Entry
from compliance.core import clock

from .queries import open_requests
from .states import State

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import Request

#: Days before `send_by` from which on a request's day is near.
NEAR_DAYS = 3
#: Requests in one pass; the rest in the next one.
SLICE = 500


def remind_of_dates() -> None:
    """Each open request whose order has to reach Pendo soon, and hasn't as a whole, has its entry."""
    for request in _untold()[:SLICE]:
        remind_of_date(request)


@transaction.atomic
def remind_of_date(request: Request) -> bool:
    """The ledger says that the request's day is near, if it doesn't yet; says whether it was written."""
    ledger.hold(request.chain)
    due = _untold().filter(pk=request.pk).first()
    if due is None:
        return False
    ledger.record(
        Event.REQUEST_DATE_NEAR,
        chain=due.chain,
        actor=ledger.SYSTEM,
        send_by=ledger.as_fact(due.send_by),
        days=(due.send_by - clock.today()).days,
    )
    return True


def _untold() -> QuerySet[Request]:
    """An entry about another day than the present one doesn't count: dates move."""
    near = open_requests().filter(send_by__lte=clock.today() + dt.timedelta(days=NEAR_DAYS))
    this_day = Concat(Value('"send_by":"'), Cast(OuterRef("send_by"), CharField()))
    told = Entry.objects.filter(
        event=Event.REQUEST_DATE_NEAR.value,
        chain__name=Concat(Value("request/"), OuterRef("reference")),
        text__contains=this_day,
    )
    return near.exclude(state=State.CONFIRMING).filter(~Exists(told))
