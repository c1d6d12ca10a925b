"""What is tried again and again without a usable answer holds up no other, and a person is told in time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Q

from compliance.connectors.answers import Verdict
from compliance.core import clock
from compliance.core.timings import step as nth_wait
from compliance.workflow.attention import settle_attention
from compliance.workflow.models import Attention

from .attention import tell_of
from .meaning import BULK_DELETE, Meaning
from .models import BULK, Batch, BatchState

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: After so many tries in a row a person is told: with the usual waits, after about three hours.
MOST_TRIES = 8
#: After such an answer a bulk delete is sent again, at once or once Pendo was asked. One that wasn't sent
#: says nothing about the call, and one that isn't paid has a reason of its own.
SENT_AGAIN = [
    verdict
    for verdict, meaning in BULK_DELETE.items()
    if meaning in {Meaning.AGAIN, Meaning.ASK_WHETHER} and verdict is not Verdict.NOT_SENT
]


def note_fruitless(batch: Batch) -> None:
    """The batch waits, longer each time. Call it in the transaction that writes what was tried."""
    batch.asks += 1
    batch.due_at = clock.now() + dt.timedelta(seconds=nth_wait(settings.TIMINGS.retry, batch.asks))
    batch.save(update_fields=["asks", "due_at"])
    if batch.asks >= MOST_TRIES:
        tell_of(batch, Attention.Reason.NO_ANSWER)


def note_progress(batch: Batch) -> None:
    """The next fruitless try counts as the first again."""
    if batch.asks:
        batch.asks = 0
        batch.save(update_fields=["asks"])
        settle_if_over(batch)


def note_sent_in_vain(batch: Batch) -> None:
    """As `note_fruitless` for a bulk delete, whose answers are counted, for between them Pendo is asked."""
    if batch.calls.filter(verdict__in=SENT_AGAIN).count() >= MOST_TRIES:
        tell_of(batch, Attention.Reason.NO_ANSWER)


def wait_of(batch: Batch) -> dt.timedelta:
    """How long a batch waits whose call Pendo doesn't know: longer each time, without the others."""
    tries = batch.calls.exclude(verdict=Verdict.NOT_SENT).count()
    return dt.timedelta(seconds=nth_wait(settings.TIMINGS.retry, tries))


def tried_in_vain(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Those of the batches of which a person was told, and that nothing else has come of yet."""
    in_vain = Count("calls", filter=Q(calls__verdict__in=SENT_AGAIN))
    counted = batches.filter(state__in=[BatchState.READY, BatchState.UNCERTAIN]).annotate(in_vain=in_vain)
    return counted.filter(
        Q(kind__in=BULK, in_vain__gte=MOST_TRIES) | Q(state=BatchState.READY, asks__gte=MOST_TRIES)
    )


def settle_if_over(batch: Batch) -> None:
    """Nobody has to look any more, if it was the last batch of the request that was tried in vain."""
    told = Attention.objects.filter(
        request=batch.request,
        subscription=batch.subscription,
        reason=Attention.Reason.NO_ANSWER,
        settled_at__isnull=True,
    )
    batches = batch.request.batches.filter(subscription=batch.subscription)
    for attention in told:
        if not tried_in_vain(batches).exists():
            settle_attention(attention=attention, by=None)
