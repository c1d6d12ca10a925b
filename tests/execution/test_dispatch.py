import pytest
from django.db import OperationalError
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ

from compliance.core.crypto import SealBroken
from compliance.execution.dispatch import RUN_LANE, enqueue_due_lanes, work_lane
from compliance.sandbox.keys import DEMO_READ_KEY, DEMO_WRITE_KEY
from compliance.subscriptions import lanes
from compliance.subscriptions.keys import enter_key
from compliance.subscriptions.models import LaneKind, PauseReason, Purpose
from compliance.subscriptions.pausing import pause
from compliance.subscriptions.registration import add_subscription
from compliance.workflow.models import Request
from compliance.workflow.previews import current_preview
from compliance.workflow.states import Outcome
from tests.workflow_fixtures import end_our_connection, meanwhile, on_postgres, outcomes


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


@pytest.fixture
def reading(desk):
    """A read-only key beside the other one."""
    return enter_key(subscription=desk.subscription, key=DEMO_READ_KEY, by=None, purpose=Purpose.READ)


def test_look_ups_need_only_the_read_only_key(desk, reading):
    desk.pendo.keys.pop(DEMO_WRITE_KEY)
    request = desk.opened(desk.ids(2))

    desk.read()

    request.refresh_from_db()
    assert (request.state, desk.paused()) == ("previewed", "")


def test_deletions_go_by_the_key_that_may_write(desk, reading):
    request = desk.executing(desk.ids(2))

    desk.run()

    assert desk.accepted() == [desk.ids(2)]
    request.refresh_from_db()
    assert request.state == "confirming"


def test_refused_read_only_key_is_put_aside_and_the_work_goes_on(desk, reading):
    request = desk.opened(desk.ids(2))
    desk.pendo.keys.pop(DEMO_READ_KEY)

    desk.run()

    request.refresh_from_db()
    reading.refresh_from_db()
    assert (request.state, desk.paused()) == ("previewed", "")
    assert reading.waits_to_be_deleted


def test_error_that_nobody_foresaw_makes_the_lane_wait_and_gives_it_back(desk, waiting):
    Request.objects.update(targets_key=b"no key")

    with pytest.raises(SealBroken):
        desk.send()

    lane = desk.lane(LaneKind.BULK)
    assert (lane.failures, lane.lease_token) == (1, "")
    assert desk.posts() == []


def ended_by_the_queue():
    raise TimeoutException("the task takes too long")


def test_answers_so_slow_that_the_queue_ends_the_task_make_the_lane_wait_and_the_preview_says_why(desk):
    request = desk.opened(desk.ids(1))

    with (
        meanwhile(fits=lambda sql, _: 'UPDATE "workflow_target"' in sql, act=ended_by_the_queue, before=True),
        pytest.raises(TimeoutException),
    ):
        desk.read()

    lane = desk.lane(LaneKind.READ)
    assert (lane.failures, lane.lease_token) == (1, "")
    assert "answers very slowly" in current_preview(request).trouble


@on_postgres
def test_connection_lost_before_the_answer_is_written_leaves_the_lane_free_and_pendo_is_asked(desk):
    request = desk.executing(desk.ids(2))

    with (
        meanwhile(fits=lambda sql, _: desk.posts() and "SELECT" in sql, act=end_our_connection, before=True),
        pytest.raises(OperationalError),
    ):
        desk.send()
    assert desk.lane(LaneKind.BULK).lease_token == ""
    desk.run()

    assert desk.posts() == [(2, 200)]
    assert outcomes(request) == {Outcome.ACCEPTED: 2}
