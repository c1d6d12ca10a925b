"""After a call that left open what Pendo has: ask Pendo, settle, and only then send again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.core import clock
from compliance.core.timings import step as nth_wait
from compliance.workflow.models import Attention, Target
from compliance.workflow.states import Outcome
from compliance.workflow.urgency import most_urgent

from .attention import tell_of
from .canary import stop_if_canary
from .guard import recognise
from .knowledge import Knowledge, knowledge_of, last_meaning, read_open_deletions
from .marks import drop_readings, join_reading, read_marks
from .meaning import Meaning
from .models import BULK, Batch, BatchKind, BatchState
from .moves import lock, step
from .planning import advance, make_batch, settle_batch
from .receipts import accept

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription

#: How the ledger records that something is sent again although Pendo didn't say whether it has it.
INCONCLUSIVE = "inconclusive for a day"

#: So many batches join a reading in one slice; after a silence, a million targets may be uncertain at once.
MOST_JOINING = 500


def uncertain_batches(subscription: Subscription) -> QuerySet[Batch]:
    """Batches to be asked about now, those of the most urgent request first."""
    return (
        Batch.objects.filter(
            subscription=subscription, state=BatchState.UNCERTAIN, kind__in=BULK, due_at__lte=clock.now()
        )
        .select_related("request", "subscription", "reading")
        .order_by(*most_urgent("request__"), "due_at")
    )


def ask_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Uncertain batches are asked about for as long as `may_go_on`. Raises `Trouble` or `Paused`.

    A list that Pendo doesn't give tells nothing of them; then, too, they wait for the next question.
    """
    if not uncertain_batches(subscription).exists():
        return
    recognise(pendo, subscription)
    for asked in uncertain_batches(subscription).filter(reading=None)[:MOST_JOINING]:
        join_reading(asked)
    read_marks(pendo, subscription, may_go_on)
    told = uncertain_batches(subscription).filter(reading__ended_at__isnull=False)
    if told.exists():
        open_ones = read_open_deletions(pendo)
        while batch := told.first():
            _settle(batch, knowledge_of(batch, open_ones))
            if not may_go_on():
                break
        if open_ones.trouble:
            raise open_ones.trouble
    drop_readings(subscription)


@transaction.atomic
def _settle(batch: Batch, known: Knowledge) -> None:
    """What is known of the batch is done about it. If it stays uncertain, it waits for another reading."""
    lock([batch.request_id])
    if not _is_as_it_was(batch):
        return
    Batch.objects.filter(pk=batch.pk).update(reading=None)
    if not known.others:
        accept(batch, known.deletions, how="found at Pendo when asked")
    elif last_meaning(batch) is Meaning.ASK_WHICH:
        _divide_or_give_up(batch, known)
    elif not _had_time(batch, known):
        _ask_later(batch)
    elif known.queued:
        _divide(batch, known, sure=known.conclusive)
    else:
        _release(batch, known)
    advance(batch.request)


def _is_as_it_was(batch: Batch) -> bool:
    """Whether Pendo's answer is about the last call: another may have been sent while we were away."""
    same = Batch.objects.filter(pk=batch.pk, state=BatchState.UNCERTAIN, sent_at=batch.sent_at)
    return same.filter(asks=batch.asks, reading=batch.reading).exists()


def _had_time(batch: Batch, known: Knowledge) -> bool:
    """A "not there" counts once Pendo had time to show it; an inconclusive answer only after a day.

    And only if it has stayed inconclusive for a day of asking: a day in which we were down, or paused, says
    nothing.
    """
    timings = settings.TIMINGS
    age = clock.now() - (batch.sent_at or clock.now())
    if known.conclusive:
        return age >= dt.timedelta(seconds=timings.settle_after) and batch.asks >= 1
    asked = batch.asks + 1
    return age >= dt.timedelta(seconds=timings.inconclusive_after) and asked >= timings.questions_of_doubt


def asked_until(batch: Batch) -> dt.datetime:
    """When, at the earliest, it is sent once more if Pendo's answers stay inconclusive."""
    timings = settings.TIMINGS
    further = range(batch.asks + 2, timings.questions_of_doubt + 1)
    waits = sum(nth_wait(timings.ask, question) for question in further)
    day = dt.timedelta(seconds=timings.inconclusive_after)
    return max((batch.sent_at or clock.now()) + day, batch.due_at + dt.timedelta(seconds=waits))


def _release(batch: Batch, known: Knowledge) -> None:
    settle_batch(batch, Outcome.PENDING, why="Pendo was asked and does not have them")
    how = "asked; not in its queue" if known.conclusive else f"asked; {INCONCLUSIVE}"
    now = clock.now()
    changes = {"due_at": now, "asks": 0, "cleared_at": now}
    step(batch, BatchState.READY, changes=changes, batch=batch.number, how=how)


def _ask_later(batch: Batch) -> None:
    batch.asks += 1
    batch.due_at = clock.now() + dt.timedelta(seconds=nth_wait(settings.TIMINGS.ask, batch.asks + 1))
    batch.save(update_fields=["asks", "due_at"])


def _divide_or_give_up(batch: Batch, known: Knowledge) -> None:
    """A batch refused as a whole is divided until the one target that Pendo refuses stands alone.

    While Pendo's lists can't be read, nothing of it is sent again: that a refused call leaves nothing behind
    isn't documented. A day of that, and it goes on.
    """
    if not (known.read or _had_time(batch, known)):
        _ask_later(batch)
    elif known.queued or len(known.others) > 1:
        _divide(batch, known, sure=known.read)
    else:
        _give_up(batch, sure=known.read)


def _divide(batch: Batch, known: Knowledge, *, sure: bool) -> None:
    """What Pendo has is accepted, the rest goes on without it; if Pendo has nothing, the batch is halved."""
    why = "the batch was divided" if sure else f"the batch was divided; asked, and {INCONCLUSIVE}"
    settle_batch(batch, Outcome.PENDING, why=why)
    parts = [known.others] if known.queued else _halves(known.others)
    step(
        batch,
        BatchState.SPLIT,
        changes={"cleared_at": clock.now()},
        batch=batch.number,
        known=len(known.queued),
        parts=len(parts) + bool(known.queued),
    )
    for part in parts:
        _child(batch, part)
    if known.queued:
        _accept_child(batch, known)
    stop_if_canary(batch)


def _accept_child(batch: Batch, known: Knowledge) -> None:
    child = _child(batch, known.queued, state=BatchState.UNCERTAIN)
    accept(child, known.deletions, how="queued at Pendo before")


def _child(batch: Batch, targets: list[Target], state: BatchState = BatchState.READY) -> Batch:
    return make_batch(
        batch.request,
        subscription_id=batch.subscription_id,
        target_ids=[target.pk for target in targets],
        kind=BatchKind(batch.kind),
        parent=batch,
        resent=batch.resent,
        state=state,
    )


def _halves(targets: list[Target]) -> list[list[Target]]:
    middle = len(targets) // 2
    return [targets[:middle], targets[middle:]]


def _give_up(batch: Batch, *, sure: bool) -> None:
    queue = "shows it in no queue" if sure else "has not let its queue be read for a day"
    why = f"Pendo refuses this one {batch.kind}, and {queue}"
    settle_batch(batch, Outcome.FAILED, why=why)
    step(batch, BatchState.FAILED, batch=batch.number, why=why)
    tell_of(batch, Attention.Reason.BATCH_REFUSED)
    stop_if_canary(batch)
