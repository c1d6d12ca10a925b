import datetime as dt

import pytest

from compliance.audit import ledger
from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.people.roles import Role
from compliance.subscriptions.checks import check_key
from compliance.subscriptions.models import Key

SECOND_KEY = "5a4db0c5-0000-4000-8000-000000de3003.us"


@pytest.fixture
def demo(sandbox):
    return sandbox.world.subscriptions["demo"]


@pytest.fixture
def subscription(sandbox, make_subscription):
    return make_subscription(sandbox)


@pytest.fixture
def custodian(make_person):
    return make_person(Role.KEY_CUSTODIAN, name="Kim Keys")


@pytest.fixture
def second_key(demo):
    """Another key with write access, as an administrator has just made it in Pendo."""
    demo.keys[SECOND_KEY] = True
    return SECOND_KEY


@pytest.fixture
def ahead(time_machine):
    """`ahead(hours=2)`: so much later."""
    return lambda **time: time_machine.move_to(clock.now() + dt.timedelta(**time), tick=True)


@pytest.fixture
def check():
    """`check(key)`: the daily check of one key, if it is due; returns the key as it is then."""

    def check_one(key):
        check_key(key.pk)
        return Key.objects.get(pk=key.pk)

    return check_one


@pytest.fixture
def officer(make_person):
    return make_person(Role.OFFICER)


@pytest.fixture
def history():
    """`history(subscription)`: the events of its chain and who acted, first to last."""
    return lambda subscription: [
        (entry.event, entry.body["actor"]) for entry in entries_of(subscription.reference)
    ]


@pytest.fixture
def command_line():
    return ledger.COMMAND_LINE
