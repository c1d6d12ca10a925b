import base64
import datetime as dt
import itertools

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.execution import looking, planning, tasks
from compliance.execution.giving_up import give_up
from compliance.execution.models import Batch, BatchKind, BatchState, Look
from compliance.execution.planning import Planned
from compliance.subscriptions.models import LaneKind, PauseReason
from compliance.workflow.attention import raise_attention
from compliance.workflow.kinds import Action
from compliance.workflow.models import Attention, Scan, ScanStep
from compliance.workflow.outcomes import settle
from compliance.workflow.states import AskedKind, Outcome, State, TargetKind
from compliance.workflow.things import named
from tests.request_fixtures import give_approval
from tests.workflow_fixtures import at_moment, ids_with, meanwhile, outcomes, states


def path_of(visitor_id):
    return "/api/v1/visitor/b64_" + base64.urlsafe_b64encode(visitor_id.encode()).decode().rstrip("=")


def done(desk, ids, later):
    """A request whose visitors Pendo says are deleted; nobody has looked yet."""
    request = desk.executing(ids)
    desk.send()
    desk.complete()
    later(seconds=1)
    return request


def asks_whether_to_go_on(sql, params):
    return 'AS "a" FROM "subscriptions_subscription"' in sql


def test_absent_visitors_are_erased_with_a_pass_that_saw_its_control_visitors(desk, later):
    request = done(desk, desk.ids(3), later)

    desk.run()

    look = Look.objects.get()
    assert (look.absent, look.present) == (3, 0)
    assert look.controls_seen * 2 > look.controls > 0
    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 3})


def test_nothing_is_looked_for_before_pendo_says_done(desk):
    request = desk.executing(desk.ids(1))

    desk.run()

    assert not Look.objects.exists()
    assert outcomes(request) == {Outcome.ACCEPTED: 1}


def test_visitor_still_there_is_sent_once_more_and_then_gone(desk, later):
    ids = desk.ids(3)
    desk.set(leave_behind=1)
    request = done(desk, ids, later)

    desk.run()

    assert request.batches.get(number=2).resent
    assert desk.posts() == [(3, 200), (1, 200)]

    desk.finish(later)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 3})


def test_visitor_still_there_after_the_second_time_is_told_to_a_person_and_never_sent_again(desk, later):
    visitor = desk.ids(1)
    desk.set(leave_behind=5)
    request = done(desk, visitor, later)

    desk.finish(later)
    desk.finish(later)

    assert desk.posts() == [(1, 200), (1, 200)]
    assert outcomes(request) == {Outcome.PRESENT: 1}
    assert request.attentions.get().reason == Attention.Reason.STILL_PRESENT


def test_visitor_still_there_after_pendos_own_time_is_sent_once_more_where_no_receipt_is_known(desk, later):
    request = desk.executing(desk.ids(1))
    desk.set(leave_behind=1)
    desk.fault("drop_after")
    desk.run()
    desk.complete()
    desk.run()
    assert outcomes(request) == {Outcome.ACCEPTED: 1}

    later(days=22)
    desk.run()

    assert desk.posts() == [(1, 0), (1, 200)]
    assert request.batches.get(number=2).resent

    desk.finish(later)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 1})


def test_visitor_that_goes_late_by_itself_is_erased_without_being_sent_again(desk, later):
    visitor = desk.ids(1)
    desk.timings(recheck=(3600,))
    desk.set(leave_behind=1)
    request = done(desk, visitor, later)
    desk.run()
    assert outcomes(request) == {Outcome.PRESENT: 1}

    desk.pendo.visitors.remove(visitor[0])
    later(hours=2)
    desk.run()

    assert desk.posts() == [(1, 200)]
    assert outcomes(request) == {Outcome.ERASED: 1}


def test_lost_second_call_is_asked_about_and_not_sent_a_third_time_before_a_day(desk, later):
    visitor = desk.ids(1)
    desk.set(leave_behind=1)
    request = done(desk, visitor, later)
    desk.fault("drop_after")

    desk.run()

    assert desk.posts() == [(1, 200), (1, 0)]
    assert states(request) == [BatchState.CONFIRMED, BatchState.UNCERTAIN]


def test_accepted_batch_without_a_receipt_is_looked_for_and_told_when_late(desk, later):
    request = desk.executing(desk.ids(1))
    desk.fault("drop_after")
    desk.run()
    assert outcomes(request) == {Outcome.ACCEPTED: 1}

    later(days=22)
    desk.run()
    assert request.attentions.get().reason == Attention.Reason.RECEIPT_OVERDUE
    assert outcomes(request) == {Outcome.ACCEPTED: 1}

    desk.complete()
    later(days=1)
    desk.run()
    assert outcomes(request) == {Outcome.ERASED: 1}


def test_another_subscription_certifies_nothing(desk, later):
    request = done(desk, desk.ids(3), later)
    desk.run_receipts()
    desk.fault("foreign", times=None, prefix="/api/")

    desk.read()

    assert not Look.objects.exists()
    assert outcomes(request) == {Outcome.ACCEPTED: 3}
    assert desk.paused() == PauseReason.FOREIGN


def test_subscription_that_changes_during_a_pass_certifies_nothing_of_it(desk, later):
    desk.set(leave_behind=3)
    request = done(desk, desk.ids(3), later)
    desk.run_receipts()

    with meanwhile(
        fits=asks_whether_to_go_on,
        act=lambda: desk.fault("foreign", times=None, prefix="/api/"),
        skip=2,
    ):
        desk.read()

    assert not Look.objects.exists()
    assert outcomes(request) == {Outcome.ACCEPTED: 3}
    assert desk.paused() == PauseReason.FOREIGN


def test_look_ups_in_vain_keep_what_was_found_before(desk, later):
    ids = desk.ids(3)
    request = done(desk, ids, later)
    desk.fault("status_429", times=None, prefix=path_of(ids[1]))

    desk.read()

    assert ids_with(request, Outcome.ERASED) == {ids[0]}

    desk.well()
    desk.run()

    assert outcomes(request) == {Outcome.ERASED: 3}


def test_look_up_that_came_too_early_is_made_again(desk, later):
    ids = desk.ids(2)
    request = done(desk, ids, later)
    desk.fault("status_429", prefix=path_of(ids[1]))

    desk.read()

    assert outcomes(request) == {Outcome.ERASED: 2}
    assert desk.lane(LaneKind.READ).ceiling


@pytest.mark.parametrize("fault", ["html", "status_500", "drop_before"])
def test_visitor_without_a_usable_answer_holds_up_no_other(desk, later, fault):
    ids = desk.ids(4)
    first, second = desk.executing(ids[:3]), desk.executing(ids[3:])
    desk.send()
    desk.complete()
    desk.fault(fault, times=None, prefix=path_of(ids[0]))

    desk.run()

    assert ids_with(first, Outcome.ERASED) == set(ids[1:3])
    assert outcomes(first) == {Outcome.ERASED: 2, Outcome.ACCEPTED: 1}
    assert outcomes(second) == {Outcome.ERASED: 1}
    assert Batch.objects.count() == 2

    desk.well()
    later(hours=2)
    desk.run()

    assert outcomes(first) == {Outcome.ERASED: 3}


def test_visitor_that_never_has_a_usable_answer_is_told_when_late_and_never_sent_again(desk, later):
    ids = desk.ids(1)
    request = done(desk, ids, later)
    desk.fault("html", times=None, prefix=path_of(ids[0]))

    for _ in range(4):
        desk.run()
        later(days=10)
    desk.run()

    assert desk.posts() == [(1, 200)]
    assert request.attentions.get().reason == Attention.Reason.RECEIPT_OVERDUE


def test_control_visitors_that_are_erased_are_replaced(desk, later):
    ids = desk.control_ids()
    request = desk.executing(ids)

    desk.finish(later)

    assert outcomes(request) == {Outcome.ERASED: len(ids)}
    assert not set(desk.control_ids()) & set(ids)
    assert desk.paused() == ""
    events = [entry.event for entry in entries_of(desk.subscription.reference)]
    assert "subscription:controls:chosen" in events


# -- Many ----------------------------------------------------------------------------------------------------


@pytest.fixture
def by_scan(monkeypatch):
    """Two visitors are many."""
    monkeypatch.setattr(looking, "MOST_LOOKED_UP", 1)


def two_batches(desk, later, monkeypatch, ids):
    """A request whose visitors were sent by twos, and Pendo says that they are deleted."""
    by_twos = (Planned(TargetKind.VISITOR, BatchKind.VISITORS, 2),)
    monkeypatch.setattr(planning, "PLANNED", planning.PLANNED | {Action.ERASE: by_twos})
    request = desk.executing(ids)
    desk.send()
    desk.complete()
    later(seconds=1)
    return request


def test_many_are_looked_for_by_one_scan_and_each_batch_has_its_pass(desk, later, by_scan, monkeypatch):
    request = two_batches(desk, later, monkeypatch, desk.ids(5))

    desk.run()

    looks = Look.objects.all()
    assert sorted((look.absent, look.present) for look in looks) == [(1, 0), (2, 0), (2, 0)]
    assert all(look.controls_seen * 2 > look.controls > 0 for look in looks)
    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 5})
    assert not Scan.objects.exists()
    assert sum(call.route == "/api/v1/aggregation" for call in desk.world.books.since(0)) >= 2


def test_whoever_a_scan_meets_is_still_there_and_sent_once_more(desk, later, by_scan, monkeypatch):
    desk.set(leave_behind=2)
    request = two_batches(desk, later, monkeypatch, desk.ids(5))

    desk.run()

    assert outcomes(request)[Outcome.ERASED] == 3
    assert request.batches.filter(resent=True).exists()

    desk.finish(later)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 5})


def test_another_subscription_certifies_nothing_by_a_scan(desk, later, by_scan, monkeypatch):
    request = two_batches(desk, later, monkeypatch, desk.ids(5))
    desk.run_receipts()
    desk.fault("foreign", times=None, prefix="/api/v1/aggregation")
    # Without a wait, it would be read anew until the slice ends.
    desk.timings(retry=(0, 3600))

    desk.read()

    assert outcomes(request).get(Outcome.ERASED) is None
    assert Scan.objects.get().restarts > 1


def test_scan_for_many_that_is_killed_anywhere_claims_nothing_untrue(desk, later, by_scan, monkeypatch):
    fresh = iter(desk.ids(150))
    for number in itertools.count(1):
        ids = [next(fresh) for _ in range(3)]
        desk.set(leave_behind=number % 2)
        request = two_batches(desk, later, monkeypatch, ids)
        died = desk.kill(desk.read, when=at_moment(number))
        assert not any(desk.has(each) for each in ids_with(request, Outcome.ERASED))
        desk.finish(later)
        request.refresh_from_db()
        assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 3})
        if not died:
            break

    # Taken, the receipts of both batches kept, a scan begun, its page kept, both batches settled, freed.
    assert number > 8


def test_batch_accepted_during_a_scan_waits_for_the_next(desk, later, by_scan, monkeypatch):
    ids = desk.ids(5)
    request = two_batches(desk, later, monkeypatch, ids)
    desk.run_receipts()
    last = request.batches.last()
    Batch.objects.filter(pk=last.pk).update(due_at=clock.now() + dt.timedelta(hours=1))

    desk.run()

    assert outcomes(request) == {Outcome.ERASED: 4, Outcome.ACCEPTED: 1}

    later(hours=2)
    desk.run()
    assert outcomes(request) == {Outcome.ERASED: 5}


def test_waiting_that_an_officer_ends_during_a_scan_stays_ended(desk, later, by_scan, monkeypatch):
    request = two_batches(desk, later, monkeypatch, desk.ids(5))
    desk.run_receipts()
    desk.read()
    assert request.batches.filter(scan__step=ScanStep.ENDED).count() == 3
    reason = Attention.Reason.RECEIPT_OVERDUE
    raise_attention(request=request, subscription=desk.subscription, reason=reason)
    give_up(attention=request.attentions.get(), by=desk.officer)

    desk.run()

    assert outcomes(request) == {Outcome.FAILED: 5}
    assert not desk.subscription.lanes.filter(failures__gt=0).exists()

    desk.read()
    assert not Scan.objects.exists()


def test_accounts_are_looked_for_one_by_one(desk, later):
    account = desk.pendo.accounts.ids()[0]
    request = desk.opened([], things=named(AskedKind.ACCOUNT, [account]), with_visitors=False)
    desk.read()
    give_approval(request, desk.officer)
    tasks.move_on()
    Batch.objects.filter(request=request).update(
        kind=BatchKind.ACCOUNTS, state=BatchState.DONE, accepted_at=clock.now()
    )
    targets = request.targets.filter(outcome=Outcome.PENDING)
    settle(
        list(targets.values_list("pk", flat=True)),
        request=request,
        subscription=desk.subscription,
        old=Outcome.PENDING,
        new=Outcome.ACCEPTED,
        why="as the engine does it",
    )
    desk.pendo.accounts.remove(account)

    desk.read()

    assert ids_with(request, Outcome.ERASED) == {account}
