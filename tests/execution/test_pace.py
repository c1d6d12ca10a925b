import itertools
import time

from compliance.execution.pace import Pace

INTERVAL = 0.05


def test_first_slot_comes_a_whole_interval_after_taking_over():
    began = time.monotonic()

    Pace(INTERVAL).wait()

    assert time.monotonic() - began >= INTERVAL


def test_slots_are_an_interval_apart_however_long_the_calls_take():
    pace = Pace(INTERVAL)
    moments = []
    for _ in range(3):
        pace.wait()
        pace.sent()
        moments.append(time.monotonic())

    assert all(later - earlier >= INTERVAL * 0.99 for earlier, later in itertools.pairwise(moments))


def test_slot_that_has_long_come_is_not_waited_for():
    pace = Pace(0)
    began = time.monotonic()

    pace.wait()

    assert time.monotonic() - began < INTERVAL
