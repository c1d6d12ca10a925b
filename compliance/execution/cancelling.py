"""Carrying out that the rest of a request is cancelled: slice by slice, each in a transaction of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from compliance.workflow.completing import A_SLICE
from compliance.workflow.models import Request
from compliance.workflow.outcomes import settle
from compliance.workflow.states import Outcome

from .models import Batch, BatchState
from .moves import lock, step
from .planning import advance, note_planned, settle_batch, unplanned, unsettled_of
from .turns import a_turn, attempt, in_time

if TYPE_CHECKING:
    from collections.abc import Callable

WHY = "the rest of the request was cancelled"
WHY_NOT_AGAIN = "still there, and the rest of the request was cancelled before it was sent once more"


def cancel_rests() -> None:
    """Of every request whose rest is cancelled, some more of what isn't sent has its outcome."""
    ready = Batch.objects.filter(request=OuterRef("pk"), state=BatchState.READY)
    cancelled = Request.objects.filter(rest_cancelled_at__isnull=False, closed_at__isnull=True)
    for request in in_time(cancelled.filter(Q(planned_at__isnull=True) | Exists(ready))):
        attempt(partial(cancel_some, may_go_on=a_turn()), request)


def cancel_some(request: Request, *, may_go_on: Callable[[], bool]) -> None:
    """What isn't sent is cancelled as long as `may_go_on`.

    A batch being sent, or asked about, comes here once it is settled, should Pendo not have it.
    """
    while _cancel_next(request) and may_go_on():
        pass


@transaction.atomic
def _cancel_next(request: Request) -> bool:
    """A batch, or some targets without one, are cancelled; False, and on its way, if none is left."""
    lock([request.pk])
    request = Request.objects.get(pk=request.pk)
    ready = request.batches.filter(state=BatchState.READY).select_related("request", "subscription").first()
    if ready:
        _empty(ready)
    elif request.planned_at or not _cancel_unplanned(request):
        note_planned(request)
        return False
    return True


def _empty(batch: Batch) -> None:
    """Who was sent already, and is to be sent once more because they are still there, has failed."""
    new, why = (Outcome.FAILED, WHY_NOT_AGAIN) if batch.resent else (Outcome.CANCELLED, WHY)
    settle_batch(batch, new, why=why, targets=unsettled_of(batch))
    step(batch, BatchState.EMPTY, batch=batch.number)
    advance(batch.request)


def _cancel_unplanned(request: Request) -> bool:
    for subscription in request.subscriptions.order_by("pk"):
        some = unplanned(request).filter(subscription=subscription).order_by("pk")[:A_SLICE]
        if ids := list(some.values_list("pk", flat=True)):
            settle(
                ids,
                request=request,
                subscription=subscription,
                old=Outcome.PENDING,
                new=Outcome.CANCELLED,
                why=WHY,
            )
            return True
    return False
