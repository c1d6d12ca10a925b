import datetime as dt

import pytest

from compliance.core import clock
from compliance.sandbox.keys import DEMO_WRITE_KEY
from compliance.subscriptions.keys import enter_key, key_in_use
from compliance.subscriptions.models import Key, LaneKind, PauseReason
from compliance.subscriptions.pausing import pause
from compliance.subscriptions.queries import lane_states, overview_of, overviews, replaced_keys
from compliance.subscriptions.registration import add_subscription


def keyless(name):
    return add_subscription(name=name, region="us", production=True, by=None)


def test_overviews_show_the_key_in_use_by_name(sandbox, make_subscription, custodian):
    shop = make_subscription(sandbox, name="Shop")
    key = enter_key(subscription=shop, key=DEMO_WRITE_KEY, by=custodian)
    keyless("Archive")

    found = overviews()

    assert [(each.subscription.name, each.key, each.working) for each in found] == [
        ("Archive", None, False),
        ("Shop", key, True),
    ]


def test_paused_subscription_is_not_working(subscription):
    pause(subscription=subscription, reason=PauseReason.PERSON, by=None)

    assert not overviews()[0].working
    subscription.refresh_from_db()
    assert not overview_of(subscription).working


@pytest.mark.parametrize("count", [1, 3])
def test_overviews_take_two_queries_however_many_there_are(
    sandbox, make_subscription, custodian, django_assert_num_queries, count
):
    for _ in range(count):
        enter_key(subscription=make_subscription(sandbox), key=DEMO_WRITE_KEY, by=custodian)

    with django_assert_num_queries(2):
        assert {each.key.entered_by.name for each in overviews()} == {"Kim Keys"}


def test_replaced_keys_come_latest_first(subscription):
    for _ in range(2):
        enter_key(subscription=subscription, key=DEMO_WRITE_KEY, by=None)

    replaced = list(replaced_keys(subscription))

    assert [key.pk for key in replaced] == sorted((key.pk for key in replaced), reverse=True)
    assert key_in_use(subscription) not in replaced


@pytest.mark.parametrize(("hours", "days"), [(0, 0), (23, 0), (25, 1), (24 * 90 + 1, 90)])
def test_age_of_a_key_is_in_whole_days(hours, days):
    assert Key(entered_at=clock.now() - dt.timedelta(hours=hours)).age_in_days == days


def test_lane_that_waits_says_until_when_and_others_dont(subscription):
    later = clock.now() + dt.timedelta(minutes=10)
    subscription.lanes.filter(kind=LaneKind.BULK).update(next_at=later, failures=3)

    bulk, read, reset = lane_states(subscription)

    assert (bulk.label, bulk.waits_until, bulk.failures) == ("bulk deletes", later, 3)
    assert (read.label, read.waits_until, read.failures) == ("look-ups", None, 0)
    assert (reset.label, reset.waits_until, reset.failures) == ("guide resets", None, 0)
