"""From an approval to batches, and from settled targets to a closed request."""

from __future__ import annotations

import logging
import time
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.connectors.pendo.client import MOST_IDS_A_CALL
from compliance.core import clock
from compliance.workflow.approvals import standing_approvals, wanted_for
from compliance.workflow.attention import settle_attention
from compliance.workflow.models import Attention, Request, Target
from compliance.workflow.moves import move
from compliance.workflow.outcomes import settle
from compliance.workflow.previews import complete_preview, current_preview, digest_of, start_preview
from compliance.workflow.queries import due_for_execution, looked_up_requests, outcome_counts
from compliance.workflow.states import FINAL, Outcome, State

from .models import UNDECIDED, Batch, BatchState, Sending

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence


log = logging.getLogger(__name__)

#: So long a tick works on one large request before it leaves it to the next.
SECONDS_A_REQUEST = 1.0
#: The cause of these isn't gone with the request: a person has to tell the person concerned.
STAYING = (Attention.Reason.BATCH_REFUSED,)


def move_on() -> None:
    """Whatever needs no answer of Pendo is done: due requests are executed, looked-up previews complete.

    A request with which that fails stays where it is, and holds up no other.
    """
    for request in due_for_execution(clock.now()):
        _try(begin_execution, request)
    for request in looked_up_requests():
        _try(partial(complete_preview, may_go_on=_for(SECONDS_A_REQUEST)), request)


def _for(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() < end


def _try(act: Callable[[Request], object], request: Request) -> None:
    try:
        act(request)
    except Exception:
        log.exception("%s cannot go on", request.reference)


@transaction.atomic
def begin_execution(request: Request) -> None:
    """The approved set, and nothing else, stands in batches ready to be sent.

    If the set is not the approved one any more, or an approver has lost the role meanwhile, the approval is
    void and a fresh preview is under way.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if request.state != State.APPROVED or request.grace_until is None or request.grace_until > clock.now():
        return
    preview = current_preview(request)
    approved = len(standing_approvals(preview)) >= wanted_for(preview)
    if not approved or digest_of(request) != preview.digest:
        start_preview(request=request, by=None)
        return
    for subscription in request.subscriptions.all():
        pending = request.targets.filter(subscription=subscription, outcome=Outcome.PENDING).order_by("pk")
        for ids in _chunks(pending.values_list("pk", flat=True), MOST_IDS_A_CALL):
            make_batch(request, subscription_id=subscription.pk, target_ids=ids)
    move(
        request,
        State.EXECUTING,
        actor=ledger.SYSTEM,
        count=preview.found,
        batches=request.batches.count(),
        digest=preview.digest,
    )


def make_batch(
    request: Request,
    *,
    subscription_id: int,
    target_ids: Sequence[int],
    parent: Batch | None = None,
    resent: bool = False,
    state: BatchState = BatchState.READY,
) -> Batch:
    """A batch of these targets stands, mostly ready to be sent. Call it inside a transaction."""
    batch = Batch.objects.create(
        request=request,
        subscription_id=subscription_id,
        number=request.batches.count() + 1,
        parent=parent,
        resent=resent,
        state=state,
    )
    Sending.objects.bulk_create(Sending(batch=batch, target_id=target_id) for target_id in target_ids)
    return batch


def targets_of(batch: Batch) -> list[Target]:
    """The batch's targets in a fixed order."""
    return list(Target.objects.filter(sendings__batch=batch).order_by("pk"))


def settle_batch(batch: Batch, new: Outcome, *, why: str, targets: Sequence[Target] | None = None) -> None:
    """The batch's targets (or those given) have the outcome `new`, whatever they were before."""
    by_outcome: dict[Outcome, list[int]] = {}
    for target in targets if targets is not None else targets_of(batch):
        by_outcome.setdefault(Outcome(target.outcome), []).append(target.pk)
    for old, ids in by_outcome.items():
        if old != new:
            settle(ids, request=batch.request, subscription=batch.subscription, old=old, new=new, why=why)


@transaction.atomic
def advance(request: Request) -> None:
    """The request is confirming once nothing of it is undecided, and closed once all outcomes are final."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    undecided = request.batches.filter(state__in=UNDECIDED).exists()
    if request.state == State.EXECUTING and not undecided:
        move(request, State.CONFIRMING, actor=ledger.SYSTEM)
    if request.state == State.CONFIRMING and not undecided and _all_final(request):
        counts = outcome_counts(request)
        move(
            request,
            State.CLOSED,
            actor=ledger.SYSTEM,
            changes={"closed_at": clock.now()},
            outcomes=", ".join(f"{count} {outcome.label.lower()}" for outcome, count in counts.items()),
        )
        for attention in request.attentions.filter(settled_at=None).exclude(reason__in=STAYING):
            settle_attention(attention=attention, by=None)


def _chunks(ids: Iterable[int], size: int) -> Iterator[list[int]]:
    source = iter(ids)
    while chunk := list(islice(source, size)):
        yield chunk


def _all_final(request: Request) -> bool:
    return not request.targets.exclude(outcome__in=FINAL).exists()
