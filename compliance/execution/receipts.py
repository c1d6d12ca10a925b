"""Receipts: taken down when Pendo accepts a batch, and followed until done."""

from __future__ import annotations

import datetime as dt
import json
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from compliance.connectors.pendo.records import names_nobody, without_other_ids
from compliance.core import clock
from compliance.core.timings import step as nth_wait
from compliance.workflow.models import Attention
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import Outcome
from compliance.workflow.urgency import rank_of

from .attention import tell_of
from .canary import stop_if_canary
from .fruitless import settle_if_over
from .guard import UNANSWERED, recognise, usable
from .models import Batch, BatchReceipt, BatchState, Receipt
from .moves import lock, step
from .planning import settle_batch, targets_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from django.db.models import QuerySet

    from compliance.connectors.answers import Answer
    from compliance.connectors.pendo import Deletion, Pendo
    from compliance.subscriptions.models import Subscription

MOST_WORD_CHARACTERS = 60
#: So many receipts are asked for before the order of those that are due is looked at again.
MOST_IN_A_ROW = 20


@transaction.atomic
def accept(batch: Batch, deletions: Collection[Deletion], *, how: str, raw: Any = None) -> None:
    """Pendo has the batch; its receipts are followed. With none known, its targets are looked for later."""
    settle_batch(batch, Outcome.ACCEPTED, why="Pendo has accepted them")
    now = clock.now()
    step(
        batch,
        BatchState.ACCEPTED,
        changes={"accepted_at": now, "due_at": now + dt.timedelta(seconds=settings.TIMINGS.recheck[0])},
        batch=batch.number,
        how=how,
        receipt=", ".join(sorted(deletion.id for deletion in deletions)) or "not known",
    )
    settle_if_over(batch)
    for deletion in deletions:
        _keep_word(batch, _followed(batch.subscription, deletion), raw)
    if not deletions:
        stop_if_canary(batch)


def _followed(subscription: Subscription, deletion: Deletion) -> Receipt:
    """The receipt, to be asked for: anew, if it was done before this batch was joined to it."""
    due_at = clock.now() + dt.timedelta(seconds=settings.TIMINGS.receipt[0])
    receipt, created = Receipt.objects.get_or_create(
        subscription=subscription, vendor_id=deletion.id, defaults={"due_at": due_at}
    )
    if not created:
        Receipt.objects.filter(pk=receipt.pk, done_at__isnull=False).update(done_at=None, due_at=due_at)
    return receipt


def due_receipts(subscription: Subscription) -> QuerySet[Receipt]:
    """Receipts that a batch waits for, to be asked for now, those of the most urgent request first."""
    waiting = BatchReceipt.objects.filter(receipt=OuterRef("pk"), batch__state=BatchState.ACCEPTED)
    due = Receipt.objects.filter(subscription=subscription, done_at=None, due_at__lte=clock.now())
    first = waiting.annotate(rank=rank_of("batch__request__")).order_by("rank", "batch__request__send_by")
    rank, send_by = (Subquery(first.values(name)[:1]) for name in ("rank", "batch__request__send_by"))
    return due.filter(Exists(waiting)).order_by(rank, send_by, "due_at")


def receipt_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Due receipts are asked for for as long as `may_go_on`. Raises `Trouble` or `Paused`.

    Those that Pendo gives no answer about wait, so that they hold up nothing else in the lane.
    """
    if not due_receipts(subscription).exists():
        return
    recognise(pendo, subscription)
    answer, deletions = pendo.open_deletions()
    _wait_if_unanswered(due_receipts(subscription), answer)
    open_ids = {deletion.id for deletion in deletions} if usable(answer) else None
    while may_go_on() and (receipts := due_receipts(subscription)[:MOST_IN_A_ROW]):
        for receipt in takewhile(lambda _: may_go_on(), receipts):
            _ask_for(pendo, receipt, open_ids)


def _ask_for(pendo: Pendo, receipt: Receipt, open_ids: Collection[str] | None) -> None:
    answer, deletion = pendo.deletion(receipt.vendor_id)
    _wait_if_unanswered(Receipt.objects.filter(pk=receipt.pk), answer)
    if usable(answer) and deletion:
        _heard(receipt, deletion, answer.data, done=_is_done(receipt, deletion, open_ids))
    else:
        _unheard(receipt)


def _wait_if_unanswered(receipts: QuerySet[Receipt], answer: Answer) -> None:
    """They aren't asked for again at once. That doesn't count as asking: Pendo has said nothing of them."""
    if answer.verdict in UNANSWERED:
        receipts.update(due_at=clock.now() + dt.timedelta(seconds=settings.TIMINGS.outage_probe))


def _is_done(receipt: Receipt, deletion: Deletion, open_ids: Collection[str] | None) -> bool:
    """Pendo documents that the open list holds what isn't completed, and no status words.

    So it is done when it isn't open any more and no word of its own speaks against it. Where the list can't
    be read (None), only a word for "done" counts.
    """
    if open_ids is None:
        return deletion.says_done
    return receipt.vendor_id not in open_ids and (deletion.says_done or not deletion.word)


@transaction.atomic
def _heard(receipt: Receipt, deletion: Deletion, raw: Any, *, done: bool) -> None:
    batches = _locked_batches(receipt)
    receipt.word = deletion.word[:MOST_WORD_CHARACTERS]
    _wait(receipt, done=done)
    for batch in batches:
        _keep_word(batch, receipt, raw)
        if not deletion.says_nothing_unknown:
            _tell(batch, Attention.Reason.UNKNOWN_WORD)
        if done and batch.state == BatchState.ACCEPTED and not _open_receipts(batch):
            step(batch, BatchState.DONE, changes={"due_at": clock.now()}, batch=batch.number)
    _tell_if_overdue(receipt, batches)


@transaction.atomic
def _unheard(receipt: Receipt) -> None:
    """Pendo works, but doesn't know this receipt, or gives something else: it is asked for again."""
    batches = _locked_batches(receipt)
    _wait(receipt)
    _tell_if_overdue(receipt, batches)


def _locked_batches(receipt: Receipt) -> list[Batch]:
    batches = Batch.objects.filter(batch_receipts__receipt=receipt).order_by("request_id", "number")
    lock(batches.values_list("request_id", flat=True))
    return list(batches.select_related("request", "subscription"))


def _wait(receipt: Receipt, *, done: bool = False) -> None:
    now = clock.now()
    receipt.asks += 1
    receipt.due_at = now + dt.timedelta(seconds=nth_wait(settings.TIMINGS.receipt, receipt.asks))
    receipt.done_at = now if done else None
    receipt.save()


def _open_receipts(batch: Batch) -> bool:
    return batch.batch_receipts.filter(receipt__done_at=None).exists()


def _tell_if_overdue(receipt: Receipt, batches: Iterable[Batch]) -> None:
    late = clock.now() - receipt.first_at > dt.timedelta(seconds=settings.TIMINGS.receipt_overdue)
    for batch in batches if late and not receipt.done_at else ():
        _tell(batch, Attention.Reason.RECEIPT_OVERDUE)


def _tell(batch: Batch, reason: Attention.Reason) -> None:
    if batch.state != BatchState.ACCEPTED:
        return
    tell_of(batch, reason)


def own_part(batch: Batch, raw: Any) -> str:
    """An answer as JSON, without the ids of other people that Pendo merged into it."""
    if names_nobody(raw):
        return json.dumps(raw)
    vault = targets_vault(batch.request)
    own = frozenset(target_id(vault, target) for target in targets_of(batch))
    return json.dumps(without_other_ids(raw, own))


def _keep_word(batch: Batch, receipt: Receipt, raw: Any) -> None:
    """One receipt may name other people's ids: only this batch's are kept under its request's key."""
    kept = targets_vault(batch.request).seal(own_part(batch, raw), purpose="receipt")
    BatchReceipt.objects.update_or_create(batch=batch, receipt=receipt, defaults={"sealed_answer": kept})
