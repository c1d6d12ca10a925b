"""Guide resets, and the lifting of Do Not Process: one call for each target."""

import datetime as dt
import itertools
import time
from collections import Counter

import pytest

from compliance.audit.queries import entries_of
from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.pendo import Pendo
from compliance.core import clock, crypto
from compliance.execution import one_by_one
from compliance.execution.fruitless import MOST_TRIES
from compliance.execution.giving_up import give_up
from compliance.execution.models import BatchState, Call
from compliance.subscriptions.models import Lane, LaneKind, PauseReason
from compliance.workflow.kinds import Action
from compliance.workflow.models import Attention, Erased
from compliance.workflow.pausing import pause_request, resume_request
from compliance.workflow.sealing import targets_vault
from compliance.workflow.states import Kind, Outcome, State
from tests.workflow_fixtures import (
    at_moment,
    guide_for,
    guide_for_everybody,
    ids_with,
    meanwhile,
    outcomes,
    states,
    visitor,
)

RESETS = "/api/v1/guide"
LIFTS = "/api/v1/metadata"
#: No path can name these, or Pendo would take them for something else.
UNNAMEABLE = [
    guide_for(".", "g"),
    guide_for(".."),
    guide_for("ana", "all"),
    guide_for_everybody("staged"),
    guide_for_everybody(""),
]


@pytest.fixture
def guide_in(desk):
    return lambda state: next(guide.id for guide in desk.pendo.guides.values() if guide.state == state)


@pytest.fixture
def reset(desk):
    """`reset(target, ...)`: a request to reset guides, its batches standing."""
    return lambda *targets, **wish: desk.executing_targets(Kind.GUIDE_RESET, targets, **wish)


@pytest.fixture
def readmit(desk):
    """`readmit(id, ...)`: a request to lift Do Not Process, its batches standing."""
    return lambda *names: desk.executing_targets(Kind.READMISSION, [visitor(name) for name in names])


def done(desk):
    return [(each.guide, each.visitor) for each in desk.pendo.resets]


def at_rate(desk, a_second):
    """The lane makes so many calls a second, whatever their answers are."""
    desk.timings(**dict.fromkeys(["slowest_interval", "first_interval", "fastest_interval"], 1 / a_second))


def state(request):
    request.refresh_from_db()
    return request.state


# -- what is called for ------------------------------------------------------------------------------------


def test_every_kind_of_reset_reaches_its_own_endpoint(desk, reset, guide_in):
    staged, public = guide_in("staged"), guide_in("public")

    request = reset(guide_for("ana", public), guide_for("a/b c"), guide_for_everybody(staged))
    desk.run()

    # What is in one group is called for at the same time.
    *together, last = done(desk)
    assert sorted(together, key=str) == [(public, "ana"), (None, "a/b c")]
    assert last == (staged, None)
    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.RESET: 3})


def test_unknown_guide_is_not_found_and_one_that_is_not_staged_fails(desk, reset, guide_in):
    request = reset(guide_for("ana", "gone"), guide_for_everybody(guide_in("public")), guide_for("ben"))

    desk.run()

    assert outcomes(request) == {Outcome.NOT_FOUND: 1, Outcome.FAILED: 1, Outcome.RESET: 1}
    assert state(request) == State.CLOSED


@pytest.mark.parametrize("target", UNNAMEABLE)
def test_target_that_no_path_can_name_fails_and_nothing_is_sent_for_it(desk, reset, target):
    request = reset(target, guide_for("ana"))

    desk.run()

    assert done(desk) == [(None, "ana")]
    assert outcomes(request) == {Outcome.FAILED: 1, Outcome.RESET: 1}
    assert Call.objects.count() == 1


def test_request_of_nothing_that_can_be_named_ends_without_a_call(desk, reset):
    request = reset(guide_for(".."))

    desk.run()

    assert (state(request), states(request), Call.objects.count()) == (State.CLOSED, [BatchState.FAILED], 0)


def test_calls_stand_in_groups_before_they_are_sent_with_their_sealed_answers_after(desk, reset):
    most = one_by_one.MOST_IN_A_GROUP
    request = reset(*(guide_for(f"v{number}") for number in range(most + 1)))

    desk.call()

    calls = list(Call.objects.all())
    assert [call.verdict for call in calls] == [Verdict.OK] * (most + 1)
    assert targets_vault(request).open(calls[0].sealed_answer, purpose="answer") == "{}"
    assert calls[0].digest == crypto.set_digest(
        [bytes(calls[0].target.commitment)], action=Action.RESET.value
    )
    events = [entry.event for entry in entries_of(request.chain)]
    assert [event for event in events if event.startswith(("calls", "targets"))] == [
        "calls:intended", "targets:settled", "calls:answered",
        "calls:intended", "targets:settled", "calls:answered",
    ]  # fmt: skip
    counts = [
        entry.body["facts"]["count"] for entry in entries_of(request.chain) if entry.event == "calls:intended"
    ]
    assert counts == [most, 1]


def test_group_is_what_the_lane_sends_in_two_seconds(desk, reset):
    at_rate(desk, 10)
    reset(*(guide_for(f"v{number}") for number in range(30)))

    desk.call()

    intended = Counter(call.intended_at for call in Call.objects.all())
    assert max(intended.values()) <= 20


def test_calls_are_as_far_apart_as_the_lane_has_found_out(desk, reset):
    at_rate(desk, 5)
    reset(*(guide_for(f"v{number}") for number in range(6)))

    desk.call()

    times = [call.monotonic for call in desk.world.books.since(0) if call.route.endswith("/reset")]
    assert len(times) == 6
    # The sandbox counts arrivals: one call may be under way a little longer than the next.
    assert min(after - before for before, after in itertools.pairwise(times)) > 0.1


def test_slow_answers_are_not_waited_for_one_by_one(desk, reset):
    request = reset(*(guide_for(f"v{number}") for number in range(8)))
    desk.fault("hang", times=8, prefix=RESETS, seconds=0.5)
    began = time.monotonic()

    desk.call()

    assert outcomes(request) == {Outcome.RESET: 8}
    assert time.monotonic() - began < 8 * 0.5


def test_resets_for_everybody_are_never_under_way_at_the_same_time(desk, reset):
    wiped = [guide.id for guide in desk.pendo.guides.values() if guide.state == "staged"][:2]
    reset(*map(guide_for_everybody, wiped))
    desk.fault("hang", times=2, prefix=RESETS, seconds=0.3)

    desk.call()

    first, second = [call.monotonic for call in desk.world.books.since(0) if call.route.endswith("/reset")]
    assert second - first >= 0.3


def test_nothing_is_called_for_in_another_subscription(desk, reset):
    request = reset(guide_for("ana"))
    desk.fault("foreign", times=None, prefix="/api/")

    desk.call()

    assert (desk.paused(), done(desk), states(request)) == (PauseReason.FOREIGN, [], [BatchState.READY])


# -- readmission -------------------------------------------------------------------------------------------


def visitors_erased():
    """The register's lines of visitors, without those of their e-mail addresses."""
    return Erased.objects.filter(kind="visitor")


def test_do_not_process_is_lifted_and_the_register_says_by_which_request(desk, readmit, later):
    one, two = desk.ids(2)
    erasure = desk.executing([one, two])
    desk.finish(later)
    assert visitors_erased().filter(request=erasure, returned_at=None).count() == 2

    request = readmit(one)
    desk.run()

    assert one not in desk.pendo.do_not_process["visitor"]
    assert two in desk.pendo.do_not_process["visitor"]
    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.RETURNED: 1})
    returned = visitors_erased().get(returned_by=request)
    assert bytes(returned.digest) == bytes(request.targets.get().digest)
    assert returned.returned_at
    assert visitors_erased().filter(returned_at=None).count() == 1


def test_erasure_under_an_older_digest_key_counts_as_returned_too(desk, readmit, later, settings):
    (one,) = desk.ids(1)
    desk.executing([one])
    desk.finish(later)
    settings.DIGEST_KEYS = f"{settings.DIGEST_KEYS},9:{'B' * 43}="
    # The control visitors' digests are from before, too.
    request = readmit(one)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_by_one, "recognise", lambda *_: None)
        desk.call()

    assert visitors_erased().get().returned_by == request


def test_visitor_whom_pendo_does_not_know_is_not_found(desk, readmit):
    request = readmit("nobody at all")

    desk.run()

    assert outcomes(request) == {Outcome.NOT_FOUND: 1}
    assert state(request) == State.CLOSED


# -- ends of a call ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", ["drop_before", "drop_after", "status_500", "html", "garbage", "status_429"]
)
def test_refusal_of_one_is_repeated_more_slowly_while_the_others_go_well(desk, reset, fault):
    desk.timings(slowest_interval=1)
    request = reset(*(guide_for(f"v{number}") for number in range(3)))
    desk.fault(fault, prefix=RESETS)

    desk.call()

    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.RESET: 3})
    lane = desk.lane(LaneKind.RESET)
    assert lane.failures == 0
    assert lane.ceiling > lane.rate


def test_call_that_pendo_wants_to_be_paid_for_ends_the_slice_and_is_made_again(desk, reset):
    request = reset(guide_for("ana"))
    desk.fault("payment", prefix=RESETS)

    desk.call()

    assert outcomes(request) == {Outcome.PENDING: 1}
    assert desk.lane(LaneKind.RESET).failures == 1
    desk.run()
    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.RESET: 1})


@pytest.mark.parametrize("fault", ["status_429", "status_503", "drop_before"])
def test_lane_is_put_off_where_nothing_goes_well(desk, reset, later, fault):
    desk.timings(retry=(3600,))
    request = reset(*(guide_for(f"v{number}") for number in range(40)))
    desk.fault(fault, times=None, prefix=RESETS)

    desk.call()

    lane = desk.lane(LaneKind.RESET)
    assert lane.failures == 1
    assert lane.next_at > clock.now() + dt.timedelta(minutes=50)
    assert len([call for call in desk.world.books.since(0) if call.route.endswith("/reset")]) < 40
    assert outcomes(request) == {Outcome.PENDING: 40}
    desk.well()
    Lane.objects.update(next_at=clock.now())
    later(hours=2)
    desk.run()
    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.RESET: 40})


def test_lane_waits_as_long_as_pendo_asks(desk, reset, monkeypatch):
    reset(guide_for("ana"), guide_for("ben"))
    refusal = Answer(Verdict.RATE_LIMITED, 429, retry_after=120)
    monkeypatch.setattr(Pendo, "reset_guides", lambda *_, **__: refusal)

    desk.call()

    lane = desk.lane(LaneKind.RESET)
    assert lane.next_at > clock.now() + dt.timedelta(seconds=100)


def test_what_the_lane_has_found_out_is_remembered(desk, reset):
    desk.timings(slowest_interval=1, first_interval=0.05, fastest_interval=0.01)
    reset(*(guide_for(f"v{number}") for number in range(20)))

    desk.call()

    first = desk.lane(LaneKind.RESET).rate
    assert first > 20
    reset(guide_for("ana"))
    desk.call()
    assert desk.lane(LaneKind.RESET).rate > first


@pytest.mark.parametrize(
    ("fault", "acts"), [("drop_before", False), ("drop_after", True), ("status_500", True), ("html", True)]
)
def test_reset_for_everybody_that_was_lost_waits_for_a_person_and_is_never_repeated(
    desk, reset, guide_in, later, fault, acts
):
    staged = guide_in("staged")
    request = reset(guide_for_everybody(staged), guide_for("ana"))
    # The reset for one visitor is sent first.
    desk.fault(fault, prefix=f"{RESETS}/{staged}/reset", acts=acts and fault != "drop_after")

    for _ in range(3):
        desk.run()
        later(hours=30)

    assert outcomes(request) == {Outcome.UNCERTAIN: 1, Outcome.RESET: 1}
    assert done(desk).count((staged, None)) == acts
    attention = request.attentions.get()
    assert attention.reason == Attention.Reason.WIPE_UNCERTAIN

    give_up(attention=attention, by=desk.officer)

    assert (state(request), outcomes(request)) == (State.CLOSED, {Outcome.FAILED: 1, Outcome.RESET: 1})


@pytest.mark.parametrize("fault", ["status_429", "payment"])
def test_reset_for_everybody_that_pendo_did_not_take_is_sent_again(desk, reset, guide_in, fault):
    request = reset(guide_for_everybody(guide_in("staged")))
    desk.fault(fault, prefix=RESETS)

    desk.run()

    assert outcomes(request) == {Outcome.RESET: 1}
    assert len(desk.pendo.resets) == 1


def test_uncertain_reset_holds_up_no_other_for_everybody(desk, reset):
    one, two = [guide.id for guide in desk.pendo.guides.values() if guide.state == "staged"][:2]
    request = reset(guide_for_everybody(one), guide_for_everybody(two))
    desk.fault("drop_after", prefix=RESETS)

    desk.run()

    assert outcomes(request) == {Outcome.UNCERTAIN: 1, Outcome.RESET: 1}


def test_target_without_a_usable_answer_comes_last_and_is_told_in_time(desk, reset):
    request = reset(guide_for("stuck"), *(guide_for(f"v{number}") for number in range(3)))
    desk.fault("status_500", times=None, prefix=f"{RESETS}/all/visitor/stuck")

    # Once with the others after it, once with them before it, and then alone.
    for _ in range(MOST_TRIES + 2):
        desk.call()

    assert outcomes(request) == {Outcome.PENDING: 1, Outcome.RESET: 3}
    attention = request.attentions.get()
    assert attention.reason == Attention.Reason.NO_ANSWER

    give_up(attention=attention, by=desk.officer)

    assert (state(request), ids_with(request, Outcome.FAILED)) == (State.CLOSED, {"stuck"})


def test_stuck_target_holds_up_no_other_request(desk, reset):
    desk.timings(retry=(60,))
    reset(guide_for("stuck"))
    desk.fault("status_500", times=None, prefix=f"{RESETS}/all/visitor/stuck")
    desk.call()
    other = reset(guide_for("ana"))
    Lane.objects.update(next_at=clock.now())

    desk.call()

    assert outcomes(other) == {Outcome.RESET: 1}
    assert desk.lane(LaneKind.RESET).failures == 0


def test_refused_key_pauses_the_subscription(desk, reset):
    request = reset(guide_for("ana"))
    desk.fault("forbidden", prefix=RESETS)

    desk.run()

    assert desk.paused() == PauseReason.KEY_REFUSED
    assert outcomes(request) == {Outcome.PENDING: 1}


# -- stopping ----------------------------------------------------------------------------------------------


def test_pause_of_the_request_within_a_group_stops_the_next_call(desk, reset):
    at_rate(desk, 5)
    request = reset(*(guide_for(f"v{number}") for number in range(5)))

    def two_are_done(*_):
        return len(desk.pendo.resets) == 2

    with meanwhile(
        fits=two_are_done, act=lambda: pause_request(request=request, by=desk.analyst), before=True
    ):
        desk.run()

    assert len(desk.pendo.resets) == 2
    assert outcomes(request) == {Outcome.RESET: 2, Outcome.PENDING: 3}
    assert [call.verdict for call in Call.objects.all()] == [Verdict.OK] * 2 + [Verdict.NOT_SENT] * 3

    resume_request(request=request, by=desk.officer)
    desk.run()

    assert outcomes(request) == {Outcome.RESET: 5}
    assert len(desk.pendo.resets) == 5


# -- crashes -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("for_everybody", [False, True])
def test_caller_killed_at_any_moment_leaves_nothing_untrue(desk, reset, guide_in, later, for_everybody):
    staged = guide_in("staged")
    for number in itertools.count(1):
        before = len(desk.pendo.resets)
        request = (
            reset(guide_for_everybody(staged)) if for_everybody else reset(guide_for("a"), guide_for("b"))
        )
        died = desk.kill(desk.call, when=at_moment(number))
        desk.run()
        later(minutes=10)
        desk.run()
        happened = len(desk.pendo.resets) - before
        if for_everybody:
            assert happened <= 1
            assert outcomes(request) in ({Outcome.RESET: 1}, {Outcome.UNCERTAIN: 1})
            assert happened == 1 or outcomes(request) == {Outcome.UNCERTAIN: 1}
        else:
            assert outcomes(request) == {Outcome.RESET: 2}
            assert {each.visitor for each in desk.pendo.resets[before:]} == {"a", "b"}
        if not died:
            break

    # Taken, written down, called, answered, freed: six moments.
    assert number > 6


def test_caller_that_comes_back_too_late_writes_nothing(desk, reset):
    request = reset(guide_for("ana"))

    def somebody_else_takes_over():
        desk.expire()
        desk.call()

    with meanwhile(fits=lambda *_: bool(desk.pendo.resets), act=somebody_else_takes_over, before=True):
        desk.call()

    assert [call.verdict for call in Call.objects.all()][:1] == [Verdict.LOST]
    assert outcomes(request) in ({Outcome.PENDING: 1}, {Outcome.RESET: 1})
    assert Call.objects.filter(answered_at=None).count() == 0


def test_group_ends_with_the_slice(desk, reset):
    desk.timings(slice=1)
    at_rate(desk, 10)
    request = reset(*(guide_for(f"v{number}") for number in range(20)))
    started = clock.now()

    desk.call()

    assert (clock.now() - started).total_seconds() < 3
    assert 0 < outcomes(request)[Outcome.RESET] < 20
    assert states(request) == [BatchState.READY]
