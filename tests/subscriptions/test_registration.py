import pytest

from compliance.connectors.pendo import REGIONS
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.subscriptions.models import LaneKind, Subscription
from compliance.subscriptions.registration import add_subscription

pytestmark = pytest.mark.django_db


def add(**changes):
    given = {"name": "Shop", "region": "eu", "production": True, "by": None}
    return add_subscription(**given | changes)


def test_subscription_stands_with_a_lane_of_each_kind_and_no_key(history, make_person):
    administrator = make_person(Role.ADMINISTRATOR)

    subscription = add(name="  Shop ", by=administrator)

    assert (subscription.name, subscription.base_url, subscription.production) == (
        "Shop",
        "https://app.eu.pendo.io",
        True,
    )
    assert {lane.kind for lane in subscription.lanes.all()} == set(LaneKind)
    assert not subscription.keys.exists()
    assert history(subscription) == [("subscription:added", administrator.reference)]


@pytest.mark.parametrize("region", REGIONS)
def test_calls_go_to_the_region_over_https(region):
    assert add(region=region).base_url.startswith("https://")


def test_two_subscriptions_have_different_data_keys():
    assert add().unwrapped_key() != add(name="Other").unwrapped_key()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "Taken"}, "named 'Taken' already"),
        ({"name": " "}, "1 to 80 characters"),
        ({"name": "x" * 81}, "1 to 80 characters"),
        ({"region": "mars"}, "Unknown region 'mars'. Regions: us, us1"),
        ({"url": "http://127.0.0.1:8001"}, "PENDO_ALLOW_CUSTOM_URL"),
    ],
    ids=["taken", "empty", "long", "region", "url"],
)
def test_what_cannot_be_added_is_refused_and_nothing_is_kept(settings, changes, why):
    settings.PENDO_ALLOW_CUSTOM_URL = False
    add(name="Taken")

    with pytest.raises(Refused, match=why):
        add(**changes)

    assert Subscription.objects.count() == 1


def test_another_host_is_taken_where_settings_allow_it(settings):
    settings.PENDO_ALLOW_CUSTOM_URL = True

    assert add(url=" http://127.0.0.1:8001/ ").base_url == "http://127.0.0.1:8001"


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8001",
        "ftp://127.0.0.1",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999",
        "http://user:word@127.0.0.1",
        "http://127.0.0.1/?a=b",
        "http://127.0.0.1/#a",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/\x00",
        "javascript:alert(1)",
    ],
)
def test_another_host_that_is_no_plain_address_is_refused(settings, url):
    settings.PENDO_ALLOW_CUSTOM_URL = True

    with pytest.raises(Refused, match="is not an address"):
        add(url=url)
