"""Cancelling the rest of a request that is being sent."""

import pytest

from compliance.connectors.answers import Verdict
from compliance.execution import cancelling, one_by_one, planning, tasks
from compliance.execution.models import BatchState, Call
from compliance.people.roles import Role
from compliance.subscriptions.models import LaneKind
from compliance.workflow.cancelling import cancel_rest, cancel_what_is_left
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.models import Attention, Request
from compliance.workflow.pausing import pause_request
from compliance.workflow.sealing import end_reason_of
from compliance.workflow.states import Kind, Outcome, State
from tests.request_fixtures import events_of
from tests.workflow_fixtures import guide_for, meanwhile, outcomes, states

REASON = "Jane Doe has changed her mind"


@pytest.fixture
def two_by_two(monkeypatch):
    """Batches of two, one ahead, and slices of three."""
    monkeypatch.setattr(
        planning, "PLANNED", {k: tuple(p._replace(most=2) for p in v) for k, v in planning.PLANNED.items()}
    )
    monkeypatch.setattr(planning, "BATCHES_AHEAD", 2)
    monkeypatch.setattr(cancelling, "A_SLICE", 3)


def asks_for_the_lease(sql, _):
    return 'AS "a" FROM "subscriptions_lane"' in sql


def keeps_an_answer(sql, _):
    return sql.startswith('UPDATE "execution_call"')


def opens_the_ids(sql, _):
    columns, _, _ = sql.partition(" FROM ")
    return sql.startswith("SELECT") and "sealed_id" in columns and "sealed_details" not in columns


def test_what_was_sent_is_followed_and_the_rest_is_cancelled_and_the_counts_add_up(
    desk, two_by_two, analyst, later
):
    request = desk.executing(desk.ids(11))

    def act():
        cancel_rest(request=request, by=analyst, reason=REASON)

    with meanwhile(fits=keeps_an_answer, act=act, skip=1):
        desk.send()
    tasks.tick()

    request.refresh_from_db()
    assert outcomes(request) == {Outcome.ACCEPTED: 4, Outcome.CANCELLED: 7}
    assert request.state == State.CONFIRMING
    desk.finish(later)
    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert outcomes(request) == {Outcome.ERASED: 4, Outcome.CANCELLED: 7}
    assert len(desk.posts()) == 2
    assert end_reason_of(request) == REASON
    assert events_of(request).count("request:rest:cancelled") == 1


def test_a_large_rest_is_cancelled_in_slices(desk, two_by_two, analyst):
    request = desk.executing(desk.ids(11))
    cancel_rest(request=request, by=analyst, reason=REASON)

    turns = 0
    while Request.objects.get(pk=request.pk).state != State.CLOSED:
        cancelling.cancel_some(request, may_go_on=lambda: False)
        turns += 1
        assert turns < 20

    assert outcomes(request) == {Outcome.CANCELLED: 11}
    assert turns > 4
    assert desk.posts() == []


def test_nothing_is_sent_or_planned_between_the_word_and_the_tick(desk, two_by_two, analyst):
    request = desk.executing(desk.ids(6))
    cancel_rest(request=request, by=analyst, reason=REASON)

    desk.send()
    planning.plan_request(request)

    assert desk.posts() == []
    assert request.batches.count() == 2


def test_a_call_that_waits_for_its_slot_is_not_sent(desk, analyst):
    request = desk.executing(desk.ids(1))

    def act():
        cancel_rest(request=request, by=analyst, reason=REASON)

    with meanwhile(fits=asks_for_the_lease, act=act, skip=1):
        desk.send()
    tasks.tick()

    assert (desk.posts(), Call.objects.get().verdict) == ([], Verdict.NOT_SENT)
    assert outcomes(request) == {Outcome.CANCELLED: 1}


def test_a_batch_cancelled_while_it_was_being_chosen_is_left_alone(desk, analyst):
    request = desk.executing(desk.ids(1))

    def act():
        cancel_rest(request=request, by=analyst, reason=REASON)
        tasks.tick()

    with meanwhile(fits=opens_the_ids, act=act):
        desk.send()

    assert desk.posts() == []
    assert states(request) == [BatchState.EMPTY]
    assert desk.lane(LaneKind.BULK).failures == 0


def test_of_a_lost_call_pendo_is_asked_before_anything_is_cancelled(desk, analyst, later):
    """What arrived stays accepted."""
    request = desk.executing(desk.ids(2))
    desk.fault("drop_after")
    desk.send()
    cancel_rest(request=request, by=analyst, reason=REASON)
    tasks.tick()
    assert outcomes(request) == {Outcome.UNCERTAIN: 2}

    desk.finish(later)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 2})


def test_a_lost_call_that_pendo_does_not_know_is_cancelled_and_not_sent_again(desk, analyst, later):
    request = desk.executing(desk.ids(2))
    desk.fault("drop_before")
    desk.send()
    cancel_rest(request=request, by=analyst, reason=REASON)

    desk.finish(later)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.CANCELLED: 2})
    assert desk.accepted() == []


def test_what_is_still_there_is_not_sent_a_second_time(desk, analyst, later):
    """Pendo says that it is done, and one is left: nothing more is sent, and a person is told."""
    desk.set(leave_behind=1)
    request = desk.executing(desk.ids(2))
    desk.run()
    desk.complete()
    later(hours=2)
    Request.objects.filter(pk=request.pk).update(rest_cancelled_at="2026-01-01T00:00Z")

    desk.finish(later)

    assert len(desk.accepted()) == 1
    assert outcomes(request) == {Outcome.ERASED: 1, Outcome.PRESENT: 1}
    assert request.attentions.get().reason == Attention.Reason.STILL_PRESENT


def test_a_second_sending_that_is_cancelled_has_failed_for_it_was_sent_and_is_still_there(
    desk, analyst, later
):
    desk.set(leave_behind=1)
    request = desk.executing(desk.ids(2))
    desk.run()
    desk.complete()
    later(hours=2)
    while not request.batches.filter(resent=True).exists():
        desk.read()
    assert outcomes(request) == {Outcome.ERASED: 1, Outcome.PRESENT: 1}

    cancel_rest(request=request, by=analyst, reason=REASON)
    tasks.tick()

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 1, Outcome.FAILED: 1})


def test_guides_that_were_reset_stay_reset_and_the_others_are_cancelled(desk, analyst, monkeypatch):
    monkeypatch.setattr(one_by_one, "MOST_IN_A_GROUP", 2)
    targets = [guide_for(each) for each in desk.ids(5)]
    request = desk.executing_targets(Kind.GUIDE_RESET, targets)

    def act():
        cancel_rest(request=request, by=analyst, reason=REASON)

    with meanwhile(fits=keeps_an_answer, act=act):
        desk.call()
    tasks.tick()

    request.refresh_from_db()
    assert outcomes(request) == {Outcome.RESET: 2, Outcome.CANCELLED: 3}
    assert request.state == State.CLOSED


def test_a_canary_that_stops_pauses_nothing_any_more(desk, analyst):
    request = desk.executing(desk.ids(1))
    cancel_rest(request=request, by=analyst, reason=REASON)

    assert not pause_request(request=request, by=None)

    request.refresh_from_db()
    assert request.paused_at is None


# -- Who, and when -------------------------------------------------------------------------------------------


def test_before_sending_the_request_is_cancelled_as_a_whole(approved_in_grace, analyst):
    cancel_what_is_left(request=approved_in_grace, by=analyst, reason=REASON)

    approved_in_grace.refresh_from_db()
    assert (approved_in_grace.state, approved_in_grace.rest_cancelled_at) == (State.CANCELLED, None)


def test_where_all_was_sent_there_is_nothing_to_cancel(desk, analyst):
    request = desk.executing(desk.ids(1))
    desk.run()
    request.refresh_from_db()

    with pytest.raises(StateChanged, match="left to cancel"):
        cancel_what_is_left(request=request, by=analyst, reason=REASON)


def test_a_rest_is_cancelled_once(desk, analyst, officer):
    request = desk.executing(desk.ids(1))
    cancel_rest(request=request, by=analyst, reason=REASON)

    with pytest.raises(StateChanged, match="left to cancel"):
        cancel_rest(request=request, by=officer, reason="Again")
    with pytest.raises(StateChanged, match="nothing to pause"):
        pause_request(request=request, by=officer)


@pytest.mark.parametrize("role", [Role.LEGAL, Role.QA, Role.KEY_CUSTODIAN, Role.ADMINISTRATOR])
def test_other_roles_do_not(desk, make_person, role):
    request = desk.executing(desk.ids(1))

    with pytest.raises(NotThisPerson):
        cancel_rest(request=request, by=make_person(role), reason=REASON)


def test_a_paused_request_may_be_cancelled(desk, analyst):
    request = desk.executing(desk.ids(1))
    pause_request(request=request, by=analyst)

    cancel_rest(request=request, by=analyst, reason=REASON)
    tasks.tick()

    assert outcomes(request) == {Outcome.CANCELLED: 1}


def test_its_page_offers_it_says_what_it_means_and_tells_afterwards(desk, analyst, client_of):
    request = desk.executing(desk.ids(2))
    browser, address = client_of(analyst), f"/requests/{request.reference}/"

    offered = browser.get(address).content.decode()
    meaning = browser.get(f"{address}cancel/").content.decode()
    answer = browser.post(f"{address}cancel/", {"reason": REASON}, follow=True).content.decode()

    assert "Cancel the rest</a>" in offered
    assert "be called back: it is followed to its end" in meaning
    assert "The rest is cancelled" in answer
    assert "Cancel the rest</a>" not in answer
    assert "Pause this request" not in answer
    assert REASON in answer
    assert ">rest cancelled<" in browser.get("/requests/").content.decode()


def test_attentions_of_the_cancelled_rest_go_with_it(desk, analyst):
    request = desk.executing(desk.ids(1))
    desk.fault("payment")
    desk.send()
    assert request.attentions.get().reason == Attention.Reason.NOT_PAID

    cancel_rest(request=request, by=analyst, reason=REASON)
    tasks.tick()

    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert not request.attentions.filter(settled_at=None).exists()
