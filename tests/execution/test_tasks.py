from django_q.models import OrmQ

from compliance.execution import tasks, turns
from compliance.execution.health import heartbeat_age
from compliance.subscriptions.models import LaneKind
from tests.workflow_fixtures import outcomes


def test_tick_is_a_heartbeat_and_begins_what_is_due(desk):
    request = desk.approved(desk.ids(1))

    assert tasks.tick() is None

    assert heartbeat_age() < 5
    assert request.batches.count() == 1


def test_of_many_due_requests_a_tick_leaves_some_to_the_next_and_sees_to_the_lanes(desk, monkeypatch):
    monkeypatch.setattr(turns, "SECONDS_A_SORT", 0)
    requests = [desk.approved([each]) for each in desk.ids(3)]

    tasks.tick()

    assert sum(request.batches.count() for request in requests) == 1
    assert OrmQ.objects.count() == 1

    tasks.tick()
    tasks.tick()

    assert [request.batches.count() for request in requests] == [1, 1, 1]


def test_task_of_a_lane_works_a_slice_and_returns_nothing(desk):
    request = desk.executing(desk.ids(1))

    assert tasks.run_lane(desk.lane(LaneKind.BULK).pk) is None

    assert outcomes(request) == {"accepted": 1}
