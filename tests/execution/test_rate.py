"""The rate that a lane finds: on a clock of its own, against the sandbox's leaky bucket."""

import heapq
import itertools
import random

import pytest

from compliance.execution.rate import (
    CUT,
    DOUBLING,
    LONGEST_PAUSE,
    MADE_GOOD,
    MOST_REFUSALS,
    STEP,
    Bounds,
    Rate,
)
from compliance.sandbox.pace import Bucket

BOUNDS = Bounds(slowest=0.5, first=10, fastest=100, pause=0.2)


@pytest.fixture
def rate():
    return Rate(BOUNDS)


def rate_of(a_second, ceiling=None):
    return Rate(BOUNDS, a_second=a_second, ceiling=ceiling)


def send(rate, now):
    """A call in the next slot from `now` on, and its moment."""
    at = max(now, rate.slot(now))
    return rate.sent(at), at


def take(rate, count, *, answer_after=0.0):
    """So many calls, one after the other, that Pendo takes; the moment of the last."""
    at = 0.0
    for _ in range(count):
        sent, at = send(rate, at + answer_after)
        rate.taken(sent)
    return at


# -- slots -------------------------------------------------------------------------------------------------


def test_calls_are_as_far_apart_as_the_rate_says():
    rate = rate_of(20)

    moments = [send(rate, 0)[1] for _ in range(5)]

    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert gaps == pytest.approx([0.05] * 4)


def test_first_call_of_a_lane_that_was_quiet_for_a_while_goes_at_once():
    rate = rate_of(1)
    rate.quiet_since(90)

    assert rate.slot(100) <= 100


def test_first_call_of_a_lane_waits_for_its_slot_after_the_last_one_of_the_former_sender():
    rate = rate_of(2)
    rate.quiet_since(99.9)

    assert rate.slot(100) == pytest.approx(100.4)


def test_unused_slots_are_made_good_for_a_short_time_only():
    rate = rate_of(10)
    rate.quiet_since(0)

    at_once = list(itertools.takewhile(lambda _: rate.slot(100) <= 100, (rate.sent(100) for _ in range(99))))

    assert len(at_once) == pytest.approx(MADE_GOOD * 10, abs=1)


# -- up ----------------------------------------------------------------------------------------------------


def test_rate_doubles_each_second_until_the_first_refusal(rate):
    ended = take(rate, 40)

    assert rate.a_second / BOUNDS.first == pytest.approx(2**ended, rel=0.2)


def test_after_a_refusal_each_call_that_is_taken_adds_the_same():
    rate = rate_of(15, ceiling=20)
    rate.quiet_since(0)

    rates = [rate.a_second, *(take(rate, 1) and rate.a_second for _ in range(9))]

    steps = [later - earlier for earlier, later in itertools.pairwise(rates)]
    assert steps == pytest.approx([20 * STEP] * 9)


def test_far_above_the_last_refusal_the_rate_doubles_again():
    rate = rate_of(30, ceiling=20)
    rate.quiet_since(0)

    take(rate, 10)

    assert rate.a_second == pytest.approx(30 + 10 * DOUBLING)
    assert rate.ceiling is None


def test_rate_does_not_grow_while_something_else_limits_the_lane(rate):
    take(rate, 200, answer_after=1.0)

    assert rate.a_second < 2 * BOUNDS.first


def test_rate_stays_within_its_bounds(rate):
    take(rate, 5_000)
    assert rate.a_second == BOUNDS.fastest

    for number in range(100):
        sent, at = send(rate, number * 10)
        rate.refused(sent, at)
    assert rate.a_second == BOUNDS.slowest


def test_what_is_remembered_is_kept_within_the_bounds():
    assert rate_of(1e9).a_second == BOUNDS.fastest


# -- down --------------------------------------------------------------------------------------------------


def test_refusal_lowers_the_rate_and_makes_a_pause():
    rate = rate_of(20)
    sent, at = send(rate, 0)

    rate.refused(sent, at + 0.01)

    assert (rate.a_second, rate.ceiling) == (20 * CUT, 20)
    assert rate.slot(0.01) == pytest.approx(0.01 + BOUNDS.pause)


def test_calls_under_way_when_the_rate_was_lowered_count_once():
    rate = rate_of(20)
    under_way = [send(rate, 0)[0] for _ in range(5)]

    for sent in under_way:
        rate.refused(sent, 0.5)

    assert (rate.a_second, rate.refusals) == (20 * CUT, 1)


def test_success_of_a_call_from_before_raises_nothing():
    rate = rate_of(20)
    first, second = send(rate, 0)[0], send(rate, 0)[0]
    rate.refused(first, 0.5)

    rate.taken(second)

    assert (rate.a_second, rate.refusals) == (20 * CUT, 1)


def test_pause_doubles_with_each_refusal_in_a_row():
    rate, pauses, now = rate_of(20), [], 0.0
    for _ in range(6):
        sent, now = send(rate, now)
        rate.refused(sent, now)
        pauses.append(rate.slot(now) - now)

    assert pauses == pytest.approx([0.2, 0.4, 0.8, 1.6, LONGEST_PAUSE, LONGEST_PAUSE])


def test_pause_that_pendo_asks_for_is_kept():
    rate = rate_of(20)
    sent, at = send(rate, 0)

    rate.refused(sent, at, retry_after=1.5)

    assert rate.slot(at) == pytest.approx(1.5)


def test_pause_within_a_slice_is_never_longer_than_the_longest():
    rate = rate_of(20)
    sent, at = send(rate, 0)

    rate.refused(sent, at, retry_after=3600)

    assert rate.slot(at) == LONGEST_PAUSE


def test_it_is_hopeless_after_some_refusals_with_nothing_taken_between_them():
    rate, now = rate_of(20), 0.0
    for _ in range(MOST_REFUSALS - 1):
        sent, now = send(rate, now)
        rate.refused(sent, now)
    assert not rate.hopeless

    sent, now = send(rate, now)
    rate.refused(sent, now)
    assert rate.hopeless

    rate.taken(send(rate, now)[0])
    assert not rate.hopeless


# -- against a leaky bucket --------------------------------------------------------------------------------


def changing(now):
    return 50 if 25 <= now < 35 else 20


@pytest.mark.parametrize("seconds_for_an_answer", [0.005, 0.1])
@pytest.mark.parametrize(
    "allowed", [lambda _: 20, lambda _: 50, lambda _: 90, changing], ids=["20", "50", "90", "20-50-20"]
)
def test_nine_tenths_of_what_the_server_allows_are_used_and_few_calls_are_refused(
    allowed, seconds_for_an_answer
):
    used, refused = against_a_bucket(allowed, calls=1_500, seconds_for_an_answer=seconds_for_an_answer)

    assert used >= 0.9
    assert refused < 0.05


def against_a_bucket(allowed, *, calls, seconds_for_an_answer):
    """The share of what the server allowed that was used, and of the calls that were refused.

    Now and then nothing is sent, as when a group of answers is written down, or a slice ends.
    """
    rate, bucket, chance = Rate(BOUNDS), Bucket(), random.Random(1)  # noqa: S311 -- no secret
    under_way, now, taken, refused = [], 0.0, 0, 0

    def hear(until):
        nonlocal taken, refused
        while under_way and under_way[0][0] <= until:
            at, sent, fits = heapq.heappop(under_way)
            taken, refused = taken + fits, refused + (not fits)
            rate.taken(sent) if fits else rate.refused(sent, at)

    for number in itertools.count(1):
        if number % 80 == 0:
            now += 0.12
        if number % 400 == 0:
            now += 0.4
        while rate.slot(now) > now:
            now = min(rate.slot(now), *(at for at, _, _ in under_way[:1]), float("inf"))
            hear(now)
        if taken >= calls:
            break
        sent, takes = rate.sent(now), seconds_for_an_answer * chance.uniform(0.7, 1.5)
        arrives = max(now + takes / 2, bucket.at)
        fits = bucket.takes(now=arrives, rate=allowed(arrives))
        heapq.heappush(under_way, (now + takes, sent, fits))
    possible = sum(allowed(moment / 100) for moment in range(round(now * 100))) / 100
    return taken / possible, refused / (taken + refused)
