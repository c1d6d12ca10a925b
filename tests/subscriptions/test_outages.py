"""When an outage begins, and when it is over."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db.models.functions import Now

from compliance.audit.queries import entries_of
from compliance.subscriptions import lanes
from compliance.subscriptions.models import Lane, LaneKind, PauseReason, Subscription
from compliance.subscriptions.outages import end_outage, note_outages
from compliance.subscriptions.pausing import pause
from compliance.subscriptions.registration import add_subscription


@pytest.fixture(autouse=True)
def timings(settings):
    settings.TIMINGS = replace(settings.TIMINGS, outage_after=60, outage_probe=60, retry=(5, 30, 600))


@pytest.fixture
def subscription(db):
    return add_subscription(name="Shop", region="us", production=True, by=None)


def ago(seconds):
    return Now() - dt.timedelta(seconds=seconds)


def stand(subscription, kind=LaneKind.BULK, **changes):
    Lane.objects.filter(subscription=subscription, kind=kind).update(**changes)


def since(subscription):
    return Subscription.objects.get(pk=subscription.pk).silent_since


def events(subscription):
    return [entry.event for entry in entries_of(subscription.reference)][1:]


def silent(subscription, kind=LaneKind.BULK, *, failures=3, seconds=61):
    stand(subscription, kind, failures=failures, silent_since=ago(seconds))


def test_lane_that_failed_thrice_in_silence_for_a_minute_makes_an_outage_once(subscription):
    silent(subscription)

    note_outages()
    note_outages()

    lane = subscription.lanes.get(kind=LaneKind.BULK)
    assert since(subscription) == lane.silent_since
    assert events(subscription) == ["subscription:silent"]


@pytest.mark.parametrize(("failures", "seconds"), [(2, 3600), (3, 30), (0, 3600)])
def test_too_few_failures_or_too_short_a_silence_make_none(subscription, failures, seconds):
    silent(subscription, failures=failures, seconds=seconds)

    note_outages()

    assert since(subscription) is None


def test_an_answer_in_another_lane_since_then_makes_none(subscription):
    silent(subscription, seconds=100)
    stand(subscription, LaneKind.READ, answered_at=ago(50))

    note_outages()

    assert since(subscription) is None


def test_an_answer_before_it_prevents_none(subscription):
    silent(subscription, seconds=100)
    stand(subscription, LaneKind.READ, answered_at=ago(150))

    note_outages()

    assert since(subscription) is not None


def fail(subscription, kind=LaneKind.BULK):
    """A slice of the lane, to which Pendo gives no answer."""
    lease = lanes.take(subscription.lanes.get(kind=kind).pk, group="")
    lanes.unheard(lease)
    lanes.put_off(lease)
    lanes.give_back(lease)


def test_a_silence_that_another_lane_has_ended_hides_no_later_one(subscription):
    silent(subscription, seconds=3600)
    stand(subscription, LaneKind.READ, answered_at=ago(1800))

    stand(subscription, next_at=ago(1))
    fail(subscription)
    assert subscription.lanes.get(kind=LaneKind.BULK).failures == 4
    silence = subscription.lanes.get(kind=LaneKind.BULK).silent_since
    stand(subscription, silent_since=silence - dt.timedelta(seconds=61))
    note_outages()

    assert since(subscription) is not None


def test_failures_of_days_ago_make_no_outage_of_one_more(subscription):
    silent(subscription, failures=2, seconds=4 * 24 * 3600)
    stand(subscription, next_at=ago(4 * 24 * 3600))

    fail(subscription)
    note_outages()

    assert since(subscription) is None
    assert subscription.lanes.get(kind=LaneKind.BULK).failures == 1


def test_an_answer_of_another_subscription_tells_nothing_about_this_one(subscription):
    other = add_subscription(name="Other", region="us", production=True, by=None)
    silent(subscription)
    stand(other, LaneKind.READ, answered_at=ago(1))

    note_outages()

    assert since(subscription) is not None
    assert since(other) is None


def test_of_a_paused_subscription_nobody_says_that_it_does_not_answer(subscription):
    silent(subscription)
    pause(subscription=subscription, reason=PauseReason.PERSON, by=None)

    note_outages()

    assert since(subscription) is None


def test_the_lane_that_asks_whether_it_is_over_begins_at_once(subscription):
    silent(subscription)
    stand(subscription, LaneKind.READ, next_at=ago(-600), failures=5)

    note_outages()

    assert lanes.take(subscription.lanes.get(kind=LaneKind.READ).pk, group="")


def test_the_first_answer_ends_it_and_every_lane_may_go_on(subscription):
    silent(subscription)
    stand(subscription, LaneKind.RESET, failures=4, next_at=ago(-600))
    note_outages()

    end_outage(subscription)
    end_outage(subscription)

    assert since(subscription) is None
    assert events(subscription) == ["subscription:silent", "subscription:answers"]
    for lane in subscription.lanes.all():
        assert (lane.failures, lane.silent_since) == (0, None)
        assert lanes.take(lane.pk, group="")


def test_where_there_is_no_outage_an_answer_ends_none(subscription):
    stand(subscription, failures=1, next_at=ago(-600))

    end_outage(subscription)

    assert events(subscription) == []
    assert lanes.take(subscription.lanes.get(kind=LaneKind.BULK).pk, group="") is None


def test_silence_is_counted_from_its_first_slice_until_an_answer(subscription):
    lane = subscription.lanes.get(kind=LaneKind.READ)
    lease = lanes.take(lane.pk, group="")

    lanes.unheard(lease)
    lane.refresh_from_db()
    first = lane.silent_since
    lanes.unheard(lease)
    lane.refresh_from_db()
    second = lane.silent_since
    lanes.heard(lease)
    lane.refresh_from_db()

    assert first == second
    assert lane.silent_since is None
    assert lane.answered_at >= first


@pytest.mark.parametrize("act", [lanes.heard, lanes.unheard, lanes.probe_later])
def test_sender_whose_lease_another_has_taken_changes_nothing(subscription, act):
    lane = subscription.lanes.get(kind=LaneKind.READ)
    stale = lanes.take(lane.pk, group="")
    stand(subscription, LaneKind.READ, lease_until=ago(1))
    lanes.take(lane.pk, group="")
    before = Lane.objects.values().get(pk=lane.pk)

    act(stale)

    assert Lane.objects.values().get(pk=lane.pk) == before
