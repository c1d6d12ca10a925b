"""The one door for a batch's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.workflow.errors import IllegalMove, StateChanged
from compliance.workflow.models import Request

from .models import ONE_BY_ONE, Batch, BatchState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOVES: dict[tuple[BatchState, BatchState], Event] = {
    # A guard that was looked at once more spares them all, a hold keeps them back, or a person cancels them.
    (BatchState.READY, BatchState.EMPTY): Event.BATCH_EMPTIED,
    # A person ends the trying.
    (BatchState.READY, BatchState.FAILED): Event.BATCH_FAILED,
    # A silence lies between its recording and now.
    (BatchState.READY, BatchState.UNCERTAIN): Event.BATCH_DOUBTED,
    (BatchState.READY, BatchState.SENDING): Event.CALL_INTENDED,
    (BatchState.SENDING, BatchState.READY): Event.CALL_ANSWERED,
    (BatchState.SENDING, BatchState.ACCEPTED): Event.BATCH_ACCEPTED,
    (BatchState.SENDING, BatchState.UNCERTAIN): Event.CALL_UNSETTLED,
    (BatchState.UNCERTAIN, BatchState.ACCEPTED): Event.BATCH_ACCEPTED,
    (BatchState.UNCERTAIN, BatchState.READY): Event.BATCH_RELEASED,
    (BatchState.UNCERTAIN, BatchState.SPLIT): Event.BATCH_SPLIT,
    (BatchState.UNCERTAIN, BatchState.FAILED): Event.BATCH_FAILED,
    (BatchState.ACCEPTED, BatchState.DONE): Event.BATCH_DONE,
    (BatchState.ACCEPTED, BatchState.CONFIRMED): Event.BATCH_CONFIRMED,
    (BatchState.DONE, BatchState.CONFIRMED): Event.BATCH_CONFIRMED,
}
#: The way of a batch whose targets are called for one by one.
MOVES_ONE_BY_ONE: dict[tuple[BatchState, BatchState], Event] = {
    (BatchState.READY, BatchState.SENDING): Event.CALLS_INTENDED,
    (BatchState.SENDING, BatchState.READY): Event.CALLS_ANSWERED,
    (BatchState.SENDING, BatchState.ANSWERED): Event.CALLS_ANSWERED,
    # A wipe for everybody that may or may not have happened waits for a person.
    (BatchState.SENDING, BatchState.UNCERTAIN): Event.CALLS_ANSWERED,
    (BatchState.UNCERTAIN, BatchState.FAILED): Event.BATCH_FAILED,
    (BatchState.READY, BatchState.UNCERTAIN): Event.BATCH_DOUBTED,
    # A person cancels what is left of it, or a hold keeps it back.
    (BatchState.READY, BatchState.EMPTY): Event.BATCH_EMPTIED,
    # None of its targets can be named in a call, or a person ends the trying.
    (BatchState.READY, BatchState.FAILED): Event.BATCH_FAILED,
}


def lock(request_ids: Iterable[int]) -> None:
    """Nobody else changes these requests before this transaction has ended.

    It is the first thing in every transaction of the engine, for people's verbs lock the request before they
    write its ledger: two who take them in different orders could wait for each other.
    """
    rows = Request.objects.select_for_update().filter(pk__in=list(request_ids)).order_by("pk")
    list(rows.values_list("pk"))


@transaction.atomic
def step(
    batch: Batch, to: BatchState, /, *, changes: Mapping[str, Any] | None = None, **facts: ledger.type_of_fact
) -> None:
    """The batch is in state `to`, and the ledger of its request says so: all or nothing.

    Raises `IllegalMove` for a move that isn't in the table, `StateChanged` if another was faster.
    """
    moves = MOVES_ONE_BY_ONE if batch.kind in ONE_BY_ONE else MOVES
    event = moves.get((BatchState(batch.state), to))
    if event is None:
        raise IllegalMove(f"{batch.state} -> {to}")
    rows = Batch.objects.filter(pk=batch.pk, state=batch.state)
    if not rows.update(state=to, **(changes or {})):
        raise StateChanged("Another process has moved this batch on.")
    ledger.record(event, chain=batch.request.chain, actor=ledger.SYSTEM, **facts)
    batch.refresh_from_db(fields=["state", *(changes or {})])
