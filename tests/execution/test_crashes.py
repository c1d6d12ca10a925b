"""A process killed between any two statements: whatever it leaves, the next one settles truthfully."""

import itertools

from compliance.execution import tasks
from compliance.workflow.models import Request
from compliance.workflow.states import Outcome, State
from tests.workflow_fixtures import outcomes

#: Statements between two deaths that are tried in the long slices.
STRIDE = 7


def killed_at(number):
    return lambda count, _: count >= number


def assert_everything_came_true(desk, ids):
    requests = Request.objects.exclude(state=State.PREVIEWED)
    assert {request.state for request in requests} == {State.CLOSED}
    assert [outcomes(request) for request in requests] == [{Outcome.ERASED: 1}] * len(ids)
    assert sorted(itertools.chain(*desk.accepted())) == sorted(ids)
    assert not any(desk.has(visitor_id) for visitor_id in ids)


def test_sender_killed_at_any_statement_has_its_visitor_deleted_exactly_once(desk, later):
    used, fresh = [], iter(desk.ids(150))
    for number in itertools.count(1, 2):
        used.append(next(fresh))
        desk.executing(used[-1:])
        died = desk.kill(desk.send, when=killed_at(number))
        desk.run()
        if not died:
            break

    desk.finish(later)

    assert number > 40
    assert_everything_came_true(desk, used)


def test_sender_killed_at_any_statement_after_a_lost_answer_asks_before_it_sends_again(desk, later):
    used, fresh = [], iter(desk.ids(150))
    for number in itertools.count(1, STRIDE):
        used.append(next(fresh))
        desk.executing(used[-1:])
        desk.fault("drop_after")
        died = desk.kill(desk.send, when=killed_at(number))
        desk.well()
        desk.run()
        if not died:
            break

    desk.finish(later)

    assert number > 40
    assert_everything_came_true(desk, used)


def test_reader_killed_at_any_statement_while_asking_sends_nothing_twice(desk, later):
    used, fresh = [], iter(desk.ids(150))
    for number in itertools.count(1, STRIDE):
        used.append(next(fresh))
        desk.executing(used[-1:])
        desk.fault("drop_after")
        desk.send()
        died = desk.kill(desk.read, when=killed_at(number))
        desk.run()
        if not died:
            break

    desk.finish(later)

    assert number > 40
    assert_everything_came_true(desk, used)


def test_reader_killed_at_any_statement_while_following_and_looking_claims_nothing_untrue(desk, later):
    used, fresh = [], iter(desk.ids(150))
    for number in itertools.count(1, STRIDE):
        used.append(next(fresh))
        request = desk.executing(used[-1:])
        desk.send()
        desk.set(leave_behind=number % 2)
        desk.complete()
        died = desk.kill(desk.read, when=killed_at(number))
        assert outcomes(request) != {Outcome.ERASED: 1} or not desk.has(used[-1])
        desk.run()
        if not died:
            break
    desk.finish(later)

    assert number > 40
    requests = Request.objects.all()
    assert {request.state for request in requests} == {State.CLOSED}
    assert not any(desk.has(visitor_id) for visitor_id in used)


def test_reader_killed_at_any_statement_of_a_preview_leaves_it_to_the_next(desk):
    fresh = iter(desk.ids(150))
    for number in itertools.count(1, 2):
        request = desk.opened([next(fresh)])
        died = desk.kill(desk.read, when=killed_at(number))
        tasks.tick()
        desk.read()
        request.refresh_from_db()
        assert request.state == State.PREVIEWED
        if not died:
            break

    assert number > 20


def test_tick_killed_at_any_statement_begins_everything_once(desk):
    fresh = iter(desk.ids(150))
    for number in itertools.count(1, 2):
        request = desk.approved([next(fresh)])
        died = desk.kill(tasks.tick, when=killed_at(number))
        tasks.tick()
        request.refresh_from_db()
        assert (request.state, request.batches.count()) == (State.EXECUTING, 1)
        if not died:
            break

    assert number > 20
