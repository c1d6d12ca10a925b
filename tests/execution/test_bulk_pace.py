"""At most one bulk call in an interval: over slices, hand-overs, machines, deaths and steps of the clock.

Every gap is read in the sandbox's books, on its monotonic clock.
"""

import datetime as dt
import itertools

import pytest
import time_machine

from compliance.core import clock
from compliance.execution.sending import ready_batches
from compliance.subscriptions import lanes
from tests.workflow_fixtures import at_moment, meanwhile

INTERVAL = 0.4
REQUESTS = 5


@pytest.fixture
def waiting(desk):
    """The desk with a pace and requests of one call each; a slice is shorter than the interval."""
    for visitor_id in desk.ids(REQUESTS):
        desk.executing([visitor_id])
    desk.timings(bulk_interval=INTERVAL, slice=INTERVAL / 2)
    return desk


def gaps(desk):
    times = [call.monotonic for call in desk.world.books.since(0) if "bulkdelete/visitor" in call.route]
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def send_all(desk, before_each=lambda _: None):
    """Slices until all is sent; something happens before each."""
    for number in range(4 * REQUESTS):
        if not ready_batches(desk.subscription).exists():
            return number
        before_each(number)
        desk.send()
    raise AssertionError("not all was sent")


def test_next_slice_goes_on_at_the_next_slot_and_no_sooner(waiting):
    slices = send_all(waiting)

    assert slices > 2
    assert len(gaps(waiting)) == REQUESTS - 1
    assert min(gaps(waiting)) >= INTERVAL
    # Had each slice begun with a full interval, as where nothing is known, it would have been twice as long.
    assert sum(gaps(waiting)) < (REQUESTS - 1) * INTERVAL * 1.5


def test_another_machine_waits_a_full_interval(waiting, monkeypatch):
    def on_another_machine(number):
        monkeypatch.setattr(lanes, "this_boot", lambda: f"machine {number % 2}")

    send_all(waiting, on_another_machine)

    assert len(gaps(waiting)) == REQUESTS - 1
    assert min(gaps(waiting)) >= INTERVAL


@pytest.mark.parametrize("step", [dt.timedelta(hours=-1), dt.timedelta(hours=1), dt.timedelta(days=400)])
def test_stepped_clock_changes_nothing(waiting, step):
    began, steps = clock.now(), itertools.cycle([step, -step])
    waiting.subscription.requests.update(send_by=began)
    with time_machine.travel(began, tick=True) as travel:

        def step_the_clock(_):
            travel.shift(next(steps))
            # Whatever is due stays so.
            waiting.subscription.batches.update(due_at=began - dt.timedelta(days=900))

        send_all(waiting, step_the_clock)

    assert len(gaps(waiting)) == REQUESTS - 1
    assert min(gaps(waiting)) >= INTERVAL


def test_whoever_takes_the_lane_while_a_call_is_under_way_waits_a_full_interval(waiting):
    """As after a step of the database's clock, by which a lease has run out before its time."""

    def another_sends():
        waiting.expire()
        waiting.send()

    with meanwhile(fits=waiting.posted, act=another_sends, before=True):
        waiting.send()
    send_all(waiting)

    assert len(gaps(waiting)) == REQUESTS - 1
    assert min(gaps(waiting)) >= INTERVAL


def test_sender_killed_with_a_call_under_way_costs_the_next_one_a_full_interval(waiting):
    waiting.send()
    sent = len(waiting.posts())

    assert waiting.kill(waiting.send, when=lambda *_: len(waiting.posts()) > sent)
    send_all(waiting)

    assert len(gaps(waiting)) == REQUESTS - 1
    assert min(gaps(waiting)) >= INTERVAL


@pytest.mark.parametrize("moment", range(1, 10))
def test_sender_killed_at_any_moment_leaves_the_pace_as_it_was(waiting, moment):
    killed = []

    def kill_one(_):
        killed.append(waiting.kill(waiting.send, when=at_moment(moment)))

    send_all(waiting, kill_one)

    # There are eight: the ninth is not lived to see, for all is done.
    assert any(killed) == (moment < 9)
    assert min(gaps(waiting)) >= INTERVAL
