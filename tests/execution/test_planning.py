import datetime as dt
from itertools import chain, count

import pytest

from compliance.audit.queries import entries_of
from compliance.connectors.pendo.client import MOST_IDS_A_CALL
from compliance.core import clock
from compliance.execution import planning, tasks
from compliance.execution.models import Batch, BatchKind, BatchState, Sending
from compliance.execution.planning import Planned, advance, begin_execution, make_batch, settle_batch
from compliance.people.membership import revoke_role
from compliance.people.roles import Role
from compliance.subscriptions.models import PauseReason
from compliance.subscriptions.pausing import pause
from compliance.workflow.approvals import cancel
from compliance.workflow.errors import StateChanged
from compliance.workflow.kinds import Action
from compliance.workflow.models import Asked, Request, Target
from compliance.workflow.previews import current_preview, digest_of
from compliance.workflow.states import Kind, Outcome, State, TargetKind
from tests.request_fixtures import give_approval
from tests.workflow_fixtures import at_moment, ids_with, meanwhile, outcomes, states, visitor


def state(request):
    return Request.objects.get(pk=request.pk).state


def test_exactly_the_approved_set_stands_in_batches(desk):
    ids = desk.ids(3)

    request = desk.executing([*ids, "nobody"])

    (batch,) = request.batches.all()
    assert {each.target_id for each in batch.sendings.all()} == set(
        request.targets.filter(outcome=Outcome.PENDING).values_list("pk", flat=True)
    )
    assert ids_with(request, Outcome.PENDING) == set(ids)
    (begun,) = [entry for entry in entries_of(request.chain) if entry.event == "request:execution:started"]
    assert begun.body["facts"]["digest"] == current_preview(request).digest


def test_batch_takes_no_more_than_a_call_may_name(desk):
    request = desk.approved(desk.ids(1))
    give_many_targets(request, MOST_IDS_A_CALL)
    preview = current_preview(request)
    preview.digest = digest_of(request)
    preview.save()

    begin_execution(request)

    assert [batch.sendings.count() for batch in request.batches.all()] == [MOST_IDS_A_CALL, 1]


def give_many_targets(request, count):
    target = request.targets.get()
    for number in range(count):
        digest = number.to_bytes(32, "big")
        asked = Asked.objects.create(
            request=request, kind="visitor", sealed_value=b"", digest=digest, digest_key=1
        )
        Target.objects.create(
            request=request, asked=asked, subscription=target.subscription, sealed_id=target.sealed_id,
            digest=digest, digest_key=1, commitment=digest,
        )  # fmt: skip


def test_nothing_begins_within_the_grace_period(desk):
    request = desk.approved(desk.ids(1))
    Request.objects.update(grace_until=clock.now() + dt.timedelta(minutes=30))

    tasks.tick()
    begin_execution(request)

    assert (state(request), states(request)) == (State.APPROVED, [])


def test_everything_begins_once_only(desk):
    request = desk.executing(desk.ids(2))

    begin_execution(request)
    tasks.tick()

    assert states(request) == [BatchState.READY]


@pytest.mark.parametrize("where", [State.PREVIEWED, State.REJECTED, State.CANCELLED, State.PREVIEWING])
def test_nothing_begins_without_an_approval(desk, where):
    request = desk.approved(desk.ids(1))
    Request.objects.update(state=where)

    begin_execution(request)

    assert (state(request), states(request)) == (where, [])


def test_approval_that_was_taken_away_counts_no_more(desk):
    request = desk.approved(desk.ids(1))
    current_preview(request).approvals.all().delete()

    tasks.move_on()

    assert (state(request), states(request)) == (State.PREVIEWING, [])


def test_set_that_is_not_the_approved_one_any_more_is_previewed_anew_and_not_sent(desk):
    request = desk.approved(desk.ids(2))
    request.targets.filter(pk=request.targets.first().pk).update(outcome=Outcome.SPARED)

    desk.run()

    assert (state(request), states(request), desk.posts()) == (State.PREVIEWED, [], [])


def test_cancelled_before_it_began_nothing_is_sent(desk, make_person):
    request = desk.approved(desk.ids(2))

    cancel(request=request, by=make_person(Role.ANALYST), reason="a mistake")
    desk.run()

    assert (state(request), outcomes(request)) == (State.CANCELLED, {Outcome.CANCELLED: 2})
    assert desk.posts() == []


def test_cancelled_after_it_began_is_refused_and_everything_goes_on(desk, make_person):
    request = desk.executing(desk.ids(2))

    with pytest.raises(StateChanged):
        cancel(request=request, by=make_person(Role.ANALYST), reason="too late")
    desk.run()

    assert outcomes(request) == {Outcome.ACCEPTED: 2}


def test_request_that_cannot_begin_holds_up_no_other(desk, caplog):
    broken, well = desk.approved(desk.ids(1)), desk.approved(desk.ids(1, start=1))
    broken.targets.update(outcome=Outcome.SPARED)
    Request.objects.filter(pk=broken.pk).update(targets_key=b"no key", send_by=clock.today())

    tasks.tick()

    assert (state(broken), state(well)) == (State.APPROVED, State.EXECUTING)
    assert f"{broken.reference} cannot go on" in caplog.text


def test_request_closes_when_every_target_has_a_final_outcome(desk, later):
    request = desk.executing([*desk.ids(2), "nobody"])

    desk.finish(later)

    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert request.closed_at
    closed = entries_of(request.chain).last()
    assert closed.body["facts"]["outcomes"] == "1 not found, 2 erased"


def test_request_in_two_subscriptions_closes_with_the_last_of_them(desk, later, make_subscription):
    other = make_subscription(desk.sandbox)
    request = desk.opened(desk.ids(1), subscriptions=[desk.subscription, other])
    desk.run(desk.subscription, other)
    give_approval(request, desk.officer)

    desk.run()
    desk.complete()
    later(hours=2)
    desk.run()
    assert state(request) == State.EXECUTING

    desk.run(other)
    desk.complete()
    later(hours=2)
    desk.run(other)
    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 2})


def test_batches_are_numbered_within_their_request(desk):
    request = desk.executing(desk.ids(1))

    again = make_batch(request, subscription_id=desk.subscription.pk, target_ids=[])

    assert [batch.number for batch in Batch.objects.filter(request=request)] == [1, 2]
    assert again.state == BatchState.READY


def test_approval_whose_giver_loses_the_role_within_grace_is_void(
    approved_in_grace, officer, make_person, later
):
    request = approved_in_grace
    revoke_role(person=officer, role=Role.OFFICER, by=make_person(Role.ADMINISTRATOR))

    later(hours=1)
    begin_execution(request)

    request.refresh_from_db()
    assert request.state == State.PREVIEWING
    assert request.batches.count() == 0


# -- in slices ---------------------------------------------------------------------------------------------


@pytest.fixture
def two_ahead(monkeypatch):
    """Batches of three, two ahead."""
    monkeypatch.setattr(planning, "BATCHES_AHEAD", 2)
    plans = {Action.ERASE: (Planned(TargetKind.VISITOR, BatchKind.VISITORS, 3),)}
    monkeypatch.setattr(planning, "PLANNED", planning.PLANNED | plans)


def asks_for_the_lease(sql, _):
    return 'AS "a" FROM "subscriptions_lane"' in sql


def sizes(request):
    return [batch.sendings.count() for batch in request.batches.all()]


def test_batches_of_a_large_request_are_made_some_at_a_time_and_each_target_stands_in_one(desk, two_ahead):
    request = desk.executing(desk.ids(10))
    assert (sizes(request), request.planned_at) == ([3, 3], None)

    tasks.tick()
    assert sizes(request) == [3, 3]

    desk.run()

    request.refresh_from_db()
    assert sizes(request) == [3, 3, 3, 1]
    assert request.planned_at
    assert sorted(chain(*desk.accepted())) == sorted(desk.ids(10))
    assert (request.state, outcomes(request)) == (State.CONFIRMING, {Outcome.ACCEPTED: 10})


def test_request_is_not_confirming_while_targets_are_in_no_batch(desk, two_ahead):
    request = desk.executing(desk.ids(10))
    Request.objects.filter(pk=request.pk).update(paused_at=clock.now())
    for batch in request.batches.all():
        settle_batch(batch, Outcome.ACCEPTED, why="said so")
        Batch.objects.filter(pk=batch.pk).update(state=BatchState.ACCEPTED)

    advance(request)

    assert state(request) == State.EXECUTING


def test_lane_goes_on_through_a_large_request_without_a_tick(desk, two_ahead):
    request = desk.executing(desk.ids(10))

    desk.send()

    assert outcomes(request) == {Outcome.ACCEPTED: 10}


def test_urgent_request_is_sent_between_the_batches_of_a_large_one(desk, two_ahead):
    large = desk.executing(desk.ids(10))
    Request.objects.filter(pk=large.pk).update(send_by=clock.today() + dt.timedelta(days=300))
    urgent_ids = desk.ids(2, start=20)
    urgent = desk.approved(urgent_ids)

    # Twice for each call: before it is written down, and before it is sent.
    with meanwhile(fits=asks_for_the_lease, act=tasks.move_on, skip=2):
        desk.send()

    assert desk.accepted().index(urgent_ids) == 1
    assert len(desk.accepted()) == 5
    assert outcomes(urgent) == {Outcome.ACCEPTED: 2}


def test_planner_killed_at_any_moment_leaves_every_target_in_one_batch(desk, two_ahead):
    for number in count(1):
        request = desk.approved(desk.ids(10))
        desk.begin()
        died = desk.kill(tasks.move_on, when=at_moment(number))
        desk.run()
        sent = Sending.objects.filter(batch__request=request)
        assert sent.count() == sent.values("target").distinct().count() == 10
        if not died:
            break

    # A plan stands as a whole, or nothing of it does.
    assert number > 2


# -- several subscriptions ---------------------------------------------------------------------------------


def test_subscription_without_a_key_does_not_stop_the_others(desk, silent_subscription):
    keyless = silent_subscription()
    request = desk.executing_targets(
        Kind.TEST_DATA,
        [visitor(name) for name in desk.ids(2)],
        subscriptions=[keyless, desk.subscription],
    )

    desk.run(keyless, desk.subscription, most=10)

    assert len(desk.accepted()[0]) == 2
    counts = request.targets.values_list("subscription", "outcome")
    assert set(counts) == {(keyless.pk, Outcome.PENDING), (desk.subscription.pk, Outcome.ACCEPTED)}
    assert state(request) == State.EXECUTING


def test_paused_subscription_does_not_stop_the_others(desk, make_subscription):
    paused = make_subscription(desk.sandbox)
    request = desk.executing_targets(
        Kind.TEST_DATA, [visitor(name) for name in desk.ids(2)], subscriptions=[paused, desk.subscription]
    )
    pause(subscription=paused, reason=PauseReason.PERSON, by=None)

    desk.run(paused, desk.subscription)

    counts = request.targets.values_list("subscription", "outcome")
    assert set(counts) == {(paused.pk, Outcome.PENDING), (desk.subscription.pk, Outcome.ACCEPTED)}
