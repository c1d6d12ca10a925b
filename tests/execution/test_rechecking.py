"""The guard of a retention request, once more before each batch."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.execution.fruitless import MOST_TRIES
from compliance.execution.models import BatchState
from compliance.sandbox.records import Account, Visitor
from compliance.subscriptions.models import LaneKind
from compliance.workflow.models import Attention
from compliance.workflow.states import Kind, Outcome, Spared, State
from tests.workflow_fixtures import account, ids_with, outcomes, states, visitor

AGGREGATION = "/api/v1/aggregation"
DAY = dt.date(2026, 3, 1)
LONG_AGO = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
THAT_DAY = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def purge(desk):
    """`purge(target, ...)`: a retention request that spares who was seen on that day or later."""
    return lambda *targets: desk.executing_targets(Kind.RETENTION, targets, seen_before=DAY)


@pytest.fixture
def old(desk):
    """`old(name, ...)`: visitors of long ago, as targets."""

    def make(*names):
        for name in names:
            seen(desk, name, LONG_AGO)
        return [visitor(name) for name in names]

    return make


def seen(desk, name, moment, **more):
    at = int(moment.timestamp() * 1000)
    desk.pendo.visitors.add({name: Visitor(name, None, 1, at, **more)})


def test_who_was_seen_since_the_preview_is_spared_and_the_others_are_sent(desk, purge, old):
    request = purge(*old("a", "b", 'odd "c"', 'odd "d"'))
    seen(desk, "b", THAT_DAY)
    seen(desk, 'odd "d"', THAT_DAY)

    desk.send()

    assert desk.accepted() == [["a", 'odd "c"']]
    assert ids_with(request, Outcome.SPARED) == {"b", 'odd "d"'}
    assert set(request.targets.filter(outcome=Outcome.SPARED).values_list("spared_because", flat=True)) == {
        Spared.SEEN_SINCE
    }


def test_moment_before_that_day_does_not_spare(desk, purge, old):
    request = purge(*old("a"))
    seen(desk, "a", THAT_DAY - dt.timedelta(milliseconds=1))

    desk.send()

    assert outcomes(request) == {Outcome.ACCEPTED: 1}


def test_excluded_visitor_is_seen_too(desk, purge, old):
    request = purge(*old("a"))
    seen(desk, "a", THAT_DAY, excluded=True)

    desk.send()

    assert outcomes(request) == {Outcome.SPARED: 1}


def test_visitor_who_is_not_there_any_more_is_sent_all_the_same(desk, purge):
    request = purge(visitor("gone"))

    desk.send()

    assert outcomes(request) == {Outcome.ACCEPTED: 1}


def test_request_of_whom_all_are_spared_ends_and_nothing_is_sent(desk, purge, old):
    request = purge(*old("a", "b"))
    seen(desk, "a", THAT_DAY)
    seen(desk, "b", THAT_DAY)

    desk.run()

    request.refresh_from_db()
    assert (desk.posts(), states(request)) == ([], [BatchState.EMPTY])
    assert (request.state, outcomes(request)) == (State.CLOSED, {Outcome.SPARED: 2})


def test_account_is_looked_at_by_its_own_last_visit(desk, purge):
    at = int(THAT_DAY.timestamp() * 1000)
    desk.pendo.accounts.add(
        {"busy": Account("busy", "Busy", 1, at), "quiet": Account("quiet", "Quiet", 1, 1)}
    )

    request = purge(account("busy"), account("quiet"))
    desk.send()

    assert ids_with(request, Outcome.ACCEPTED) == {"quiet"}
    assert ids_with(request, Outcome.SPARED) == {"busy"}


def test_without_the_question_for_many_each_is_looked_up_alone(desk, purge, old):
    request = purge(*old("a", "b"))
    seen(desk, "b", THAT_DAY)
    desk.fault("html", times=None, prefix=AGGREGATION)

    desk.send()

    assert desk.accepted() == [["a"]]
    assert ids_with(request, Outcome.SPARED) == {"b"}


def test_one_without_a_usable_answer_holds_up_no_other_and_a_person_is_told_in_time(desk, purge, old):
    desk.timings(retry=(3600,))
    request = purge(*old("a", 'odd "b"'))
    desk.fault("html", times=None, prefix="/api/v1/visitor/b64_b2RkICJiIg")

    desk.send()

    assert desk.accepted() == [["a"]]
    assert [entry.event for entry in entries_of(request.chain)].count("batch:cut") == 1
    left = request.batches.filter(state=BatchState.READY)
    assert left.get().due_at > clock.now()
    left.update(asks=MOST_TRIES - 1, due_at=clock.now())
    desk.send()
    assert ids_with(request, Outcome.PENDING) == {'odd "b"'}
    assert request.attentions.get().reason == Attention.Reason.NO_ANSWER

    desk.well()
    left.update(due_at=clock.now())
    desk.send()
    assert outcomes(request) == {Outcome.ACCEPTED: 2}


def test_nobody_is_sent_while_pendo_does_not_say_when_they_were_seen(desk, purge, old):
    desk.timings(retry=(3600,))
    request = purge(*old("a"))
    desk.fault("status_503", times=None, prefix=AGGREGATION)

    desk.send()

    assert (desk.posts(), states(request)) == ([], [BatchState.READY])
    # It waits by itself: the lane may go on with what needs no such answer.
    assert request.batches.get().due_at > clock.now()
    assert desk.lane(LaneKind.BULK).failures == 0


def test_slice_that_ends_meanwhile_sends_whom_it_has_looked_at_and_leaves_the_rest(desk, purge, old):
    names = [f'odd "{number}"' for number in range(6)]
    request = purge(*old(*names))
    desk.timings(slice=1, slowest_interval=0.2, first_interval=0.2, fastest_interval=0.2)

    desk.send()

    sent = len(ids_with(request, Outcome.ACCEPTED))
    assert 0 < sent < 6
    desk.timings(slice=20, first_interval=0.01, fastest_interval=0.01)
    desk.run()
    assert outcomes(request) == {Outcome.ACCEPTED: 6}


def test_other_requests_are_not_looked_at_again(desk):
    desk.executing(desk.ids(1))
    before = len(desk.world.books.since(0))

    desk.send()

    routes = [call.route for call in desk.world.books.since(before)]
    assert "/api/v1/aggregation" not in routes
