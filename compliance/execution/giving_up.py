"""The way out where Pendo doesn't do what it was asked, or doesn't say: an officer ends the waiting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core.errors import Refused
from compliance.people.access import Act, can
from compliance.workflow.attention import settle_attention
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import Attention, Target
from compliance.workflow.states import Outcome

from .canary import stop_if_canary
from .fruitless import MOST_TRIES
from .looking import WAITING
from .models import Batch, BatchState, Sending
from .moves import lock, step
from .planning import advance, settle_batch

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person

WHY = "an officer ended the waiting"


@dataclass(frozen=True)
class Ending:
    """What is waited for, in which batches, and where those are afterwards."""

    outcomes: tuple[Outcome, ...]
    batches: Q
    to: BatchState
    #: What to do before ending it.
    first: str


_DELETED = Ending(
    WAITING,
    Q(state__in=[BatchState.ACCEPTED, BatchState.DONE]),
    BatchState.CONFIRMED,
    "Ask Pendo Support first. End the waiting only if they say that nothing more will happen, and tell the "
    "person what could not be erased.",
)
#: What an officer may end: here a person has been told that waiting alone doesn't help.
ENDABLE: dict[str, Ending] = {
    Attention.Reason.STILL_PRESENT: _DELETED,
    Attention.Reason.RECEIPT_OVERDUE: _DELETED,
    Attention.Reason.WIPE_UNCERTAIN: Ending(
        (Outcome.UNCERTAIN,),
        Q(state=BatchState.UNCERTAIN),
        BatchState.FAILED,
        "Look in Pendo whether the guide's data has gone. It is never reset for everybody a second time by "
        "itself: if it has to be, record a new request once this one is ended.",
    ),
    Attention.Reason.NO_ANSWER: Ending(
        (Outcome.PENDING,),
        Q(state=BatchState.READY, asks__gte=MOST_TRIES),
        BatchState.FAILED,
        "It is tried again by itself. End that only if Pendo Support says that it can't work.",
    ),
    Attention.Reason.NOT_PAID: Ending(
        (Outcome.PENDING,),
        Q(state=BatchState.READY),
        BatchState.FAILED,
        "It is tried again by itself. End that only if the contract will not cover the call.",
    ),
}


@transaction.atomic
def give_up(*, attention: Attention, by: Person) -> None:
    """What is still waited for in this subscription counts as failed, never as done.

    Raises `Refused` for another reason than those that can be ended, or one that is settled.
    """
    if not can(by, Act.GIVE_UP):
        raise NotThisPerson("Only a privacy officer ends the waiting.")
    if attention.reason not in ENDABLE:
        raise Refused("There is no waiting to end here.")
    request, subscription, ending = attention.request, attention.subscription, ENDABLE[attention.reason]
    lock([request.pk])
    settle_attention(attention=attention, by=by)
    ledger.record(
        Event.WAITING_ENDED,
        chain=request.chain,
        actor=by.reference,
        count=waited_for(attention).count(),
        subscription=subscription.name,
    )
    for batch in _batches(attention).select_related("request", "subscription"):
        left = list(waited_for(attention).filter(sendings__batch=batch))
        settle_batch(batch, Outcome.FAILED, why=WHY, targets=left)
        if ending.to is BatchState.FAILED:
            step(batch, ending.to, batch=batch.number, why=WHY)
            stop_if_canary(batch)
        else:
            step(batch, ending.to, batch=batch.number)
    advance(request)


def waited_for(attention: Attention) -> QuerySet[Target]:
    """The targets that this is about."""
    return Target.objects.filter(
        pk__in=Sending.objects.filter(batch__in=_batches(attention)).values("target"),
        outcome__in=ENDABLE[attention.reason].outcomes,
    )


def _batches(attention: Attention) -> QuerySet[Batch]:
    return Batch.objects.filter(
        ENDABLE[attention.reason].batches, request=attention.request, subscription=attention.subscription
    )
