import pytest
from django_q.models import OrmQ

from compliance.core.crypto import SealBroken
from compliance.execution.dispatch import RUN_LANE, enqueue_due_lanes, work_lane
from compliance.subscriptions import lanes
from compliance.subscriptions.models import LaneKind, PauseReason
from compliance.subscriptions.pausing import pause
from compliance.subscriptions.registration import add_subscription
from compliance.workflow.models import Request
from compliance.workflow.previews import current_preview


def queued():
    return [(row.task["func"], row.task["args"]) for row in OrmQ.objects.order_by("pk")]


@pytest.fixture
def waiting(desk):
    """A request to be previewed, and one to be sent; nothing is in the queue."""
    desk.executing(desk.ids(1))
    desk.opened(desk.ids(1, start=1))
    OrmQ.objects.all().delete()


def test_each_lane_with_work_has_one_task_that_carries_its_primary_key(desk, waiting):
    enqueue_due_lanes()

    lanes_of = [desk.lane(kind).pk for kind in (LaneKind.BULK, LaneKind.READ)]
    assert sorted(queued()) == [(RUN_LANE, (pk,)) for pk in sorted(lanes_of)]


def test_lane_that_waits_in_the_queue_is_not_queued_again(waiting):
    enqueue_due_lanes()
    enqueue_due_lanes()

    assert len(queued()) == 2


def test_task_that_a_killed_worker_had_taken_holds_up_nothing(waiting, later):
    enqueue_due_lanes()
    OrmQ.objects.update(lock="2999-01-01T00:00Z")

    enqueue_due_lanes()

    assert len(queued()) == 4


def test_lane_without_work_is_not_queued(desk):
    enqueue_due_lanes()

    assert queued() == []


def test_lane_that_is_taken_is_not_queued(desk, waiting):
    lanes.take(desk.lane(LaneKind.BULK).pk, group="")

    enqueue_due_lanes()

    assert queued() == [(RUN_LANE, (desk.lane(LaneKind.READ).pk,))]


def test_lane_that_is_put_off_is_not_queued(desk, waiting):
    desk.timings(retry=(600,))
    lease = lanes.take(desk.lane(LaneKind.BULK).pk, group="")
    lanes.put_off(lease)
    lanes.give_back(lease)

    enqueue_due_lanes()

    assert queued() == [(RUN_LANE, (desk.lane(LaneKind.READ).pk,))]


def test_lanes_of_a_paused_subscription_are_neither_queued_nor_worked(desk, waiting):
    pause(subscription=desk.subscription, reason=PauseReason.PERSON, by=None)
    before = len(desk.world.books.since(0))

    enqueue_due_lanes()
    desk.read()
    desk.send()

    assert queued() == []
    assert len(desk.world.books.since(0)) == before


def test_lane_with_more_to_do_is_queued_again_at_once(desk, waiting):
    desk.executing(desk.ids(1, start=2))
    OrmQ.objects.all().delete()
    desk.timings(slice=0.1, bulk_interval=0.2)

    desk.send()

    assert queued() == [(RUN_LANE, (desk.lane(LaneKind.BULK).pk,))]


def test_subscription_without_a_key_says_so_at_the_preview(new_request, transactional_db, by_hand):
    subscription = add_subscription(name="Keyless", region="us", production=False, by=None)
    request = new_request(subscriptions=[subscription])

    work_lane(subscription.lanes.get(kind=LaneKind.READ).pk)

    assert "has no key yet" in current_preview(request).trouble


def test_error_that_nobody_foresaw_makes_the_lane_wait_and_gives_it_back(desk, waiting):
    Request.objects.update(targets_key=b"no key")

    with pytest.raises(SealBroken):
        desk.send()

    lane = desk.lane(LaneKind.BULK)
    assert (lane.failures, lane.lease_token) == (1, "")
    assert desk.posts() == []
