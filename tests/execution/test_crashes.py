"""A process killed at any moment: whatever it leaves, the next one settles truthfully."""

import itertools

import pytest

from compliance.execution import tasks
from compliance.workflow.models import Request
from compliance.workflow.states import Outcome, State
from tests.workflow_fixtures import at_moment, outcomes


def assert_everything_came_true(desk, ids):
    requests = Request.objects.exclude(state=State.PREVIEWED)
    assert {request.state for request in requests} == {State.CLOSED}
    assert [outcomes(request) for request in requests] == [{Outcome.ERASED: 1}] * len(ids)
    assert sorted(itertools.chain(*desk.accepted())) == sorted(ids)
    assert not any(desk.has(visitor_id) for visitor_id in ids)


def test_sender_killed_at_any_moment_has_its_visitor_deleted_exactly_once(desk, later):
    used, fresh = [], iter(desk.ids(150))
    for number in itertools.count(1):
        used.append(next(fresh))
        desk.executing(used[-1:])
        died = desk.kill(desk.send, when=at_moment(number))
        desk.run()
        if not died:
            break

    desk.finish(later)

    # Taken, written down, called, answered, freed: six moments.
    assert number > 6
    assert_everything_came_true(desk, used)


def test_sender_killed_at_any_moment_after_a_lost_answer_asks_before_it_sends_again(desk, later):
    used, fresh = [], iter(desk.ids(150))
    for number in itertools.count(1):
        used.append(next(fresh))
        desk.executing(used[-1:])
        desk.fault("drop_after")
        died = desk.kill(desk.send, when=at_moment(number))
        desk.well()
        desk.run()
        if not died:
            break

    desk.finish(later)

    # Taken, written down, called, given up, freed: six moments.
    assert number > 6
    assert_everything_came_true(desk, used)


def test_reader_killed_at_any_moment_while_asking_sends_nothing_twice(desk, later):
    used, fresh = [], iter(desk.ids(150))
    for number in itertools.count(1):
        used.append(next(fresh))
        desk.executing(used[-1:])
        desk.fault("drop_after")
        desk.send()
        died = desk.kill(desk.read, when=at_moment(number))
        desk.run()
        if not died:
            break

    desk.finish(later)

    # Taken, a pass begun, each of its two pages kept, settled, freed.
    assert number > 7
    assert_everything_came_true(desk, used)


@pytest.mark.parametrize("left_behind", [0, 1])
def test_reader_killed_at_any_moment_while_following_and_looking_claims_nothing_untrue(
    desk, later, left_behind
):
    used, fresh = [], iter(desk.ids(150))
    for number in itertools.count(1):
        used.append(next(fresh))
        request = desk.executing(used[-1:])
        desk.send()
        desk.set(leave_behind=left_behind)
        desk.complete()
        died = desk.kill(desk.read, when=at_moment(number))
        assert outcomes(request) != {Outcome.ERASED: 1} or not desk.has(used[-1])
        desk.run()
        # Who was left behind is sent once more, and not left behind again.
        desk.complete()
        if not died:
            break
    desk.finish(later)

    # Taken, the receipt kept, found to be gone or not, freed.
    assert number > 5
    requests = Request.objects.all()
    assert {request.state for request in requests} == {State.CLOSED}
    assert not any(desk.has(visitor_id) for visitor_id in used)


def test_reader_killed_at_any_moment_of_a_preview_leaves_it_to_the_next(desk):
    fresh = iter(desk.ids(150))
    for number in itertools.count(1):
        request = desk.opened([next(fresh)])
        died = desk.kill(desk.read, when=at_moment(number))
        tasks.tick()
        desk.read()
        request.refresh_from_db()
        assert request.state == State.PREVIEWED
        if not died:
            break

    # Taken, kept, counted, freed.
    assert number > 5


def test_tick_killed_at_any_moment_begins_everything_once(desk):
    fresh = iter(desk.ids(150))
    for number in itertools.count(1):
        request = desk.approved([next(fresh)])
        died = desk.kill(tasks.tick, when=at_moment(number))
        tasks.tick()
        request.refresh_from_db()
        assert (request.state, request.batches.count()) == (State.EXECUTING, 1)
        if not died:
            break

    # The heartbeat stands first; all of the planning does at once.
    assert number > 3
