"""Receipts: taken down when Pendo accepts a batch, and followed until done."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from compliance.connectors.pendo.records import without_other_ids
from compliance.core import clock
from compliance.core.timings import step as nth_wait
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Attention
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import Outcome

from .guard import Trouble
from .models import Batch, BatchReceipt, BatchState, Receipt
from .moves import step
from .planning import settle_batch, targets_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Deletion, Pendo
    from compliance.subscriptions.models import Subscription

MOST_WORD_CHARACTERS = 60


@transaction.atomic
def accept(batch: Batch, deletion: Deletion | None, *, how: str, raw: Any = None) -> None:
    """Pendo has the batch; its receipt, if known, is followed. Without one, its targets are looked for later."""
    settle_batch(batch, Outcome.ACCEPTED, why="Pendo has accepted them")
    now = clock.now()
    step(
        batch,
        BatchState.ACCEPTED,
        changes={"accepted_at": now, "due_at": now + dt.timedelta(seconds=settings.TIMINGS.recheck[0])},
        batch=batch.number,
        how=how,
        receipt=deletion.id if deletion else "not known",
    )
    if deletion:
        receipt, _ = Receipt.objects.get_or_create(
            subscription=batch.subscription,
            vendor_id=deletion.id,
            defaults={"due_at": now + dt.timedelta(seconds=settings.TIMINGS.receipt[0])},
        )
        _keep_word(batch, receipt, raw)


def due_receipts(subscription: Subscription) -> QuerySet[Receipt]:
    """Receipts to be asked for now."""
    return Receipt.objects.filter(subscription=subscription, done_at=None, due_at__lte=clock.now()).order_by(
        "due_at"
    )


def receipt_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Due receipts are asked for for as long as `may_go_on`. Raises `Trouble`."""
    if not due_receipts(subscription).exists():
        return
    answer, deletions = pendo.open_deletions()
    if not answer.ok:
        raise Trouble(answer)
    open_ids = {deletion.id for deletion in deletions}
    while may_go_on() and (receipt := due_receipts(subscription).first()):
        _ask_for(pendo, receipt, still_open=receipt.vendor_id in open_ids)


def _ask_for(pendo: Pendo, receipt: Receipt, *, still_open: bool) -> None:
    answer, deletion = pendo.deletion(receipt.vendor_id)
    if not answer.ok or deletion is None:
        _wait(receipt)
        raise Trouble(answer)
    _heard(receipt, deletion, answer.data, done=_is_done(deletion, still_open=still_open))


def _is_done(deletion: Deletion, *, still_open: bool) -> bool:
    """Pendo documents that the open list holds what isn't completed, and no status words.

    So it is done when it isn't open any more and no word of its own speaks against it.
    """
    return not still_open and (deletion.says_done or not deletion.word)


@transaction.atomic
def _heard(receipt: Receipt, deletion: Deletion, raw: Any, *, done: bool) -> None:
    for link in receipt.batch_receipts.select_related("batch__request", "batch__subscription"):
        _keep_word(link.batch, receipt, raw)
    receipt.word = deletion.word[:MOST_WORD_CHARACTERS]
    _wait(receipt, done=done)
    for batch in Batch.objects.filter(batch_receipts__receipt=receipt).select_related(
        "request", "subscription"
    ):
        if not deletion.says_nothing_unknown:
            _tell(batch, Attention.Reason.UNKNOWN_WORD)
        if not done and _overdue(receipt):
            _tell(batch, Attention.Reason.RECEIPT_OVERDUE)
        if done and batch.state == BatchState.ACCEPTED and not _open_receipts(batch):
            step(batch, BatchState.DONE, changes={"due_at": clock.now()}, batch=batch.number)


def _wait(receipt: Receipt, *, done: bool = False) -> None:
    now = clock.now()
    receipt.asks += 1
    receipt.due_at = now + dt.timedelta(seconds=nth_wait(settings.TIMINGS.receipt, receipt.asks))
    receipt.done_at = now if done else None
    receipt.save()


def _open_receipts(batch: Batch) -> bool:
    return batch.batch_receipts.filter(receipt__done_at=None).exists()


def _overdue(receipt: Receipt) -> bool:
    return clock.now() - receipt.first_at > dt.timedelta(seconds=settings.TIMINGS.receipt_overdue)


def _tell(batch: Batch, reason: Attention.Reason) -> None:
    raise_attention(request=batch.request, subscription=batch.subscription, reason=reason)


def _keep_word(batch: Batch, receipt: Receipt, raw: Any) -> None:
    """One receipt may name other people's ids: only this batch's are kept under its request's key."""
    vault = targets_vault(batch.request)
    own = frozenset(target_id(vault, target) for target in targets_of(batch))
    kept = json.dumps(without_other_ids(raw, own))
    BatchReceipt.objects.update_or_create(
        batch=batch, receipt=receipt, defaults={"sealed_answer": vault.seal(kept, purpose="receipt")}
    )
