import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from compliance.connectors.answers import Answer, Verdict
from compliance.execution.pace import Asking, Pace
from compliance.execution.rate import LONGEST_PAUSE, Bounds, Rate

INTERVAL = 0.05


# -- a fixed interval --------------------------------------------------------------------------------------


def test_first_slot_comes_a_whole_interval_later_where_nobody_knows_what_was_sent():
    began = time.monotonic()

    Pace(INTERVAL, quiet_since=None).wait()

    assert time.monotonic() - began >= INTERVAL


def test_first_slot_comes_an_interval_after_the_last_one_of_another_sender():
    last = time.monotonic() - INTERVAL / 2

    Pace(INTERVAL, quiet_since=last).wait()

    assert INTERVAL <= time.monotonic() - last < INTERVAL * 3


def test_lane_that_was_quiet_for_long_is_not_waited_for():
    began = time.monotonic()

    Pace(5, quiet_since=began - 10).wait()

    assert time.monotonic() - began < 1


def test_slots_are_an_interval_apart_however_long_the_calls_take():
    pace = Pace(INTERVAL, quiet_since=None)
    moments = []
    for _ in range(3):
        pace.wait()
        moments.append(time.monotonic())
        pace.sent(moments[-1])

    assert all(later - earlier >= INTERVAL for earlier, later in itertools.pairwise(moments))


def test_slot_that_has_long_come_is_not_waited_for():
    pace = Pace(0, quiet_since=None)
    began = time.monotonic()

    pace.wait()

    assert time.monotonic() - began < INTERVAL


# -- questions ---------------------------------------------------------------------------------------------


@pytest.fixture
def rate():
    return Rate(Bounds(slowest=1, first=20, fastest=1000, pause=0.01))


def asked(rate, answer):
    asking = Asking(rate)
    asking.wait()
    return asking.again(answer)


def test_questions_are_as_far_apart_as_the_rate_says(rate):
    began = time.monotonic()

    for _ in range(3):
        asked(rate, Answer(Verdict.NOT_FOUND, 404))

    assert time.monotonic() - began >= 2 / 25


def test_threads_that_ask_at_a_time_share_the_slots(rate):
    asking, began = Asking(rate), time.monotonic()

    def ask(_):
        asking.wait()
        return asking.again(Answer(Verdict.NOT_FOUND, 404))

    with ThreadPoolExecutor(3) as threads:
        assert not any(threads.map(ask, range(3)))

    assert time.monotonic() - began >= 2 / 25


def test_question_that_came_too_early_is_asked_again_more_slowly(rate):
    assert asked(rate, Answer(Verdict.RATE_LIMITED, 429))
    assert rate.a_second < 20


@pytest.mark.parametrize("verdict", [Verdict.OK, Verdict.NOT_FOUND, Verdict.UNAVAILABLE, Verdict.LOST])
def test_any_other_answer_is_for_whoever_asked(rate, verdict):
    assert not asked(rate, Answer(verdict))


def test_server_error_makes_slower_too(rate):
    asked(rate, Answer(Verdict.UNAVAILABLE, 503))

    assert rate.a_second < 20


def test_question_is_not_asked_for_ever(rate):
    answers = [asked(rate, Answer(Verdict.RATE_LIMITED, 429)) for _ in range(6)]

    assert answers == [True] * 5 + [False]


def test_question_is_not_asked_again_before_pendo_wants_it(rate):
    wanted = Answer(Verdict.RATE_LIMITED, 429, retry_after=LONGEST_PAUSE + 1)

    assert not asked(rate, wanted)
