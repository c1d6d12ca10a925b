"""Which lanes have work, and working a slice of one."""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import Exists, Q
from django.db.models.functions import Now
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ
from django_q.tasks import async_task

from compliance.connectors.answers import Verdict
from compliance.core import clock
from compliance.subscriptions import lanes
from compliance.subscriptions.keys import NoUsableKey, key_for, open_pendo
from compliance.subscriptions.models import SENDING_LANES, Lane, LaneKind, Subscription
from compliance.subscriptions.outages import end_outage, is_silent
from compliance.subscriptions.stopping import stops_in_force
from compliance.workflow.previews import note_trouble

from .guard import Paused, Trouble, deal_with, recognise
from .health import own_group
from .one_by_one import batches_to_call, call_slice, orphaned_groups
from .pace import Asking, lane_rate
from .passes import due_passes
from .reading import BEFORE_THE_WATCH, read_slice
from .sending import orphaned_batches, ready_batches, send_slice
from .suspending import orphaned_suspensions, suspend_slice, suspensions_to_send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model, QuerySet

    from compliance.connectors.pendo import Pendo

log = logging.getLogger(__name__)

RUN_LANE = "compliance.execution.tasks.run_lane"
WORK: dict[LaneKind, tuple[Callable[[Subscription], QuerySet[Model]], ...]] = {
    LaneKind.BULK: (ready_batches, orphaned_batches),
    LaneKind.RESET: (suspensions_to_send, orphaned_suspensions, batches_to_call, orphaned_groups),
    LaneKind.READ: (*BEFORE_THE_WATCH, due_passes),
}


#: What is left of a sender that died asks nothing of Pendo: it is settled even while nothing may be sent.
ORPHANS: dict[LaneKind, tuple[Callable[[Subscription], QuerySet[Model]], ...]] = {
    LaneKind.BULK: (orphaned_batches,),
    LaneKind.RESET: (orphaned_suspensions, orphaned_groups),
    LaneKind.READ: (),
}


def enqueue_due_lanes() -> None:
    """One task waits in the queue for each lane that is free, may send, and has something to do."""
    queued = _queued_lanes()
    free = Lane.objects.filter(
        Q(lease_token="") | Q(lease_until__lt=Now()), next_at__lte=Now(), subscription__paused_reason=""
    )
    for lane in free.select_related("subscription"):
        if lane.pk not in queued and has_work(lane):
            enqueue(lane.pk)


def _queued_lanes() -> set[int]:
    """Lanes with a task that no worker has taken yet: one more each tick would bury the ticks themselves."""
    waiting = OrmQ.objects.filter(lock__lte=clock.now())
    return {row.task["args"][0] for row in waiting if row.task.get("func") == RUN_LANE}


def enqueue(lane_id: int) -> None:
    """A task for the lane is in the queue."""
    async_task(RUN_LANE, lane_id, ack_failure=True, save=False)


def has_work(lane: Lane) -> bool:
    """Whether something of the lane's kind is due, or, during an outage, whether it is the one that asks."""
    kind = LaneKind(lane.kind)
    if kind is LaneKind.READ and is_silent(lane.subscription):
        return True
    due = WORK[kind] if may_call(lane) else ORPHANS[kind]
    return any(each(lane.subscription).exists() for each in due)


def may_call(lane: Lane) -> bool:
    """Whether calls of the lane's kind may be made now; asked before each.

    A pause holds all of them. What would change something in Pendo waits during an outage, too, and while
    all sending is stopped.
    """
    allowed = Subscription.objects.filter(pk=lane.subscription_id, paused_reason="")
    if lane.kind in SENDING_LANES:
        allowed = allowed.filter(~Exists(stops_in_force()), silent_since__isnull=True)
    return allowed.exists()


def work_lane(lane_id: int) -> None:
    """A slice of the lane's work is done by its one sender; the lane is free, and enqueued if more is due.

    After an error that nobody foresaw, and where Pendo answers so slowly that the queue ends the task first,
    the lane waits as after any other failure.
    """
    lease = lanes.take(lane_id, group=own_group())
    if lease is None:
        return
    lane = Lane.objects.select_related("subscription").get(pk=lane_id)
    try:
        went_on = _slice(lane, lease)
    except TimeoutException:
        # It may have come in the middle of a statement: nobody knows what the connection is at.
        connection.close()
        lanes.put_off(lease)
        _tell_too_slow(lane.subscription)
        raise
    except Exception:
        # A connection that the database has ended would keep the lane until the lease runs out.
        close_old_connections()
        lanes.put_off(lease)
        raise
    finally:
        lanes.give_back(lease)
    if went_on and has_work(lane):
        enqueue(lane_id)


def _tell_too_slow(subscription: Subscription) -> None:
    """Whoever waits for a preview learns why. A slice keeps to its seconds: it is Pendo that took them."""
    log.warning("subscription %s answers too slowly: a task was ended by the queue", subscription.pk)
    note_trouble(
        subscription,
        f"Waiting: {subscription.name} answers very slowly, so that what was begun could not be finished; "
        "trying again by itself.",
    )


def _slice(lane: Lane, lease: lanes.Lease) -> bool:
    """Whether the lane can go on at once."""
    subscription = lane.subscription
    if subscription.paused:
        return False
    key = key_for(subscription, lane.kind)
    try:
        with open_pendo(subscription, lane.kind) as pendo, _listening(pendo, lane, lease):
            _WORKERS[LaneKind(lane.kind)](pendo, subscription, lease, _until_the_slice_ends(lane))
    except NoUsableKey:
        note_trouble(
            subscription, f"Waiting: {subscription.name} has no key yet. A key custodian has to enter one."
        )
        return False
    except Trouble as trouble:
        log.warning("lane %s/%s put off: %s", subscription.pk, lane.kind, trouble)
        if key and key_for(subscription, lane.kind) == key:
            deal_with(trouble, lease=lease, subscription=subscription, key=key)
        return False
    except Paused:
        return False
    return may_call(lane)


@contextmanager
def _listening(pendo: Pendo, lane: Lane, lease: lanes.Lease) -> Iterator[None]:
    """Whether Pendo answered in the slice stands with the lane, and its first answer ends an outage."""
    try:
        yield
    except Trouble as trouble:
        if not pendo.heard and trouble.answer.verdict is not Verdict.KEY_REFUSED:
            lanes.unheard(lease)
        raise
    finally:
        if pendo.heard:
            lanes.heard(lease)
            end_outage(lane.subscription)


def _read(
    pendo: Pendo, subscription: Subscription, lease: lanes.Lease, may_go_on: Callable[[], bool]
) -> None:
    with lane_rate(lease) as rate:
        pendo.keep_to(Asking(rate))
        if subscription.silent_since:
            recognise(pendo, subscription)
            end_outage(subscription)
        read_slice(pendo, subscription, may_go_on)
    lanes.went_well(lease)


def _call(
    pendo: Pendo, subscription: Subscription, lease: lanes.Lease, may_go_on: Callable[[], bool]
) -> None:
    # What a hold wants comes first: data that is collected meanwhile stays.
    suspend_slice(pendo, subscription, lease, may_go_on)
    call_slice(pendo, subscription, lease, may_go_on)


_WORKERS: dict[LaneKind, Callable[[Pendo, Subscription, lanes.Lease, Callable[[], bool]], None]] = {
    LaneKind.BULK: send_slice,
    LaneKind.RESET: _call,
    LaneKind.READ: _read,
}


def _until_the_slice_ends(lane: Lane) -> Callable[[], bool]:
    end = time.monotonic() + settings.TIMINGS.slice
    return lambda: time.monotonic() < end and may_call(lane)
