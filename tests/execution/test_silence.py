import itertools

import pytest

from compliance.audit.queries import entries_of
from compliance.connectors.pendo.client import PAGE
from compliance.execution import tasks
from compliance.execution.health import WORKER
from compliance.execution.models import BatchState, Call, Heartbeat, MarkedReading, Sending
from compliance.execution.silence import CHAIN
from compliance.subscriptions.models import LaneKind
from compliance.workflow.cancelling import cancel_what_is_left
from compliance.workflow.models import Attention
from compliance.workflow.states import Kind, Outcome
from tests.workflow_fixtures import at_moment, guide_for_everybody, meanwhile, outcomes, states


@pytest.fixture
def silence(later):
    """No worker works for ten minutes."""

    def pass_by():
        tasks.tick()
        last = Heartbeat.objects.get(name=WORKER).at
        later(minutes=10)
        Heartbeat.objects.filter(name=WORKER).update(at=last)

    return pass_by


def sent_unknown_to_us(desk, request):
    """What a backup that is older than the sending looks like: Pendo has what stands ready here."""
    desk.queue(*desk.ids(request.targets.count()))


def engine_events():
    return [entry.event for entry in entries_of(CHAIN)]


def test_batch_of_a_restored_backup_that_was_sent_since_is_not_sent_again(desk, silence):
    request = desk.executing(desk.ids(2))
    silence()
    sent_unknown_to_us(desk, request)

    desk.run()

    assert desk.posts() == []
    assert (states(request), outcomes(request)) == ([BatchState.ACCEPTED], {Outcome.ACCEPTED: 2})
    assert engine_events() == ["engine:silence:ended"]


def test_lane_that_works_before_the_first_tick_after_a_silence_asks_first_too(desk, silence):
    request = desk.executing(desk.ids(2))
    silence()
    sent_unknown_to_us(desk, request)

    desk.send()

    assert desk.posts() == []
    assert states(request) == [BatchState.UNCERTAIN]


def test_request_that_was_approved_before_a_silence_and_begins_after_it_is_asked_about(desk, silence):
    request = desk.approved(desk.ids(2))
    silence()
    sent_unknown_to_us(desk, request)

    desk.run()

    assert desk.posts() == []
    assert outcomes(request) == {Outcome.ACCEPTED: 2}


def test_what_pendo_does_not_have_after_a_silence_is_sent_once_it_had_time_to_show(desk, silence, later):
    desk.timings(settle_after=600)
    request = desk.executing(desk.ids(2))
    silence()

    desk.run()
    assert (desk.posts(), states(request)) == ([], [BatchState.UNCERTAIN])

    for _ in range(20):
        later(minutes=4)
        desk.run()

    assert desk.posts() == [(2, 200)]
    assert outcomes(request) == {Outcome.ACCEPTED: 2}


def test_batch_that_is_cancelled_while_it_is_doubted_stays_cancelled(desk, silence, officer):
    request = desk.executing(desk.ids(2))
    silence()

    def somebody_cancels():
        cancel_what_is_left(request=request, by=officer, reason="a mistake")
        tasks.cancel_rests()

    with meanwhile(
        fits=lambda sql, _: "execution_batch" in sql and "LIMIT 1" in sql, act=somebody_cancels, skip=1
    ):
        desk.send()

    assert (states(request), outcomes(request)) == ([BatchState.EMPTY], {Outcome.CANCELLED: 2})
    assert desk.lane(LaneKind.BULK).failures == 0


def test_request_recorded_after_a_silence_is_sent_at_once(desk, silence):
    silence()
    tasks.tick()

    desk.executing(desk.ids(2))
    desk.run()

    assert desk.posts() == [(2, 200)]


def test_short_silence_is_none(desk, later):
    desk.executing(desk.ids(2))
    tasks.tick()
    later(minutes=4)

    desk.run()

    assert desk.posts() == [(2, 200)]
    assert engine_events() == []


def test_wipe_for_everybody_that_may_have_happened_before_a_silence_waits_for_a_person(desk, silence):
    request = desk.executing_targets(Kind.GUIDE_RESET, [guide_for_everybody("guide-1")])
    silence()

    desk.run()

    assert not Call.objects.exists()
    assert outcomes(request) == {Outcome.UNCERTAIN: 1}
    assert request.attentions.get().reason == Attention.Reason.WIPE_UNCERTAIN


# -- reading who is marked ---------------------------------------------------------------------------------


def test_long_list_of_marked_visitors_is_read_on_in_the_next_slice(desk):
    desk.mark(*(f"!{number:05}" for number in range(2 * PAGE + 10)))
    request = desk.executing(desk.ids(2))
    desk.fault("drop_after")
    desk.send()
    desk.timings(slice=0.001)

    desk.work(LaneKind.READ)
    assert MarkedReading.objects.get().pages == 1
    assert states(request) == [BatchState.UNCERTAIN]

    for _ in range(3):
        desk.work(LaneKind.READ)

    assert outcomes(request) == {Outcome.ACCEPTED: 2}
    assert not MarkedReading.objects.exists()


def test_reader_killed_anywhere_goes_on_from_the_last_page_it_kept(desk):
    desk.mark(*(f"!{number:05}" for number in range(PAGE + 10)))
    request = desk.executing(desk.ids(2))
    desk.fault("drop_after")
    desk.send()

    moments = itertools.count(1)
    while desk.kill(desk.read, when=at_moment(next(moments))):
        pass

    assert outcomes(request) == {Outcome.ACCEPTED: 2}
    assert Sending.objects.filter(marked=True).count() == 2
