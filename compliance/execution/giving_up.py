"""The way out where Pendo doesn't do what it was asked, or doesn't say: an officer ends the waiting.

What is waited for gets its outcome in slices, each in a transaction of its own, here for a moment and then by
the tick: there may be a million of them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, QuerySet

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core.errors import Refused
from compliance.people.access import Act
from compliance.subscriptions import lanes
from compliance.subscriptions.models import LaneKind
from compliance.workflow.attention import settle_attention
from compliance.workflow.completing import A_SLICE
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import Attention, Request, Target
from compliance.workflow.outcomes import settle
from compliance.workflow.reach import reaches
from compliance.workflow.states import UNFINISHED, Outcome

from .answering import take_over
from .canary import stop_if_canary
from .fruitless import tried_in_vain
from .looking import WAITING
from .marks import leave_reading
from .models import BULK, Batch, BatchState, Sending
from .moves import lock, step
from .one_by_one import take_over_group
from .planning import advance, note_planned, settle_batch, unplanned
from .turns import a_turn, attempt, in_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.people.models import Person

WHY = "an officer ended the waiting"
#: Where a batch is after the waiting for it was ended.
AFTERWARDS = {
    BatchState.READY: BatchState.FAILED,
    BatchState.UNCERTAIN: BatchState.FAILED,
    BatchState.ACCEPTED: BatchState.CONFIRMED,
    BatchState.DONE: BatchState.CONFIRMED,
}


@dataclass(frozen=True)
class Ending:
    """What is waited for, in which batches, and what to do before ending it."""

    outcomes: tuple[Outcome, ...]
    batches: Callable[[QuerySet[Batch]], QuerySet[Batch]]
    first: str
    #: Whether what stands in no batch yet ends, too: nothing of the request may go on in the subscription.
    all_of_it: bool = False


def _in_state(*states: BatchState) -> Callable[[QuerySet[Batch]], QuerySet[Batch]]:
    return lambda batches: batches.filter(state__in=states)


_DELETED = Ending(
    WAITING,
    _in_state(BatchState.ACCEPTED, BatchState.DONE),
    "Ask Pendo Support first. End the waiting only if they say that nothing more will happen, and tell the "
    "person what could not be erased.",
)
#: What an officer may end: here a person has been told that waiting alone doesn't help.
ENDABLE: dict[str, Ending] = {
    Attention.Reason.STILL_PRESENT: _DELETED,
    Attention.Reason.RECEIPT_OVERDUE: _DELETED,
    Attention.Reason.WIPE_UNCERTAIN: Ending(
        (Outcome.UNCERTAIN,),
        _in_state(BatchState.UNCERTAIN),
        "Look in Pendo whether the guide's data has gone. It is never reset for everybody a second time by "
        "itself: if it has to be, record a new request once this one is ended.",
    ),
    Attention.Reason.NO_ANSWER: Ending(
        (Outcome.PENDING, Outcome.UNCERTAIN, Outcome.PRESENT),
        tried_in_vain,
        "It is tried again by itself. End that only if Pendo Support says that it can't work. Where it is "
        "the same with all that is left of the request, cancel the rest on its page instead.",
    ),
    Attention.Reason.NOT_PAID: Ending(
        (Outcome.PENDING, Outcome.PRESENT),
        _in_state(BatchState.READY),
        "It is tried again by itself. End that only if the contract will not cover the call.",
    ),
    Attention.Reason.UNREACHABLE: Ending(
        UNFINISHED,
        _in_state(*AFTERWARDS, BatchState.SENDING),
        "It goes on by itself as soon as the subscription can be reached. End the waiting only if it never "
        "will be: the contract has ended, or nobody can make a key any more. Nobody can look then: what "
        "Pendo has accepted may be erased or not, and what wasn't sent is still there unless the "
        "subscription itself is gone. Ask Pendo Support, and tell the person which data could not be erased "
        "or checked.",
        all_of_it=True,
    ),
}


def give_up(*, attention: Attention, by: Person) -> None:
    """What is still waited for in this subscription counts as failed, never as done.

    Raises `Refused` for another reason than those that can be ended, one that is settled, and while a call is
    under way.
    """
    if not reaches(by, Act.GIVE_UP, attention.request):
        raise NotThisPerson("Only a privacy officer ends the waiting.")
    if attention.reason not in ENDABLE:
        raise Refused("There is no waiting to end here.")
    _decide(attention, by)
    end_some(attention, may_go_on=a_turn())


def end_waitings() -> None:
    """Wherever an officer has ended the waiting, some more of what was waited for has its outcome."""
    endings = Attention.objects.filter(ending=True).select_related("request", "subscription").order_by("pk")
    for attention in in_time(endings):
        attempt(partial(_end_some_of, attention), attention.request)


def _end_some_of(attention: Attention, _: Request) -> None:
    end_some(attention, may_go_on=a_turn())


def end_some(attention: Attention, *, may_go_on: Callable[[], bool]) -> None:
    """What was waited for counts as failed, as long as `may_go_on`."""
    while _end_next(attention) and may_go_on():
        pass


def waited_for(attention: Attention) -> QuerySet[Target]:
    """The targets that this is about."""
    ending = ENDABLE[attention.reason]
    if ending.all_of_it:
        here = attention.request.targets.filter(subscription=attention.subscription)
        return here.filter(outcome__in=ending.outcomes)
    sendings = Sending.objects.filter(batch__in=_batches(attention).values("pk"))
    return Target.objects.filter(pk__in=sendings.values("target"), outcome__in=ending.outcomes)


def counts_of(attention: Attention) -> list[tuple[Outcome, int]]:
    """How many targets this is about, by where they are now."""
    rows = waited_for(attention).values_list("outcome").annotate(count=Count("pk")).order_by("outcome")
    counts = dict(rows)
    return [(outcome, counts[outcome]) for outcome in Outcome if outcome in counts]


@transaction.atomic
def _decide(attention: Attention, by: Person) -> None:
    lock([attention.request_id])
    if ENDABLE[attention.reason].all_of_it:
        _take_calls_over(attention)
    count = waited_for(attention).count()
    settle_attention(attention=attention, by=by)
    attention.ending = True
    attention.save(update_fields=["ending"])
    ledger.record(
        Event.WAITING_ENDED,
        chain=attention.request.chain,
        actor=by.reference,
        count=count,
        subscription=attention.subscription.name,
    )


@transaction.atomic
def _end_next(attention: Attention) -> bool:
    """A batch, or some targets without one, have failed; False if none was left, and then it is done."""
    lock([attention.request_id])
    attention.request.refresh_from_db()
    batch = _batches(attention).select_related("request", "subscription").first()
    if batch:
        _end_batch(batch, ENDABLE[attention.reason])
    elif not _end_unplanned(attention):
        attention.ending = False
        attention.save(update_fields=["ending"])
        note_planned(attention.request)
        advance(attention.request)
        return False
    return True


def _end_batch(batch: Batch, ending: Ending) -> None:
    left = Target.objects.filter(sendings__batch=batch, outcome__in=ending.outcomes).order_by("pk")
    settle_batch(batch, Outcome.FAILED, why=WHY, targets=list(left.defer("sealed_details")))
    if AFTERWARDS[BatchState(batch.state)] is BatchState.CONFIRMED:
        step(batch, BatchState.CONFIRMED, batch=batch.number)
        return
    leave_reading(batch)
    step(batch, BatchState.FAILED, batch=batch.number, why=WHY)
    if not ending.all_of_it:
        stop_if_canary(batch)


def _end_unplanned(attention: Attention) -> bool:
    if not ENDABLE[attention.reason].all_of_it:
        return False
    some = unplanned(attention.request).filter(subscription=attention.subscription).order_by("pk")
    ids = list(some.values_list("pk", flat=True)[:A_SLICE])
    settle(
        ids,
        request=attention.request,
        subscription=attention.subscription,
        old=Outcome.PENDING,
        new=Outcome.FAILED,
        why=WHY,
    )
    return bool(ids)


def _take_calls_over(attention: Attention) -> None:
    """Calls whose sender ended count as lost: no lane may work here that would find them.

    Raises `Refused` while a sender holds the lane, which may be waiting for Pendo's answer at this moment.
    """
    for batch in _batches(attention).filter(state=BatchState.SENDING).select_related("request"):
        of_bulk = batch.kind in BULK
        if lanes.is_held(attention.subscription, LaneKind.BULK if of_bulk else LaneKind.RESET):
            raise Refused("A call is under way at this moment. Try again in two minutes.")
        nobodys = lanes.Lease(lane_id=0, token=secrets.token_hex(16))
        (take_over if of_bulk else take_over_group)(batch, nobodys)


def _batches(attention: Attention) -> QuerySet[Batch]:
    batches = Batch.objects.filter(request=attention.request, subscription=attention.subscription)
    return ENDABLE[attention.reason].batches(batches)
