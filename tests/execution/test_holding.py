"""A hold wins until the call has left: whoever is held is taken out, and everybody else is sent."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.audit.queries import entries_of
from compliance.connectors.answers import Verdict
from compliance.core import crypto
from compliance.execution.models import BatchState, Call, Sending
from compliance.workflow.hold_following import look_again_at_held
from compliance.workflow.hold_placing import lift_hold
from compliance.workflow.kinds import Action
from compliance.workflow.sealing import details_of, target_id, targets_vault
from compliance.workflow.states import Kind, Outcome, State
from tests.request_fixtures import give_approval
from tests.workflow_fixtures import account, guide_for, ids_with, meanwhile, outcomes, states, visitor


def state(request):
    request.refresh_from_db()
    return request.state


def looks_whether_it_may_be_sent(sql, params):
    return 'FROM "execution_batch"' in sql and '"paused_reason" = ' in sql and "paused_at" in sql


# -- Bulk deletes --------------------------------------------------------------------------------------------


def test_one_held_of_twenty_stays_and_nineteen_are_erased(desk, hold, later):
    ids = desk.ids(20)
    hold(visitors=[ids[7]])

    request = desk.approved(ids)
    desk.finish(later)

    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.HELD: 1, Outcome.ERASED: 19})
    assert desk.has(ids[7])
    assert ids[7] not in str(desk.accepted())


def test_a_hold_placed_between_approval_and_sending_wins(desk, hold):
    ids = desk.ids(3)
    request = desk.executing(ids)
    placed = hold(visitors=[ids[1]])

    desk.send()

    assert desk.accepted() == [[ids[0], ids[2]]]
    assert ids_with(request, Outcome.HELD) == {ids[1]}
    assert request.targets.get(outcome=Outcome.HELD).held_by == placed
    assert Sending.objects.count() == 2


def test_the_call_is_written_down_as_it_is_sent(desk, hold):
    ids = desk.ids(3)
    request = desk.executing(ids)
    placed = hold(visitors=[ids[1]])

    desk.send()

    sent = [bytes(each.commitment) for each in request.targets.filter(outcome=Outcome.ACCEPTED)]
    call = Call.objects.get()
    assert (call.count, call.digest) == (2, crypto.set_digest(sent, action=Action.ERASE.value))
    why = entries_of(request.chain).filter(event="targets:settled").first().body["facts"]
    assert (why["count"], why["new"]) == (1, "Held")
    assert why["why"] == f"H_LITIGATION ({placed.reference}), taken out of batch 1 before it was sent"


def test_by_address_account_and_domain_they_are_found_at_the_last_moment_too(desk, hold):
    ids = desk.ids(30)
    request = desk.executing(ids)
    one, two = [each for each in ids if "@" in email_of(request, each) and accounts_of(request, each)][:2]
    hold(emails=[email_of(request, one)], accounts=accounts_of(request, two)[:1])

    desk.send()

    held = ids_with(request, Outcome.HELD)
    assert {one, two} <= held
    assert held == set(ids) - set(desk.accepted()[0])


def details(request, name):
    vault = targets_vault(request)
    return next(details_of(vault, each) for each in request.targets.all() if target_id(vault, each) == name)


def email_of(request, name):
    return details(request, name)["email"]


def accounts_of(request, name):
    return details(request, name)["accounts"]


def test_a_batch_of_which_everybody_is_held_is_empty_and_the_request_is_closed(desk, hold):
    ids = desk.ids(2)
    request = desk.executing(ids)
    hold(visitors=ids)

    desk.run()

    assert not desk.posts()
    assert states(request) == [BatchState.EMPTY]
    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.HELD: 2})
    assert not Call.objects.exists()


def test_a_hold_placed_while_the_call_waits_for_its_slot_still_wins(desk, hold):
    ids = desk.ids(3)
    request = desk.executing(ids)

    with meanwhile(fits=looks_whether_it_may_be_sent, act=lambda: hold(visitors=[ids[0]]), before=True):
        desk.send()

    assert [call.verdict for call in Call.objects.all()] == [Verdict.NOT_SENT, Verdict.OK]
    assert desk.accepted() == [ids[1:]]
    assert ids_with(request, Outcome.HELD) == {ids[0]}


def test_a_hold_on_an_account_keeps_the_account(desk, hold):
    request = desk.executing_targets(Kind.OFFBOARDING, [account("Acme"), account("Other")])
    hold(accounts=["Acme"])

    desk.send()

    assert outcomes(request) == {Outcome.HELD: 1, Outcome.ACCEPTED: 1}


def test_who_is_still_there_and_held_by_now_is_not_sent_once_more(desk, hold, later):
    ids = desk.ids(2)
    request = desk.executing(ids)
    desk.send()
    desk.complete()
    desk.come_back(*ids)
    later(hours=1)
    desk.read()
    later(hours=1)
    desk.read()
    assert outcomes(request) == {Outcome.PRESENT: 2}
    hold(visitors=[ids[0]])

    desk.run()

    assert [count for count, _ in desk.posts()] == [2, 1]
    assert ids_with(request, Outcome.HELD) == {ids[0]}


def test_what_was_not_sent_after_a_lost_call_is_compared_again(desk, hold, later):
    ids = desk.ids(2)
    request = desk.executing(ids)
    desk.fault("drop_before")
    desk.send()
    hold(visitors=[ids[0]])

    desk.run()
    later(hours=30)
    desk.run()

    assert desk.accepted() == [[ids[1]]]
    assert ids_with(request, Outcome.HELD) == {ids[0]}


def test_where_no_hold_stands_a_batch_costs_three_small_queries_more(desk):
    desk.executing(desk.ids(3))

    with CaptureQueriesContext(connection) as queries:
        desk.send()

    assert len([query for query in queries if "workflow_hold" in query["sql"]]) == 3
    assert not [query for query in queries if "workflow_heldthing" in query["sql"]]


# -- Calls one by one ----------------------------------------------------------------------------------------


def test_a_guide_is_not_reset_for_whoever_is_held(desk, hold):
    request = desk.executing_targets(Kind.GUIDE_RESET, [guide_for(each) for each in ("ana", "ben", "cleo")])
    hold(visitors=["ben"])

    desk.run()

    assert sorted(each.visitor for each in desk.pendo.resets) == ["ana", "cleo"]
    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.HELD: 1, Outcome.RESET: 2})


def test_nobody_who_is_held_is_let_back_in(desk, hold):
    desk.mark("ana", "ben")
    request = desk.executing_targets(Kind.READMISSION, [visitor("ana"), visitor("ben")])
    hold(visitors=["ana", "ben"])

    desk.run()

    assert not Call.objects.exists()
    assert states(request) == [BatchState.EMPTY]
    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.HELD: 2})


def test_a_hold_placed_between_two_calls_of_a_group_wins(desk, hold):
    request = desk.executing_targets(Kind.GUIDE_RESET, [guide_for(each) for each in ("ana", "ben", "cleo")])

    def place():
        hold(visitors=["ben"])

    with meanwhile(fits=looks_whether_it_may_be_sent, act=place, skip=1, before=True):
        desk.run()

    assert sorted(each.visitor for each in desk.pendo.resets) == ["ana", "cleo"]
    assert outcomes(request) == {Outcome.HELD: 1, Outcome.RESET: 2}


# -- After a lift --------------------------------------------------------------------------------------------


def test_after_a_lift_nothing_is_sent_under_the_old_approval(desk, hold, legal, analyst, officer, later):
    ids = desk.ids(3)
    request = desk.executing(ids)
    placed = hold(visitors=[ids[0]])
    desk.finish(later)
    assert state(request) == State.CLOSED

    lift_hold(hold=placed, reason="Settled.", by=legal)
    desk.run()
    assert desk.has(ids[0])
    other = look_again_at_held(request=request, by=analyst)
    desk.run()
    assert state(other) == State.PREVIEWED
    give_approval(other, officer)
    desk.finish(later)

    assert (state(other), outcomes(other)) == (State.CLOSED, {Outcome.ERASED: 1})
    assert outcomes(request) == {Outcome.HELD: 1, Outcome.ERASED: 2}


def test_a_lift_while_the_rest_is_confirmed_is_not_forgotten_once_it_closes(desk, hold, legal, later):
    ids = desk.ids(2)
    request = desk.executing(ids)
    placed = hold(visitors=[ids[0]])
    desk.send()

    lift_hold(hold=placed, reason="Settled.", by=legal)
    desk.finish(later)

    assert state(request) == State.CLOSED
    assert request.attentions.filter(settled_at=None).count() == 1
