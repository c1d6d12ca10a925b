"""All sending is stopped: what goes on, what doesn't."""

import pytest
from django_q.models import OrmQ

from compliance.connectors.answers import Verdict
from compliance.execution import dispatch, tasks
from compliance.execution.models import BatchState, Call
from compliance.subscriptions.models import LaneKind
from compliance.subscriptions.stopping import resume_sending, stop_sending
from compliance.workflow.states import Kind, Outcome, State
from tests.request_fixtures import give_approval
from tests.workflow_fixtures import guide_for, meanwhile, outcomes, states, visitor


@pytest.fixture
def stop(analyst):
    return lambda: stop_sending(by=analyst, reason="Something is wrong")


def asks_for_the_lease(sql, _):
    return 'AS "a" FROM "subscriptions_lane"' in sql


def test_no_deletion_goes_out_until_an_officer_lets_it_go_on(desk, stop, officer):
    request = desk.executing(desk.ids(2))
    stop()

    desk.run()
    desk.send()
    assert (desk.posts(), states(request)) == ([], [BatchState.READY])

    resume_sending(by=officer)
    desk.run()
    assert outcomes(request) == {Outcome.ACCEPTED: 2}


@pytest.mark.parametrize(
    ("kind", "target"), [(Kind.GUIDE_RESET, guide_for), (Kind.READMISSION, visitor)], ids=["reset", "readmit"]
)
def test_no_reset_and_no_readmission_goes_out(desk, stop, kind, target):
    request = desk.executing_targets(kind, [target(each) for each in desk.ids(2)])
    stop()
    before = len(desk.world.books.since(0))

    desk.run()
    desk.call()

    assert outcomes(request) == {Outcome.PENDING: 2}
    assert len(desk.world.books.since(0)) == before


def test_lanes_that_send_are_not_even_queued(desk, stop):
    desk.executing(desk.ids(1))
    desk.opened(desk.ids(1, start=1))
    OrmQ.objects.all().delete()
    stop()

    dispatch.enqueue_due_lanes()

    assert [row.task["args"] for row in OrmQ.objects.all()] == [(desk.lane(LaneKind.READ).pk,)]


def test_a_call_that_waits_for_its_slot_is_not_sent(desk, stop):
    request = desk.executing(desk.ids(1))

    with meanwhile(fits=asks_for_the_lease, act=stop, skip=1):
        desk.send()

    assert (desk.posts(), states(request)) == ([], [BatchState.READY])
    assert Call.objects.get().verdict == Verdict.NOT_SENT


def test_what_was_sent_before_is_followed_to_its_end(desk, stop, later):
    request = desk.executing(desk.ids(1))
    desk.send()
    stop()

    desk.finish(later)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 1})


def test_a_lost_call_is_asked_about_and_not_sent_again(desk, stop, later):
    request = desk.executing(desk.ids(1))
    desk.fault("drop_before")
    desk.send()
    stop()

    desk.finish(later)

    assert (states(request), outcomes(request)) == ([BatchState.READY], {Outcome.PENDING: 1})
    assert len(desk.posts()) == 1


def test_a_call_whose_sender_died_is_settled(desk, stop):
    """It had arrived: that is found out, though nothing is sent."""
    request = desk.executing(desk.ids(1))
    desk.kill(desk.send, when=desk.posted)
    stop()

    desk.run()

    assert outcomes(request) == {Outcome.ACCEPTED: 1}
    assert len(desk.posts()) == 1


def test_previews_and_approvals_go_on(desk, stop):
    stop()

    request = desk.previewed(desk.ids(1))
    assert request.state == State.PREVIEWED
    give_approval(request, desk.officer)
    tasks.tick()

    request.refresh_from_db()
    assert request.state == State.EXECUTING


def test_the_requests_page_says_who_stopped_it(desk, stop, client_of, officer):
    request = desk.executing(desk.ids(1))
    stop()
    address = f"/requests/{request.reference}/"

    for person, way_out in (
        (desk.analyst, "until a privacy officer lets it go on"),
        (officer, "let it go on"),
    ):
        page = client_of(person).get(address).content.decode()
        assert "All sending is stopped since" in page
        assert "by Ana Analyst" in page
        assert way_out in page
