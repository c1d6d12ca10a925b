"""The bulk lane: one sender, one call at a time, each written down before it is sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from compliance.connectors.answers import Answer, Verdict
from compliance.core import clock, crypto
from compliance.subscriptions import lanes
from compliance.subscriptions.stopping import stops_in_force
from compliance.workflow.errors import StateChanged
from compliance.workflow.hold_matching import holds_placed
from compliance.workflow.kinds import traits_of
from compliance.workflow.listings import unread_for_sending
from compliance.workflow.models import Attention, Target
from compliance.workflow.sealing import opened_id, targets_vault
from compliance.workflow.states import State
from compliance.workflow.urgency import most_urgent

from .answering import take_over, write_answer
from .guard import Trouble, recognise
from .guarding import take_out_unguarded
from .holding import empty, take_out_held
from .models import BULK, Batch, BatchKind, BatchState, Call
from .moves import lock, step
from .pace import Asking, Pace, bulk_pace, first_rate
from .planning import plan
from .rechecking import recheck
from .silence import doubt, may_have_been_sent, woke_at

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Request

ENDPOINTS = {BatchKind.VISITORS: "bulkdelete/visitor", BatchKind.ACCOUNTS: "bulkdelete/account"}
#: After these, Pendo is as willing as before.
GOES_ON = frozenset({Verdict.OK, Verdict.BAD_REQUEST, Verdict.UNPROCESSABLE})


class Intended(NamedTuple):
    """A call that stands in the database: whom it doesn't name after all, and how many holds there were."""

    call: Call
    left_out: Collection[int]
    holds: int


def ready_batches(subscription: Subscription) -> QuerySet[Batch]:
    """Batches of the subscription to be deleted now, the most urgent request first."""
    return due_batches(subscription).filter(kind__in=BULK)


def due_batches(subscription: Subscription) -> QuerySet[Batch]:
    """Batches of whatever kind to be sent now, but for those of requests that are paused, or end here."""
    return (
        Batch.objects.filter(
            ~Exists(_endings(OuterRef("request"), subscription)),
            # The segment or report by which its targets were found is being read again.
            ~Exists(unread_for_sending(OuterRef("request"), subscription)),
            Q(request__state=State.EXECUTING) | Q(request__state=State.CONFIRMING),
            request__paused_at=None,
            request__rest_cancelled_at=None,
            subscription=subscription,
            state=BatchState.READY,
            due_at__lte=clock.now(),
        )
        .select_related("request", "subscription")
        .order_by(*most_urgent("request__"), "request_id", "number")
    )


def _endings(request: Request | OuterRef, subscription: Subscription) -> QuerySet[Attention]:
    """An officer has ended some waiting of the request here, and it is being carried out."""
    return Attention.objects.filter(ending=True, request=request, subscription=subscription)


def lock_to_call(batch: Batch) -> None:
    """Its request is locked, for a call to be written down. Raises `StateChanged` where its waiting is ended.

    Since the batch was chosen, an officer may have: whatever is written down now would escape the ending.
    """
    lock([batch.request_id])
    if _endings(batch.request, batch.subscription).exists():
        raise StateChanged("An officer has ended the waiting for this batch.")


def orphaned_batches(subscription: Subscription) -> QuerySet[Batch]:
    """Batches being sent: for the lane's new sender, those whose former sender ended before the answer."""
    being_sent = Batch.objects.filter(subscription=subscription, state=BatchState.SENDING, kind__in=BULK)
    return being_sent.select_related("request", "subscription")


def send_slice(
    pendo: Pendo, subscription: Subscription, lease: lanes.Lease, may_go_on: Callable[[], bool]
) -> None:
    """Ready batches are sent one after the other for as long as `may_go_on`. Raises `Trouble` or `Paused`."""
    for orphan in orphaned_batches(subscription):
        take_over(orphan, lease)
    if not may_go_on() or not ready_batches(subscription).exists():
        return
    pace = bulk_pace(lease)
    pendo.keep_to(Asking(first_rate()))
    recognise(pendo, subscription)
    woke = woke_at()
    while may_go_on() and may_send(lease) and (batch := ready_batches(subscription).first()):
        if may_have_been_sent(batch, woke):
            doubt(batch)
        elif recheck(pendo, batch, may_go_on):
            _send(pendo, batch, lease, pace)
        # A lane without a pace outruns the ticks; and a more urgent request has to stay the first in line.
        plan(batch.request, subscription)


def _send(pendo: Pendo, batch: Batch, lease: lanes.Lease, pace: Pace) -> None:
    vault = targets_vault(batch.request)
    # Without making a model of each: with no pace, that would be felt.
    targets = Target.objects.filter(sendings__batch=batch).order_by("pk")
    ids: dict[int, str] = {}
    commitments: dict[int, bytes] = {}
    for pk, sealed_id, commitment in targets.values_list("pk", "sealed_id", "commitment"):
        ids[pk] = opened_id(vault, sealed_id)
        commitments[pk] = bytes(commitment)
    try:
        intended = _intend(batch, ids, commitments, lease)
    except StateChanged:
        # Cancelled, or the waiting for it was ended, since it was chosen.
        return
    if intended is None:
        return
    call = intended.call
    pace.wait()
    if not may_be_sent(batch, lease, holds=intended.holds):
        write_answer(call, batch, lease, Answer(Verdict.NOT_SENT), quiet_since=pace.quiet_since)
        return
    delete = pendo.delete_visitors if batch.kind == BatchKind.VISITORS else pendo.delete_accounts
    answer, deletion = delete([name for pk, name in ids.items() if pk not in intended.left_out])
    pace.sent(answer.left_at or time.monotonic())
    if write_answer(call, batch, lease, answer, deletion, quiet_since=pace.quiet_since):
        _follow_up(answer, lease)


@transaction.atomic
def _intend(
    batch: Batch, ids: Mapping[int, str], commitments: Mapping[int, bytes], lease: lanes.Lease
) -> Intended | None:
    """The call stands in the database before anything is sent, and until it is answered nobody knows when.

    None if nobody is left who may be named.
    """
    lock_to_call(batch)
    # Counted first: a hold that comes in between makes the call wait for nothing, and is never missed.
    holds = holds_placed()
    out = take_out_unguarded(batch, ids)
    out |= take_out_held(batch, commitments.keys() - out)
    named = [commitment for pk, commitment in commitments.items() if pk not in out]
    if out and not named:
        empty(batch)
        return None
    lanes.about_to_send(lease)
    digest, endpoint = digest_over(named, batch.request), ENDPOINTS[BatchKind(batch.kind)]
    call = Call.objects.create(
        batch=batch, endpoint=endpoint, count=len(named), digest=digest, lease_token=lease.token
    )
    step(
        batch,
        BatchState.SENDING,
        changes={"sent_at": clock.now(), "asks": 0},
        call=call.pk,
        batch=batch.number,
        endpoint=endpoint,
        count=call.count,
        digest=digest,
    )
    return Intended(call, out, holds)


def digest_over(commitments: Iterable[bytes], request: Request) -> str:
    """The digest of a set of targets of the request that is sent."""
    return crypto.set_digest(commitments, action=traits_of(request.kind).action.value)


def may_send(lease: lanes.Lease) -> bool:
    """Still the lane's one sender, and for as long as a call may take."""
    return lanes.held(lease, seconds=settings.TIMINGS.call_deadline)


def may_be_sent(batch: Batch, lease: lanes.Lease, *, holds: int) -> bool:
    """Nobody has stopped, paused or cancelled it, or taken the lane, while we waited for the slot.

    Nor placed a hold: there were so many when the call was compared with them.
    """
    running = Batch.objects.filter(
        ~Exists(stops_in_force()),
        pk=batch.pk,
        request__paused_at=None,
        request__rest_cancelled_at=None,
        subscription__paused_reason="",
    )
    return may_send(lease) and running.exists() and holds_placed() == holds


def _follow_up(answer: Answer, lease: lanes.Lease) -> None:
    """Pendo's refusal to take anything at the moment ends the slice and puts the lane off."""
    if answer.verdict in GOES_ON:
        lanes.went_well(lease)
    else:
        raise Trouble(answer)
