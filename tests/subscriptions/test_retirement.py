import pytest

from compliance.core.errors import Refused
from compliance.sandbox.keys import DEMO_READ_KEY
from compliance.subscriptions.keys import enter_key, key_for, key_in_use
from compliance.subscriptions.models import LaneKind, Purpose
from compliance.subscriptions.retirement import put_aside


@pytest.fixture
def reading(subscription, custodian):
    return enter_key(subscription=subscription, key=DEMO_READ_KEY, by=custodian, purpose=Purpose.READ)


def test_custodian_does_without_the_read_only_key(subscription, reading, custodian, history):
    assert put_aside(key=reading, by=custodian) is True

    reading.refresh_from_db()
    assert reading.waits_to_be_deleted
    assert key_for(subscription, LaneKind.READ) == key_in_use(subscription)
    assert history(subscription)[-1] == ("key:reading:aside", custodian.reference)


def test_read_only_key_is_put_aside_once(subscription, reading, custodian, history):
    put_aside(key=reading, by=custodian)

    assert put_aside(key=reading, by=custodian) is False

    assert [event for event, _ in history(subscription)].count("key:reading:aside") == 1


def test_nobody_does_without_the_key_for_everything(subscription, custodian):
    with pytest.raises(Refused, match="Enter another one in its place"):
        put_aside(key=key_in_use(subscription), by=custodian)

    assert key_in_use(subscription)
