"""Pendo doesn't answer for a while: noticed, told, and over by itself."""

import base64

import pytest
from django_q.models import OrmQ

from compliance.audit.queries import entries_of
from compliance.execution import dispatch, tasks
from compliance.execution.models import BatchState
from compliance.subscriptions.models import LaneKind, Subscription
from compliance.workflow.states import Outcome, State
from tests.workflow_fixtures import outcomes, states

EVERYTHING = "/api/"


@pytest.fixture
def quickly(desk):
    """Silence counts at once; otherwise as by hand."""
    desk.timings(outage_after=0, outage_probe=0)


def told(desk):
    return [
        entry.event
        for entry in entries_of(desk.subscription.reference)
        if entry.event in {"subscription:silent", "subscription:answers"}
    ]


def silent(desk):
    return Subscription.objects.get(pk=desk.subscription.pk).silent_since is not None


def break_down(desk, kind="status_503"):
    """Three slices in which nothing is answered."""
    desk.fault(kind, times=None, prefix=EVERYTHING)
    for _ in range(3):
        desk.send()
    tasks.tick()


@pytest.mark.parametrize("fault", ["status_503", "status_429", "drop_before", "garbage", "html"])
def test_whatever_no_usable_answer_is_makes_an_outage(desk, quickly, fault):
    desk.executing(desk.ids(1))

    break_down(desk, fault)

    assert silent(desk)
    assert told(desk) == ["subscription:silent"]


def test_a_host_that_is_not_there_is_an_outage(desk, quickly):
    desk.executing(desk.ids(1))
    Subscription.objects.update(url="http://127.0.0.1:9")

    break_down(desk)

    assert silent(desk)


def test_two_failures_are_none(desk, quickly):
    desk.executing(desk.ids(1))
    desk.fault("status_503", times=None, prefix=EVERYTHING)

    desk.send()
    desk.send()
    tasks.tick()

    assert told(desk) == []


def test_a_minute_has_to_pass(desk):
    desk.executing(desk.ids(1))

    break_down(desk)

    assert told(desk) == []


def test_a_refused_bulk_delete_is_no_outage_while_look_ups_are_answered(desk, quickly):
    desk.executing(desk.ids(1))
    desk.fault("status_429", times=None)

    for _ in range(5):
        desk.send()
        tasks.tick()

    assert desk.lane(LaneKind.BULK).failures == 5
    assert told(desk) == []


def test_a_question_that_is_refused_among_others_is_no_outage(desk, quickly):
    desk.opened(desk.ids(2))
    desk.fault("garbage", times=None, prefix="/api/v1/visitor/" + encoded(desk.ids(1)[0]))

    for _ in range(5):
        desk.read()
        tasks.tick()

    assert told(desk) == []


def encoded(visitor_id):
    return "b64_" + base64.urlsafe_b64encode(visitor_id.encode()).decode().rstrip("=")


def test_during_an_outage_one_lane_asks_and_the_others_wait(desk, quickly):
    desk.executing(desk.ids(1))
    break_down(desk)
    OrmQ.objects.all().delete()

    dispatch.enqueue_due_lanes()
    before = len(desk.world.books.since(0))
    desk.send()
    desk.call()
    after = len(desk.world.books.since(0))

    assert [row.task["args"] for row in OrmQ.objects.all()] == [(desk.lane(LaneKind.READ).pk,)]
    assert before == after
    desk.read()
    assert len(desk.world.books.since(0)) == after + 1


def test_it_is_asked_at_a_steady_pace_however_long_it_lasts(desk, quickly):
    desk.executing(desk.ids(1))
    break_down(desk)
    desk.timings(retry=(3600,))
    before = len(desk.world.books.since(0))

    for _ in range(3):
        desk.read()

    assert len(desk.world.books.since(0)) == before + 3
    assert silent(desk)


def test_the_first_answer_ends_it_and_everything_goes_on_by_itself(desk, quickly, later):
    request = desk.executing(desk.ids(2))
    desk.timings(retry=(0, 0, 3600))
    break_down(desk)
    desk.well()

    desk.run()
    desk.finish(later)

    request.refresh_from_db()
    assert told(desk) == ["subscription:silent", "subscription:answers"]
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 2})


def test_a_call_whose_sender_died_is_settled_even_during_an_outage(desk, quickly):
    request = desk.executing(desk.ids(1))
    desk.kill(desk.send, when=desk.posted)
    assert states(request) == [BatchState.SENDING]
    Subscription.objects.update(silent_since="2026-01-01T00:00Z")

    desk.send()

    assert states(request) == [BatchState.UNCERTAIN]
    assert len(desk.posts()) == 1


def test_the_request_says_why_it_waits(desk, quickly, client_of):
    request = desk.executing(desk.ids(1))
    break_down(desk)

    page = client_of(desk.analyst).get(f"/requests/{request.reference}/").content.decode()

    assert f"Pendo hasn’t answered for {desk.subscription.name} since" in page
    assert "it goes on by itself" in page
