import pytest

from compliance.audit import ledger
from compliance.audit.queries import entries_of
from compliance.people.roles import Role


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
