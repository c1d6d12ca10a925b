import datetime as dt
import time
from dataclasses import replace

import pytest
import time_machine
from django.db.models.functions import Now

from compliance.core import clock
from compliance.subscriptions import lanes
from compliance.subscriptions.lanes import Lease
from compliance.subscriptions.models import Lane, LaneKind
from compliance.subscriptions.registration import add_subscription

SOON = dt.timedelta(seconds=3)
RETRY = (5, 30, 120)


@pytest.fixture(autouse=True)
def timings(settings):
    settings.TIMINGS = replace(settings.TIMINGS, retry=RETRY, lease=90.0)


@pytest.fixture
def lane(db):
    subscription = add_subscription(name="Shop", region="us", production=True, by=None)
    return subscription.lanes.get(kind=LaneKind.BULK)


def expire(lane):
    Lane.objects.filter(pk=lane.pk).update(lease_until=Now() - dt.timedelta(seconds=1))


def columns(lane):
    return Lane.objects.values().get(pk=lane.pk)


def waits(lane):
    """Seconds until the lane may send."""
    return (Lane.objects.get(pk=lane.pk).next_at - clock.now()).total_seconds()


# -- the lease ---------------------------------------------------------------------------------------------


def test_free_lane_is_taken_for_the_time_of_a_lease(lane):
    lease = lanes.take(lane.pk, group="g1")

    lane.refresh_from_db()
    assert (lane.lease_token, lane.leased_by) == (lease.token, "g1")
    assert abs(lane.lease_until - clock.now() - dt.timedelta(seconds=90)) < SOON
    assert lanes.held(lease)


def test_lane_has_one_sender(lane):
    lanes.take(lane.pk, group="g1")

    assert lanes.take(lane.pk, group="g2") is None
    assert lanes.take(lane.pk, group="g1") is None


def test_lanes_of_a_subscription_are_taken_independently(lane):
    reading = lane.subscription.lanes.get(kind=LaneKind.READ)
    lanes.take(lane.pk, group="g1")

    assert lanes.take(reading.pk, group="g1")


def test_lane_given_back_is_free(lane):
    lanes.give_back(lanes.take(lane.pk, group="g1"))

    assert lanes.take(lane.pk, group="g2")


def test_expired_lease_is_no_longer_held_and_may_be_taken(lane):
    first = lanes.take(lane.pk, group="g1")
    expire(lane)

    assert not lanes.held(first)
    second = lanes.take(lane.pk, group="g2")
    assert lanes.held(second)
    assert not lanes.held(first)


def test_lease_lasts_by_the_time_of_the_database_whatever_this_machine_thinks(lane):
    lease = lanes.take(lane.pk, group="g1")

    with time_machine.travel(clock.now() + dt.timedelta(days=1)):
        assert lanes.held(lease)
        assert lanes.take(lane.pk, group="g2") is None


@pytest.mark.parametrize(
    "act",
    [
        lanes.give_back,
        lanes.put_off,
        lanes.went_well,
        lambda lease: lanes.put_off(lease, at_least=3600),
        lanes.about_to_send,
        lambda lease: lanes.keep_quiet(lease, 1.0),
        lambda lease: lanes.keep_rate(lease, 1.0, None),
    ],
    ids=["give_back", "put_off", "went_well", "put_off long", "about_to_send", "keep_quiet", "keep_rate"],
)
def test_sender_whose_lease_another_has_taken_changes_nothing(lane, act):
    stale = lanes.take(lane.pk, group="g1")
    expire(lane)
    lanes.take(lane.pk, group="g2")
    Lane.objects.filter(pk=lane.pk).update(failures=2, quiet_since=7, rate=7)
    before = columns(lane)

    act(stale)

    assert columns(lane) == before


@pytest.mark.parametrize("token", ["", "0" * 32])
def test_lease_that_nobody_was_given_is_not_held(lane, token):
    lanes.take(lane.pk, group="g1")

    assert not lanes.held(Lease(lane.pk, token))


# -- waiting -----------------------------------------------------------------------------------------------


def test_lane_that_is_put_off_waits_longer_with_each_failure(lane):
    waited = []
    for _ in range(4):
        Lane.objects.filter(pk=lane.pk).update(next_at=Now())
        lease = lanes.take(lane.pk, group="g1")
        lanes.put_off(lease)
        lanes.give_back(lease)
        waited.append(round(waits(lane)))

    assert waited == pytest.approx([5, 30, 120, 120], abs=2)


def test_lane_waits_at_least_as_long_as_the_vendor_asked(lane):
    lanes.put_off(lanes.take(lane.pk, group="g1"), at_least=77.5)

    assert waits(lane) == pytest.approx(77.5, abs=2)


def test_lane_waits_its_own_time_where_the_vendor_asked_for_less(lane):
    lanes.put_off(lanes.take(lane.pk, group="g1"), at_least=1)

    assert waits(lane) == pytest.approx(5, abs=2)


def test_waiting_lane_is_given_to_nobody(lane):
    lease = lanes.take(lane.pk, group="g1")
    lanes.put_off(lease)
    lanes.give_back(lease)

    assert lanes.take(lane.pk, group="g1") is None


def test_lane_may_be_taken_once_its_wait_is_over(lane):
    lease = lanes.take(lane.pk, group="g1")
    lanes.put_off(lease)
    lanes.give_back(lease)
    Lane.objects.filter(pk=lane.pk).update(next_at=Now() - dt.timedelta(milliseconds=1))

    assert lanes.take(lane.pk, group="g1")


def test_success_makes_the_next_wait_the_shortest_again(lane):
    lease = lanes.take(lane.pk, group="g1")
    lanes.put_off(lease)
    lanes.put_off(lease)

    lanes.went_well(lease)
    lanes.put_off(lease)

    assert waits(lane) == pytest.approx(5, abs=2)


# -- what one sender hands over to the next ----------------------------------------------------------------


@pytest.fixture
def handed_over(lane):
    """`handed_over(moment)`: the lease of the next sender; nothing was sent after that moment."""

    def hand_over(moment):
        former = lanes.take(lane.pk, group="g1")
        lanes.keep_quiet(former, moment)
        lanes.give_back(former)
        return lanes.take(lane.pk, group="g2")

    return hand_over


def test_next_sender_knows_since_when_nothing_was_sent(handed_over):
    moment = time.monotonic() - 0.5

    assert lanes.quiet_since(handed_over(moment)) == moment


def test_steps_of_the_time_of_day_do_not_matter(handed_over):
    moment = time.monotonic() - 0.5
    lease = handed_over(moment)

    for days in (-400, 400):
        with time_machine.travel(clock.now() + dt.timedelta(days=days)):
            assert lanes.quiet_since(lease) == moment


def test_nothing_is_known_of_a_lane_that_was_never_worked(lane):
    assert lanes.quiet_since(lanes.take(lane.pk, group="g1")) is None


def test_nothing_is_known_after_a_sender_that_was_about_to_send(handed_over):
    lease = handed_over(time.monotonic())

    lanes.about_to_send(lease)

    assert lanes.quiet_since(lease) is None


@pytest.mark.parametrize("boot", ["another boot time:[1]", ""])
def test_nothing_is_known_of_another_machine_or_boot(handed_over, monkeypatch, boot):
    lease = handed_over(time.monotonic() - 0.5)
    monkeypatch.setattr(lanes, "this_boot", lambda: boot)

    assert lanes.quiet_since(lease) is None


def test_machine_that_cannot_name_its_boot_hands_nothing_over(handed_over, monkeypatch):
    monkeypatch.setattr(lanes, "this_boot", lambda: "")

    assert lanes.quiet_since(handed_over(time.monotonic() - 0.5)) is None


def test_moment_that_has_not_come_yet_is_no_knowledge(handed_over):
    assert lanes.quiet_since(handed_over(time.monotonic() + 0.5)) is None


def test_rate_is_remembered(lane):
    lease = lanes.take(lane.pk, group="g1")
    assert lanes.rate_of(lease) == (None, None)

    lanes.keep_rate(lease, 17.5, 20.0)

    assert lanes.rate_of(lease) == (17.5, 20.0)


# -- a dead worker group -----------------------------------------------------------------------------------


def test_lanes_of_a_dead_group_are_free_at_once(lane):
    reading = lane.subscription.lanes.get(kind=LaneKind.READ)
    stale = lanes.take(lane.pk, group="g1")
    others = lanes.take(reading.pk, group="g2")

    assert lanes.free("g1") == 1

    assert not lanes.held(stale)
    assert lanes.held(others)
    assert lanes.take(lane.pk, group="g3")


def test_nameless_group_frees_nothing(lane):
    lease = lanes.take(lane.pk, group="")

    assert lanes.free("") == 0
    assert lanes.held(lease)
