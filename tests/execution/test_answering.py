import dataclasses
import time

import pytest

from compliance.audit.queries import entries_of
from compliance.connectors.answers import Verdict
from compliance.execution.models import BatchState, Call
from compliance.subscriptions.models import LaneKind, PauseReason
from compliance.workflow.models import Attention
from compliance.workflow.states import Outcome, State
from tests.workflow_fixtures import meanwhile, outcomes, states

READY, UNCERTAIN, ACCEPTED = BatchState.READY, BatchState.UNCERTAIN, BatchState.ACCEPTED
#: fault, whether Pendo has acted, verdict, state of the batch, outcome of its targets
ENDS = [
    ("drop_before", False, Verdict.LOST, UNCERTAIN, Outcome.UNCERTAIN),
    ("drop_after", True, Verdict.LOST, UNCERTAIN, Outcome.UNCERTAIN),
    ("hang", True, Verdict.LOST, UNCERTAIN, Outcome.UNCERTAIN),
    ("slow", True, Verdict.LOST, UNCERTAIN, Outcome.UNCERTAIN),
    ("status_429", False, Verdict.RATE_LIMITED, READY, Outcome.PENDING),
    ("status_500", False, Verdict.UNAVAILABLE, UNCERTAIN, Outcome.UNCERTAIN),
    ("status_500", True, Verdict.UNAVAILABLE, UNCERTAIN, Outcome.UNCERTAIN),
    ("status_502", True, Verdict.UNAVAILABLE, UNCERTAIN, Outcome.UNCERTAIN),
    ("status_503", False, Verdict.UNAVAILABLE, UNCERTAIN, Outcome.UNCERTAIN),
    ("html", False, Verdict.GARBLED, UNCERTAIN, Outcome.UNCERTAIN),
    ("html", True, Verdict.GARBLED, UNCERTAIN, Outcome.UNCERTAIN),
    ("garbage", True, Verdict.GARBLED, UNCERTAIN, Outcome.UNCERTAIN),
    ("empty_200", False, Verdict.GARBLED, UNCERTAIN, Outcome.UNCERTAIN),
    ("empty_200", True, Verdict.GARBLED, UNCERTAIN, Outcome.UNCERTAIN),
    ("payment", False, Verdict.NOT_PAID, READY, Outcome.PENDING),
    ("timeout_408", False, Verdict.UNAVAILABLE, UNCERTAIN, Outcome.UNCERTAIN),
    ("forbidden", False, Verdict.KEY_REFUSED, READY, Outcome.PENDING),
    ("unauthorized", False, Verdict.KEY_REFUSED, READY, Outcome.PENDING),
]
NAMES = [f"{fault}, {'acted' if acted else 'not acted'}" for fault, acted, *_ in ENDS]


@pytest.fixture
def send_into(desk, settings):
    """`send_into(fault, acted)`: a request of three visitors, its one call sent into the fault."""

    def send(fault, acted):
        request = desk.executing(desk.ids(3))
        if fault in {"hang", "slow"}:
            settings.TIMINGS = dataclasses.replace(settings.TIMINGS, call_deadline=1.0)
        desk.fault(fault, seconds=2, acts=acted and fault.startswith(("status", "html", "garbage", "empty")))
        desk.send()
        end = time.monotonic() + 20
        while acted and not desk.accepted():
            assert time.monotonic() < end, "nothing has arrived"
            time.sleep(0.01)
        return request

    return send


@pytest.mark.parametrize(("fault", "acted", "verdict", "state", "outcome"), ENDS, ids=NAMES)
def test_end_of_a_call_is_written_down_and_claims_nothing_that_is_not_known(
    desk, send_into, fault, acted, verdict, state, outcome
):
    request = send_into(fault, acted)

    assert Call.objects.get().verdict == verdict
    assert (states(request), outcomes(request)) == ([state], {outcome: 3})
    assert desk.accepted() == ([desk.ids(3)] if acted else [])
    events = [entry.event for entry in entries_of(request.chain)]
    assert (events[-1] == "call:unsettled") is (state is UNCERTAIN)
    assert events.count("call:intended") == 1


@pytest.mark.parametrize(("fault", "acted", "verdict", "state", "outcome"), ENDS[:-2], ids=NAMES[:-2])
def test_every_visitor_is_deleted_once_and_erased_whatever_became_of_the_first_call(
    desk, send_into, later, fault, acted, verdict, state, outcome
):
    ids = desk.ids(3)
    request = send_into(fault, acted)

    desk.finish(later)

    request.refresh_from_db()
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.ERASED: 3})
    assert desk.accepted() == [ids]
    assert not any(desk.has(visitor_id) for visitor_id in ids)


@pytest.mark.parametrize("fault", ["forbidden", "unauthorized"])
def test_refused_key_pauses_the_subscription_and_the_batch_waits(desk, send_into, fault):
    request = send_into(fault, False)

    desk.run()

    assert desk.paused() == PauseReason.KEY_REFUSED
    assert desk.posts() == [(3, 403 if fault == "forbidden" else 401)]
    assert states(request) == [READY]


def test_contract_that_does_not_cover_the_call_is_told_to_a_person(send_into):
    request = send_into("payment", False)

    assert request.attentions.get().reason == Attention.Reason.NOT_PAID


@pytest.mark.parametrize("fault", ["status_429", "status_503", "payment", "drop_before", "html"])
def test_lane_waits_after_a_call_that_pendo_did_not_take(desk, send_into, fault):
    send_into(fault, False)

    assert desk.lane(LaneKind.BULK).failures == 1


def test_lane_is_well_again_after_the_next_accepted_call(desk, send_into):
    send_into("status_429", False)

    desk.send()

    assert desk.lane(LaneKind.BULK).failures == 0


def test_call_whose_sender_was_killed_counts_as_lost_and_is_asked_about_first(desk):
    request = desk.executing(desk.ids(1))
    desk.kill(desk.send, when=desk.posted)

    desk.send()

    assert desk.posts() == [(1, 200)]
    assert states(request) == [UNCERTAIN]
    assert Call.objects.get().verdict == Verdict.LOST


def test_sender_that_comes_back_too_late_writes_nothing(desk):
    request = desk.executing(desk.ids(1))

    def somebody_else_takes_over():
        desk.expire()
        desk.send()

    with meanwhile(fits=desk.posted, act=somebody_else_takes_over, before=True):
        desk.send()

    assert states(request) == [UNCERTAIN]
    assert [call.verdict for call in Call.objects.all()] == [Verdict.LOST]
