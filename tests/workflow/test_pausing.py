"""Pausing a request, and letting it go on."""

import pytest

from compliance.connectors.answers import Verdict
from compliance.execution import tasks
from compliance.execution.models import BatchState, Call
from compliance.people.roles import Role
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.models import Request
from compliance.workflow.pausing import pause_request, resume_request
from compliance.workflow.queries import pausing_of
from compliance.workflow.sealing import pause_reason_of
from compliance.workflow.states import Outcome, State
from tests.request_fixtures import events_of
from tests.workflow_fixtures import meanwhile, outcomes, states


def asks_for_the_lease(sql, _):
    return 'AS "a" FROM "subscriptions_lane"' in sql


def test_paused_request_is_sent_nothing_until_an_officer_resumes_it(desk, analyst, officer):
    request = desk.executing(desk.ids(2))

    assert pause_request(request=request, by=analyst, reason="Jane Doe rang")
    assert not pause_request(request=request, by=analyst)
    desk.run()

    request.refresh_from_db()
    assert (desk.posts(), states(request)) == ([], [BatchState.READY])
    assert pause_reason_of(request) == "Jane Doe rang"

    resume_request(request=request, by=officer)
    desk.run()

    assert outcomes(request) == {Outcome.ACCEPTED: 2}
    events = events_of(request)
    assert events.count("request:paused") == events.count("request:resumed") == 1


def test_pause_while_the_call_waits_for_its_slot_stops_it(desk, analyst):
    request = desk.executing(desk.ids(1))

    with meanwhile(fits=asks_for_the_lease, act=lambda: pause_request(request=request, by=analyst), skip=1):
        desk.send()

    assert (desk.posts(), states(request)) == ([], [BatchState.READY])
    assert Call.objects.get().verdict == Verdict.NOT_SENT


def test_pause_stops_no_other_request(desk, analyst):
    paused, other = desk.executing(desk.ids(1)), desk.executing(desk.ids(1, start=1))
    pause_request(request=paused, by=analyst)

    desk.run()

    assert (outcomes(paused), outcomes(other)) == ({Outcome.PENDING: 1}, {Outcome.ACCEPTED: 1})


def test_what_was_sent_before_the_pause_is_followed_to_its_end(desk, analyst, later):
    request = desk.executing(desk.ids(1))
    desk.send()
    pause_request(request=request, by=analyst)

    desk.finish(later)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 1})


def test_request_paused_within_the_grace_period_does_not_begin(desk, analyst, officer):
    request = desk.approved(desk.ids(1))
    pause_request(request=request, by=analyst)
    tasks.tick()
    request.refresh_from_db()
    assert request.state == State.APPROVED

    resume_request(request=request, by=officer)
    tasks.tick()

    request.refresh_from_db()
    assert request.state == State.EXECUTING


@pytest.mark.parametrize("state", [State.PREVIEWING, State.PREVIEWED, State.CLOSED, State.CANCELLED])
def test_where_nothing_is_sent_there_is_nothing_to_pause(previewed_request, analyst, state):
    request = previewed_request()
    Request.objects.update(state=state)

    with pytest.raises(StateChanged, match="nothing to pause"):
        pause_request(request=request, by=analyst)


def test_request_that_is_not_paused_cannot_be_resumed(approved_in_grace, officer):
    with pytest.raises(StateChanged, match="isn't paused"):
        resume_request(request=approved_in_grace, by=officer)


def test_who_may_not_is_refused(approved_in_grace, analyst, make_person):
    with pytest.raises(NotThisPerson):
        pause_request(request=approved_in_grace, by=make_person(Role.LEGAL))
    pause_request(request=approved_in_grace, by=analyst)
    with pytest.raises(NotThisPerson):
        resume_request(request=approved_in_grace, by=analyst)


def test_a_pause_is_offered_only_while_something_may_still_be_sent(approved_in_grace, analyst):
    approved_in_grace.state = State.CONFIRMING
    assert pausing_of(approved_in_grace, analyst)["may_pause"]

    approved_in_grace.targets.update(outcome=Outcome.ACCEPTED)

    assert not pausing_of(approved_in_grace, analyst)["may_pause"]


def test_the_list_says_which_request_is_paused(approved_in_grace, analyst, client_of):
    browser = client_of(analyst)
    assert ">paused<" not in browser.get("/requests/").content.decode()

    pause_request(request=approved_in_grace, by=analyst)

    assert ">paused<" in browser.get("/requests/").content.decode()


def test_buttons_pause_and_resume_it(approved_in_grace, analyst, officer, client_of):
    address = f"/requests/{approved_in_grace.reference}"

    paused = client_of(analyst).post(f"{address}/pause/", {"reason": "wait"}, follow=True)
    approved_in_grace.refresh_from_db()
    assert approved_in_grace.paused_at
    assert "Paused: nothing more of this request is sent" in paused.content.decode()

    resumed = client_of(officer).post(f"{address}/resume/", follow=True)
    approved_in_grace.refresh_from_db()
    assert not approved_in_grace.paused_at
    assert "what is left of this request is sent" in resumed.content.decode()

    again = client_of(officer).post(f"{address}/resume/", follow=True)
    assert "isn&#x27;t paused" in again.content.decode()
