import datetime as dt
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
    ],
    ids=["give_back", "put_off", "went_well", "put_off long"],
)
def test_sender_whose_lease_another_has_taken_changes_nothing(lane, act):
    stale = lanes.take(lane.pk, group="g1")
    expire(lane)
    lanes.take(lane.pk, group="g2")
    Lane.objects.filter(pk=lane.pk).update(failures=2)
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
