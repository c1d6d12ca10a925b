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

    found = overviews(custodian)

    assert [(each.subscription.name, each.key, each.working) for each in found] == [
        ("Archive", None, False),
        ("Shop", key, True),
    ]


def test_paused_subscription_is_not_working(subscription, custodian):
    pause(subscription=subscription, reason=PauseReason.PERSON, by=None)

    assert not overviews(custodian)[0].working
    subscription.refresh_from_db()
    assert not overview_of(subscription).working


@pytest.mark.parametrize("count", [1, 3])
def test_overviews_take_two_queries_however_many_there_are(
    sandbox, make_subscription, custodian, django_assert_num_queries, count
):
    for _ in range(count):
        make_subscription(sandbox).keys.update(entered_by=custodian)
    assert custodian.roles

    with django_assert_num_queries(2):
        assert {each.key.entered_by.name for each in overviews(custodian)} == {"Kim Keys"}


def test_replaced_keys_come_latest_first(subscription, demo):
    entered = [key_in_use(subscription)]
    for number in (3, 4):
        text = f"5a4db0c5-0000-4000-8000-000000de300{number}.us"
        demo.keys[text] = True
        entered.append(enter_key(subscription=subscription, key=text, by=None))

    assert list(replaced_keys(subscription)) == [entered[1], entered[0]]


@pytest.mark.parametrize("days", [0, 1, 90])
def test_age_of_a_key_counts_from_the_day_it_was_made_and_not_entered(days):
    made_on = clock.today() - dt.timedelta(days=days)

    assert Key(made_on=made_on, entered_at=clock.now()).age_in_days == days


def test_lane_that_waits_says_until_when_and_others_dont(subscription):
    later = clock.now() + dt.timedelta(minutes=10)
    subscription.lanes.filter(kind=LaneKind.BULK).update(next_at=later, failures=3)

    bulk, read, reset = lane_states(subscription)

    assert (bulk.label, bulk.waits_until, bulk.failures) == ("bulk deletes", later, 3)
    assert (read.label, read.waits_until, read.failures) == ("look-ups", None, 0)
    assert (reset.label, reset.waits_until, reset.failures) == ("guide resets", None, 0)
