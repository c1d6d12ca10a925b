"""Writing an answer down, with all that follows from it, in one transaction."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.answers import Answer, Verdict
from compliance.core import clock
from compliance.subscriptions import lanes
from compliance.workflow.models import Attention
from compliance.workflow.sealing import targets_vault
from compliance.workflow.states import Outcome

from .attention import tell_of
from .fruitless import note_sent_in_vain, wait_of
from .meaning import BULK_DELETE, Meaning
from .models import Batch, BatchState, Call
from .moves import lock, step
from .planning import advance, settle_batch
from .receipts import accept, own_part

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.connectors.pendo import Deletion
    from compliance.subscriptions.lanes import Lease


@transaction.atomic
def write_answer(
    call: Call,
    batch: Batch,
    lease: Lease,
    answer: Answer,
    deletion: Deletion | None = None,
    *,
    quiet_since: float | None = None,
) -> bool:
    """The answer stands, and its meaning is done; False if another sender has taken the call over.

    From `quiet_since` on nothing was sent in the lane, if that is known.
    """
    lock([batch.request_id])
    rows = Call.objects.filter(pk=call.pk, answered_at=None, lease_token=lease.token)
    sealed = _sealed(batch, answer)
    if not rows.update(
        answered_at=clock.now(), verdict=answer.verdict, status=answer.status, sealed_answer=sealed
    ):
        return False
    if quiet_since is not None:
        lanes.keep_quiet(lease, quiet_since)
    _ACTIONS[BULK_DELETE[answer.verdict]](call, batch, answer, deletion)
    advance(batch.request)
    return True


@transaction.atomic
def take_over(batch: Batch, lease: Lease) -> None:
    """A call whose sender ended counts as lost, and its sender, should it live, can't write any more."""
    lock([batch.request_id])
    call = batch.calls.select_for_update().filter(answered_at=None).first()
    if call is None or call.lease_token == lease.token:
        return
    Call.objects.filter(pk=call.pk).update(lease_token=lease.token)
    write_answer(call, batch, lease, Answer(Verdict.LOST))


def _sealed(batch: Batch, answer: Answer) -> bytes:
    vault = targets_vault(batch.request)
    if answer.data is None:
        return vault.seal_bytes(answer.body, purpose="answer")
    return vault.seal(own_part(batch, answer.data), purpose="answer")


def _settled(call: Call, batch: Batch, answer: Answer, deletion: Deletion | None) -> None:
    ledger.record(Event.CALL_ANSWERED, chain=batch.request.chain, actor=ledger.SYSTEM, **_facts(call, answer))
    accept(batch, [deletion] if deletion else [], how="answered by Pendo", raw=answer.data)


def _left_open(call: Call, batch: Batch, answer: Answer, _: Deletion | None) -> None:
    settle_batch(batch, Outcome.UNCERTAIN, why="the call left open what Pendo has")
    due_at = clock.now() + dt.timedelta(seconds=settings.TIMINGS.ask[0])
    step(batch, BatchState.UNCERTAIN, changes={"due_at": due_at}, **_facts(call, answer))
    note_sent_in_vain(batch)


def _again(call: Call, batch: Batch, answer: Answer, _: Deletion | None) -> None:
    """Where the call itself isn't known or covered, the batch waits: another kind of call may go well."""
    of_the_call = answer.verdict in {Verdict.NOT_FOUND, Verdict.NOT_PAID}
    due_at = clock.now() + wait_of(batch) if of_the_call else batch.due_at
    step(batch, BatchState.READY, changes={"due_at": due_at}, **_facts(call, answer))
    note_sent_in_vain(batch)


def _again_told(call: Call, batch: Batch, answer: Answer, deletion: Deletion | None) -> None:
    tell_of(batch, Attention.Reason.NOT_PAID)
    _again(call, batch, answer, deletion)


def _facts(call: Call, answer: Answer) -> dict[str, Any]:
    status = f"HTTP {answer.status}" if answer.status else "no answer"
    return {"call": call.pk, "result": answer.verdict.value, "status": status}


_ACTIONS: dict[Meaning, Callable[[Call, Batch, Answer, Deletion | None], None]] = {
    Meaning.SETTLED: _settled,
    Meaning.ASK_WHICH: _left_open,
    Meaning.ASK_WHETHER: _left_open,
    Meaning.AGAIN: _again,
    Meaning.AGAIN_TOLD: _again_told,
    Meaning.PAUSE: _again,
}
