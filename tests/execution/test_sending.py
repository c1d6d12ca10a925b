import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.connectors.answers import Verdict
from compliance.core import clock, crypto
from compliance.execution import tasks
from compliance.execution.models import Batch, BatchState, Call
from compliance.subscriptions.models import Lane, LaneKind, PauseReason
from compliance.subscriptions.pausing import pause
from compliance.workflow.kinds import Action
from compliance.workflow.models import Request
from compliance.workflow.sealing import targets_vault
from compliance.workflow.states import Outcome, State
from tests.workflow_fixtures import meanwhile, outcomes, states


def asks_for_the_lease(sql, _):
    """Twice: before a call is written down, and after, before it is sent."""
    return 'AS "a" FROM "subscriptions_lane"' in sql


def test_approved_visitors_are_posted_in_one_call_and_nobody_else(desk):
    request = desk.executing(desk.ids(3))

    desk.send()

    assert desk.accepted() == [desk.ids(3)]
    assert states(request) == [BatchState.ACCEPTED]
    assert outcomes(request) == {Outcome.ACCEPTED: 3}


def test_call_stands_with_the_digest_of_its_set_before_and_its_sealed_answer_after(desk):
    request = desk.executing(desk.ids(3))
    commitments = [bytes(target.commitment) for target in request.targets.all()]

    desk.send()

    call = Call.objects.get()
    assert (call.count, call.digest) == (3, crypto.set_digest(commitments, action=Action.ERASE.value))
    assert (call.verdict, call.status) == (Verdict.OK, 200)
    (deletion,) = desk.pendo.deletions.all.values()
    assert deletion.id in targets_vault(request).open(call.sealed_answer, purpose="answer")
    events = [entry.event for entry in entries_of(request.chain)]
    assert events[-5:] == [
        "call:intended",
        "call:answered",
        "targets:settled",
        "batch:accepted",
        "request:confirmation:started",
    ]


def test_most_urgent_request_is_sent_first(desk):
    ids = desk.ids(2)
    relaxed, urgent = desk.executing(ids[:1]), desk.executing(ids[1:])
    Request.objects.filter(pk=urgent.pk).update(send_by=clock.today() - dt.timedelta(days=300))

    desk.send()

    assert desk.accepted() == [ids[1:], ids[:1]]
    assert states(relaxed) == states(urgent) == [BatchState.ACCEPTED]


def test_nothing_is_sent_before_its_time(desk):
    request = desk.executing(desk.ids(1))
    request.batches.update(due_at=clock.now() + dt.timedelta(hours=1))

    desk.send()

    assert desk.posts() == []


@pytest.mark.parametrize("state", [State.APPROVED, State.CLOSED, State.CANCELLED])
def test_batch_of_a_request_that_is_not_being_executed_is_never_sent(desk, state):
    request = desk.executing(desk.ids(1))
    Request.objects.filter(pk=request.pk).update(state=state)

    desk.send()

    assert desk.posts() == []


def test_pause_while_waiting_for_the_slot_stops_the_call(desk):
    request = desk.executing(desk.ids(1))

    with meanwhile(
        fits=asks_for_the_lease,
        act=lambda: pause(subscription=desk.subscription, reason=PauseReason.PERSON, by=None),
        skip=1,
    ):
        desk.send()

    assert desk.posts() == []
    assert states(request) == [BatchState.READY]
    assert Call.objects.get().verdict == Verdict.NOT_SENT


@pytest.mark.parametrize("left", [-1, 20], ids=["run out", "shorter than a call may take"])
def test_sender_without_a_lease_for_the_time_of_a_call_sends_nothing(desk, left):
    request = desk.executing(desk.ids(2)[:1])
    desk.executing(desk.ids(2)[1:])

    def run_out():
        Lane.objects.update(lease_until=clock.now() + dt.timedelta(seconds=left))

    with meanwhile(fits=asks_for_the_lease, act=run_out, skip=1, before=True):
        desk.send()

    assert desk.posts() == []
    assert states(request) == [BatchState.READY]
    assert Call.objects.count() == 1


def test_batch_that_became_ready_during_the_slice_is_not_sent_before_the_control_visitors_were_seen(desk):
    request = desk.approved(desk.ids(1))
    desk.fault("foreign", times=None, prefix="/api/")

    def asks_whether_one_is_ready(sql, params):
        return "execution_batch" in sql and BatchState.READY in params

    with meanwhile(fits=asks_whether_one_is_ready, act=tasks.move_on):
        desk.send()

    assert desk.posts() == []
    assert states(request) == [BatchState.READY]


def test_nothing_is_deleted_in_another_subscription(desk):
    request = desk.executing(desk.ids(2))
    desk.fault("foreign", times=None, prefix="/api/")

    desk.send()

    assert desk.posts() == []
    assert desk.paused() == PauseReason.FOREIGN
    assert (states(request), outcomes(request)) == ([BatchState.READY], {Outcome.PENDING: 2})


def test_paused_subscription_is_sent_nothing_until_it_is_resumed(desk):
    desk.executing(desk.ids(1))
    pause(subscription=desk.subscription, reason=PauseReason.PERSON, by=None)

    desk.run()

    assert desk.posts() == []


def test_second_sender_finds_the_lane_taken(desk):
    desk.executing(desk.ids(1))

    with meanwhile(fits=asks_for_the_lease, act=desk.send, skip=1, before=True):
        desk.send()

    assert desk.posts() == [(1, 200)]
    assert Batch.objects.count() == Call.objects.count() == 1


def test_lane_is_free_again_after_its_slice(desk):
    desk.executing(desk.ids(1))

    desk.send()

    assert desk.lane(LaneKind.BULK).lease_token == ""
