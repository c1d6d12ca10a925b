"""From an approval to batches, and from settled targets to a closed request."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Exists, Max, OuterRef

from compliance.audit import ledger
from compliance.connectors.pendo.client import MOST_IDS_A_CALL
from compliance.core import clock
from compliance.core.bulk import insert_new
from compliance.workflow.approvals import standing_approvals, wanted_for
from compliance.workflow.attention import settle_attention
from compliance.workflow.kinds import Action, traits_of
from compliance.workflow.models import Attention, Request, Target
from compliance.workflow.moves import move
from compliance.workflow.outcomes import settle
from compliance.workflow.previews import (
    complete_preview,
    current_preview,
    digest_of,
    screen_again,
    start_preview,
)
from compliance.workflow.queries import due_for_execution, looked_up_requests, outcome_counts
from compliance.workflow.recipients import has_open_tasks, open_recipient_tasks
from compliance.workflow.screening import requests_to_screen
from compliance.workflow.states import UNFINISHED, Outcome, State, TargetKind
from compliance.workflow.urgency import most_urgent

from .canary import canary_size, rest_may_follow, wants_canary
from .models import UNDECIDED, Batch, BatchKind, BatchState, Sending
from .moves import lock
from .turns import a_turn, attempt, in_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from compliance.subscriptions.models import Subscription


#: The cause of these isn't gone with the request: somebody has to tell the person, or to look again.
STAYING = (
    Attention.Reason.BATCH_REFUSED,
    Attention.Reason.HOLD_LIFTED,
    Attention.Reason.KEPT_UNTIL_NOW,
)
#: So many batches of a request stand ready in a subscription: a lane without a pace has work until the next
#: tick or its own next look, and however large a request is, the transaction that makes them stays small.
BATCHES_AHEAD = 20
#: Targets called for one by one are grouped in smaller batches: a page shows one line for each.
MOST_ONE_BY_ONE = 200


class Planned(NamedTuple):
    """What becomes of one kind of target: the kind of batch, and how many are in one."""

    target: TargetKind
    batch: BatchKind
    most: int
    everybody: bool = False


#: By what is done to the targets of a request, in the order of sending.
PLANNED: dict[Action, tuple[Planned, ...]] = {
    Action.ERASE: (
        Planned(TargetKind.VISITOR, BatchKind.VISITORS, MOST_IDS_A_CALL),
        Planned(TargetKind.ACCOUNT, BatchKind.ACCOUNTS, MOST_IDS_A_CALL),
    ),
    Action.RESET: (
        Planned(TargetKind.GUIDE, BatchKind.RESETS, MOST_ONE_BY_ONE),
        # One that was lost waits for a person; it must not hold up another.
        Planned(TargetKind.GUIDE, BatchKind.RESETS, 1, everybody=True),
    ),
    Action.READMIT: (Planned(TargetKind.VISITOR, BatchKind.READMISSIONS, MOST_ONE_BY_ONE),),
}


def move_on() -> None:
    """Whatever needs no answer of Pendo is done: due requests are executed, looked-up previews complete.

    A request with which that fails stays where it is, and holds up no other. Of very many, some are left to
    the next tick.
    """
    for request in in_time(due_for_execution(clock.now())):
        attempt(begin_execution, request)
    going_on = Request.objects.filter(
        state=State.EXECUTING, planned_at=None, paused_at=None, rest_cancelled_at=None
    )
    for request in in_time(going_on.order_by(*most_urgent(), "pk")):
        attempt(plan_request, request)
    for request in in_time(looked_up_requests()):
        attempt(partial(complete_preview, may_go_on=a_turn()), request)
    for request in in_time(requests_to_screen()):
        attempt(partial(screen_again, may_go_on=a_turn()), request)


@transaction.atomic
def begin_execution(request: Request) -> None:
    """The approved set, and nothing else, is being executed: its first batches stand, `plan` makes more.

    If the set is not the approved one any more, or an approver has lost the role meanwhile, the approval is
    void and a fresh preview is under way.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    due = request.grace_until is not None and request.grace_until <= clock.now()
    if request.state != State.APPROVED or not due or request.paused_at:
        return
    preview = current_preview(request)
    approved = len(standing_approvals(preview)) >= wanted_for(preview)
    if not approved or digest_of(request) != preview.digest:
        start_preview(request=request, by=None)
        return
    move(request, State.EXECUTING, actor=ledger.SYSTEM, count=preview.found, digest=preview.digest)
    open_recipient_tasks(request)
    plan_request(request)


def plan_request(request: Request) -> None:
    """Some batches stand ready in each of the request's subscriptions, as long as targets are left."""
    for subscription in request.subscriptions.all():
        plan(request, subscription)


def plan(request: Request, subscription: Subscription) -> None:
    """Up to `BATCHES_AHEAD` batches of the request stand ready in the subscription, if so much is left."""
    ready = request.batches.filter(subscription=subscription, state=BatchState.READY)
    if not request.planned_at and ready.count() * 2 < BATCHES_AHEAD:
        _plan_some(request, subscription)


def unplanned(request: Request) -> QuerySet[Target]:
    """Approved targets of the request that stand in no batch yet."""
    sendings = Sending.objects.filter(target=OuterRef("pk"))
    return request.targets.filter(~Exists(sendings), outcome=Outcome.PENDING)


@transaction.atomic
def _plan_some(request: Request, subscription: Subscription) -> None:
    lock([request.pk])
    request = Request.objects.get(pk=request.pk)
    if request.state != State.EXECUTING or request.paused_at or request.rest_cancelled_at:
        return
    room = BATCHES_AHEAD - request.batches.filter(subscription=subscription, state=BatchState.READY).count()
    first = canary_size(request, subscription)
    for planned in PLANNED[traits_of(request.kind).action]:
        if room > 0 and rest_may_follow(request, subscription):
            room -= _plan_kind(request, subscription, planned, most_batches=room, first=first)
    note_planned(request)


def note_planned(request: Request) -> None:
    """If no target is left without a batch, the request is planned, and goes on to where it belongs."""
    if request.state == State.EXECUTING and not request.planned_at and not unplanned(request).exists():
        Request.objects.filter(pk=request.pk).update(planned_at=clock.now())
        advance(request)


def _plan_kind(
    request: Request, subscription: Subscription, planned: Planned, *, most_batches: int, first: int
) -> int:
    """How many batches of this kind of target stand now that didn't before."""
    left = unplanned(request).filter(
        subscription=subscription, kind=planned.target, everybody=planned.everybody
    )
    canary = bool(first) and wants_canary(request, subscription)
    size = min(first, planned.most) if canary else planned.most
    most = size if canary else size * most_batches
    keys = left.order_by("pk").values_list("pk", flat=True)
    # Targets are planned in the order of their keys: a slice that reads on doesn't read all that wait.
    ids = list(keys.filter(pk__gt=_last_planned(request, subscription, planned))[:most]) or list(keys[:most])
    for start in range(0, len(ids), size):
        make_batch(
            request,
            subscription_id=subscription.pk,
            target_ids=ids[start : start + size],
            kind=planned.batch,
            canary=canary,
        )
    return -(-len(ids) // size)


def _last_planned(request: Request, subscription: Subscription, planned: Planned) -> int:
    """The highest key in the last such batch, or 0."""
    made = request.batches.filter(subscription=subscription, kind=planned.batch, parent=None)
    last = made.order_by("-number").first()
    highest = last and last.sendings.aggregate(highest=Max("target_id"))["highest"]
    return highest or 0


def make_batch(
    request: Request,
    *,
    subscription_id: int,
    target_ids: Sequence[int],
    kind: BatchKind = BatchKind.VISITORS,
    canary: bool = False,
    parent: Batch | None = None,
    resent: bool = False,
    state: BatchState = BatchState.READY,
) -> Batch:
    """A batch of these targets stands, mostly ready to be sent. Call it inside a transaction.

    What Pendo was asked about its parent, it was asked about this one.
    """
    last = request.batches.order_by("-number").values_list("number", flat=True).first()
    batch = Batch.objects.create(
        request=request,
        subscription_id=subscription_id,
        number=(last or 0) + 1,
        kind=kind,
        canary=canary,
        parent=parent,
        resent=resent,
        state=state,
        cleared_at=parent.cleared_at if parent else None,
    )
    # Model by model, this would be the dearest part of sending.
    rows = [(batch.pk, each, 0, False) for each in target_ids]
    insert_new(Sending, ("batch_id", "target_id", "round", "marked"), rows)
    return batch


def targets_of(batch: Batch) -> list[Target]:
    """The batch's targets in a fixed order, without what the preview saw of them."""
    return list(Target.objects.filter(sendings__batch=batch).defer("sealed_details").order_by("pk"))


def unsettled_of(batch: Batch) -> list[Target]:
    """The batch's targets that have no final outcome yet."""
    left = Target.objects.filter(sendings__batch=batch, outcome__in=UNFINISHED)
    return list(left.defer("sealed_details").order_by("pk"))


def settle_batch(batch: Batch, new: Outcome, *, why: str, targets: Sequence[Target] | None = None) -> None:
    """The batch's targets (or those given) have the outcome `new`, whatever they were before."""
    if targets is None:
        rows = list(Target.objects.filter(sendings__batch=batch).values_list("outcome", "pk").order_by("pk"))
    else:
        rows = [(target.outcome, target.pk) for target in targets]
    by_outcome: dict[Outcome, list[int]] = {}
    for outcome, pk in rows:
        by_outcome.setdefault(Outcome(outcome), []).append(pk)
    for old, ids in by_outcome.items():
        if old != new:
            settle(ids, request=batch.request, subscription=batch.subscription, old=old, new=new, why=why)


@transaction.atomic
def advance(request: Request) -> None:
    """The request is confirming once nothing of it is undecided.

    It is closed once all outcomes are final, and every other system concerned was told.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    undecided = request.batches.filter(state__in=UNDECIDED).exists()
    if request.state == State.EXECUTING and request.planned_at and not undecided:
        move(request, State.CONFIRMING, actor=ledger.SYSTEM)
    if request.state == State.CONFIRMING and not undecided and _nothing_is_left(request):
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


def _nothing_is_left(request: Request) -> bool:
    return not has_open_tasks(request) and not request.targets.filter(outcome__in=UNFINISHED).exists()
