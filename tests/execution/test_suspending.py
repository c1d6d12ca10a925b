"""Do Not Process for held visitors: by legal's word only, while the hold lasts, and lifted with it."""

import pytest

from compliance.audit.queries import entries_of
from compliance.execution import suspending as engine
from compliance.execution.models import SuspensionCall
from compliance.subscriptions.stopping import resume_sending, stop_sending
from compliance.workflow.hold_following import look_again_at_held
from compliance.workflow.hold_placing import lift_hold
from compliance.workflow.models import Suspension
from compliance.workflow.previews import look_again
from compliance.workflow.states import Outcome, SuspensionState
from compliance.workflow.suspending import (
    end_suspensions,
    forget_erased,
    open_suspensions,
    suspend_processing,
    suspension_counts,
)
from tests.request_fixtures import give_approval
from tests.workflow_fixtures import meanwhile, outcomes

PUTS = "/api/v1/metadata"
S = SuspensionState


@pytest.fixture
def held(desk, hold):
    """`held(3, of=20, **terms)`: a hold on some of the visitors of a previewed request, and all their ids."""

    def place(count=1, *, of=3, **terms):
        ids = desk.ids(of)
        placed = hold(visitors=ids[:count], **terms)
        desk.previewed(ids)
        return placed, ids

    return place


def marked(desk):
    return set(desk.pendo.do_not_process["visitor"].ids())


def states_of(hold):
    return dict(suspension_counts(hold))


def events_of(hold):
    return [entry.event for entry in entries_of(hold.reference)]


# -- Setting -------------------------------------------------------------------------------------------------


def test_only_who_is_held_is_suspended_and_only_by_legals_word(desk, held, legal):
    hold, ids = held(2, of=5)
    desk.run()
    assert marked(desk) == set()

    suspend_processing(hold=hold, by=legal)
    desk.run()

    assert marked(desk) == set(ids[:2])
    assert states_of(hold) == {S.SET: 2}
    assert all(desk.has(each) for each in ids)


def test_the_calls_stand_before_they_are_sent_with_their_sealed_answers_after(desk, held, legal):
    hold, _ = held(2, suspends=True)

    desk.run()

    calls = SuspensionCall.objects.all()
    assert {(call.verdict, call.status, call.lifts, bool(call.sealed_answer)) for call in calls} == {
        ("ok", 200, False, True)
    }
    assert events_of(hold)[-4:] == [
        "hold:suspends",
        "hold:suspension:calls:intended",
        "hold:suspension:calls:answered",
        "hold:suspensions:settled",
    ]


def test_who_comes_to_be_held_later_is_suspended_too(desk, hold, legal):
    ids = desk.ids(2)
    hold(visitors=ids[:1], suspends=True)
    desk.run()
    assert marked(desk) == set()

    desk.previewed(ids)
    desk.run()

    assert marked(desk) == {ids[0]}


def test_who_had_it_set_before_keeps_it_after_the_lift(desk, held, legal):
    hold, ids = held(2, suspends=True)
    desk.mark(ids[0])

    desk.run()
    assert states_of(hold) == {S.SET: 1, S.SET_BEFORE: 1}
    lift_hold(hold=hold, reason="over", by=legal)
    desk.run()

    assert marked(desk) == {ids[0]}


def test_nothing_is_called_for_while_all_sending_is_stopped(desk, held, officer):
    held(1, suspends=True)
    stop_sending(by=officer, reason="wait")

    desk.run()
    assert SuspensionCall.objects.count() == 0

    resume_sending(by=officer)
    desk.run()
    assert len(marked(desk)) == 1


def test_a_word_taken_back_before_the_call_has_left_wins(desk, held, legal):
    hold, _ = held(1, suspends=True)

    def looks_whether_it_is_meant(sql, _):
        return sql.startswith("SELECT COUNT(*)") and '"workflow_suspension"."state" = ' in sql

    with meanwhile(
        fits=looks_whether_it_is_meant, act=lambda: end_suspensions(hold=hold, by=legal), before=True
    ):
        desk.run()

    assert marked(desk) == set()
    assert [call.verdict for call in SuspensionCall.objects.filter(lifts=False)] == ["not_sent"]


def test_a_visitor_whom_pendo_does_not_know_is_not_tried_again(desk, held):
    hold, _ = held(1, suspends=True)
    # In either padding of base64.
    desk.fault("missing_404", prefix=PUTS, times=2)

    desk.run()

    assert states_of(hold) == {S.UNKNOWN: 1}
    assert SuspensionCall.objects.count() == 1


def test_a_call_that_is_lost_is_sent_again_and_counts_as_ours(desk, held, legal):
    hold, _ = held(1, suspends=True)
    desk.fault("drop_after", prefix=PUTS)

    desk.run()

    assert states_of(hold) == {S.SET: 1}
    assert [call.verdict for call in SuspensionCall.objects.all()] == ["lost", "ok"]
    lift_hold(hold=hold, reason="over", by=legal)
    desk.run()
    assert marked(desk) == set()


def test_a_sender_that_dies_leaves_nothing_for_a_person(desk, held):
    hold, _ = held(1, suspends=True)
    open_suspensions()

    answers_stand = 'UPDATE "execution_suspensioncall"'
    assert desk.kill(desk.call, when=lambda _, sql: sql.startswith(answers_stand))
    assert SuspensionCall.objects.filter(answered_at=None).count() == 1
    desk.run()

    assert states_of(hold) == {S.SET: 1}
    assert not SuspensionCall.objects.filter(answered_at=None).exists()


# -- Lifting -------------------------------------------------------------------------------------------------


def test_it_is_lifted_with_the_hold_and_nobody_can_be_read_any_more(desk, held, legal):
    hold, _ = held(2, suspends=True)
    desk.run()

    lift_hold(hold=hold, reason="over", by=legal)
    desk.run()

    assert marked(desk) == set()
    assert states_of(hold) == {S.LIFTED: 2}
    assert not Suspension.objects.filter(sealed_id__isnull=False).exists()


def test_it_is_left_where_the_erasure_goes_on_and_can_still_be_lifted(desk, held, legal):
    hold, ids = held(1, suspends=True)
    desk.run()

    lift_hold(hold=hold, reason="over", by=legal, leave_suspended=True)
    desk.run()
    assert (marked(desk), states_of(hold)) == ({ids[0]}, {S.LEFT: 1})

    end_suspensions(hold=hold, by=legal)
    desk.run()
    assert (marked(desk), states_of(hold)) == (set(), {S.LIFTED: 1})


def test_it_is_never_lifted_for_who_was_erased_meanwhile(desk, held, legal, officer, later):
    hold, ids = held(1, of=2, suspends=True)
    desk.run()
    request = hold.targets.get().request
    give_approval(request, desk.officer)
    desk.finish(later)
    lift_hold(hold=hold, reason="over", by=legal, leave_suspended=True)
    again = look_again_at_held(request=request, by=desk.analyst)
    desk.read()
    give_approval(again, desk.officer)
    desk.finish(later)
    assert outcomes(again) == {Outcome.ERASED: 1}

    end_suspensions(hold=hold, by=legal)
    desk.run()

    assert ids[0] in marked(desk)
    assert states_of(hold) == {S.LEFT: 1}
    forget_erased()
    assert Suspension.objects.get().sealed_id is None


def test_what_another_hold_wants_set_stays_until_that_one_is_lifted(desk, held, hold, legal):
    first, ids = held(1, suspends=True)
    desk.run()
    second = hold(visitors=ids[:1], suspends=True)

    lift_hold(hold=first, reason="over", by=legal)
    desk.run()
    assert marked(desk) == {ids[0]}
    assert (states_of(first), states_of(second)) == ({S.LEFT: 1}, {S.SET: 1})

    lift_hold(hold=second, reason="over", by=legal)
    desk.run()
    assert marked(desk) == set()


def test_a_preview_made_anew_forgets_nothing_of_it(desk, held, legal):
    hold, _ = held(1, suspends=True)
    desk.run()

    look_again(request=hold.targets.get().request, by=desk.analyst)
    desk.run()
    assert states_of(hold) == {S.SET: 1}
    lift_hold(hold=hold, reason="over", by=legal)
    desk.run()

    assert marked(desk) == set()


def test_ended_and_wanted_after_all_it_is_set_again(desk, held, legal):
    hold, ids = held(1, suspends=True)
    desk.run()
    end_suspensions(hold=hold, by=legal)
    desk.run()
    assert marked(desk) == set()

    suspend_processing(hold=hold, by=legal)
    desk.run()

    assert (marked(desk), states_of(hold)) == ({ids[0]}, {S.SET: 1})


def test_hundreds_are_suspended_in_groups(desk, held):
    count = engine.MOST_IN_A_GROUP + 5
    hold, ids = held(count, of=count, suspends=True)

    desk.run()

    assert marked(desk) == set(ids)
    assert events_of(hold).count("hold:suspension:calls:intended") == 2
