"""Which lanes have work, and working a slice of one."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django_q.models import OrmQ
from django_q.tasks import async_task

from compliance.core import clock
from compliance.subscriptions import lanes
from compliance.subscriptions.keys import NoUsableKey, key_for, open_pendo
from compliance.subscriptions.models import Lane, LaneKind, Subscription
from compliance.workflow.previews import note_trouble, waiting_targets
from compliance.workflow.scans import due_scans

from .asking import uncertain_batches
from .guard import Paused, Trouble, deal_with
from .looking import batches_to_look_at, scanned_batches
from .one_by_one import batches_to_call, call_slice, orphaned_groups
from .pace import Asking, lane_rate
from .reading import read_slice
from .receipts import due_receipts
from .sending import orphaned_batches, ready_batches, send_slice

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model, QuerySet

    from compliance.connectors.pendo import Pendo

log = logging.getLogger(__name__)

RUN_LANE = "compliance.execution.tasks.run_lane"
#: The environment variable by which a supervisor names its worker group.
GROUP_VARIABLE = "ERASURE_DESK_WORKER_GROUP"
WORK: dict[LaneKind, tuple[Callable[[Subscription], QuerySet[Model]], ...]] = {
    LaneKind.BULK: (ready_batches, orphaned_batches),
    LaneKind.RESET: (batches_to_call, orphaned_groups),
    LaneKind.READ: (
        uncertain_batches,
        waiting_targets,
        due_receipts,
        batches_to_look_at,
        scanned_batches,
        due_scans,
    ),
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
    """Whether something of the lane's kind is due."""
    return any(due(lane.subscription).exists() for due in WORK[LaneKind(lane.kind)])


def work_lane(lane_id: int) -> None:
    """A slice of the lane's work is done by its one sender; the lane is free, and enqueued if more is due.

    After an error that nobody foresaw, the lane waits as after any other failure.
    """
    lease = lanes.take(lane_id, group=os.environ.get(GROUP_VARIABLE, ""))
    if lease is None:
        return
    lane = Lane.objects.select_related("subscription").get(pk=lane_id)
    try:
        went_on = _slice(lane, lease)
    except Exception:
        lanes.put_off(lease)
        raise
    finally:
        lanes.give_back(lease)
    if went_on and has_work(lane):
        enqueue(lane_id)


def _slice(lane: Lane, lease: lanes.Lease) -> bool:
    """Whether the lane can go on at once."""
    subscription = lane.subscription
    may_go_on = _until_the_slice_ends(subscription)
    if not may_go_on():
        return False
    key = key_for(subscription, lane.kind)
    try:
        with open_pendo(subscription, lane.kind) as pendo:
            _WORKERS[LaneKind(lane.kind)](pendo, subscription, lease, may_go_on)
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
    return not Subscription.objects.get(pk=subscription.pk).paused


def _read(
    pendo: Pendo, subscription: Subscription, lease: lanes.Lease, may_go_on: Callable[[], bool]
) -> None:
    with lane_rate(lease) as rate:
        pendo.keep_to(Asking(rate))
        read_slice(pendo, subscription, may_go_on)
    lanes.went_well(lease)


_WORKERS: dict[LaneKind, Callable[[Pendo, Subscription, lanes.Lease, Callable[[], bool]], None]] = {
    LaneKind.BULK: send_slice,
    LaneKind.RESET: call_slice,
    LaneKind.READ: _read,
}


def _until_the_slice_ends(subscription: Subscription) -> Callable[[], bool]:
    end = time.monotonic() + settings.TIMINGS.slice

    def may_go_on() -> bool:
        paused = Subscription.objects.filter(pk=subscription.pk).exclude(paused_reason="").exists()
        return time.monotonic() < end and not paused

    return may_go_on
