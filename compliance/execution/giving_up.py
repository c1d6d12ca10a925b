"""The way out where Pendo doesn't delete what it has accepted: an officer ends the waiting, truthfully."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core.errors import Refused
from compliance.people.access import Act, can
from compliance.workflow.attention import settle_attention
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import Attention, Target
from compliance.workflow.states import Outcome

from .looking import WAITING
from .models import Batch, BatchState
from .moves import lock, step
from .planning import advance, settle_batch

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person

#: What an officer may end: here a person has been told that waiting alone doesn't help.
ENDABLE = frozenset({Attention.Reason.STILL_PRESENT, Attention.Reason.RECEIPT_OVERDUE})


@transaction.atomic
def give_up(*, attention: Attention, by: Person) -> None:
    """The visitors still waited for in this subscription count as failed, never as erased.

    Raises `Refused` for another reason than those that can be ended, or one that is settled.
    """
    if not can(by, Act.GIVE_UP):
        raise NotThisPerson("Only a privacy officer ends the waiting.")
    if attention.reason not in ENDABLE:
        raise Refused("There is no waiting to end here.")
    request, subscription = attention.request, attention.subscription
    lock([request.pk])
    settle_attention(attention=attention, by=by)
    ledger.record(
        Event.WAITING_ENDED,
        chain=request.chain,
        actor=by.reference,
        count=waited_for(attention).count(),
        subscription=subscription.name,
    )
    batches = Batch.objects.filter(
        request=request, subscription=subscription, state__in=[BatchState.ACCEPTED, BatchState.DONE]
    )
    for batch in batches.select_related("request", "subscription"):
        left = list(waited_for(attention).filter(sendings__batch=batch))
        settle_batch(batch, Outcome.FAILED, why="an officer ended the waiting", targets=left)
        step(batch, BatchState.CONFIRMED, batch=batch.number)
    advance(request)


def waited_for(attention: Attention) -> QuerySet[Target]:
    """The visitors that this is about: accepted by Pendo, or still there."""
    return Target.objects.filter(
        request=attention.request, subscription=attention.subscription, outcome__in=WAITING
    )
