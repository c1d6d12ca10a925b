"""Subscriptions over REST: read by many, paused by anyone who may, and let go on by officers."""

import pytest

from compliance.people.roles import Role
from compliance.subscriptions.registration import add_subscription
from compliance.subscriptions.stopping import is_stopped
from tests.api_fixtures import kind_of_problem

pytestmark = pytest.mark.django_db


@pytest.fixture
def subscription(db):
    return add_subscription(name="Product EU", region="eu", production=True, by=None)


@pytest.fixture
def custodian(program_of, make_person):
    return program_of(make_person(Role.KEY_CUSTODIAN))


@pytest.fixture
def script(program_of, make_person):
    return program_of(make_person(Role.OFFICER))


def test_a_subscription_is_told_with_its_lanes_and_no_key(custodian, subscription):
    listed = custodian.get("/subscriptions").json()["subscriptions"]
    told = custodian.get(f"/subscriptions/{subscription.pk}").json()

    assert [(each["name"], each["works"], each["keys"]) for each in listed] == [("Product EU", False, [])]
    assert {lane["kind"] for lane in told["lanes"]} == {"bulk", "reset", "read"}
    assert {lane["held"] for lane in told["lanes"]} == {False}


def test_anyone_who_may_pauses_and_an_officer_lets_it_go_on(custodian, script, subscription):
    url = f"/subscriptions/{subscription.pk}"

    assert custodian.post(f"{url}/pause").json()["paused_because"] == "person"
    assert kind_of_problem(custodian.post(f"{url}/resume")) == "role-missing"
    assert script.post(f"{url}/resume").json()["paused_because"] is None
    assert kind_of_problem(script.post(f"{url}/resume")) == "refused"


def test_all_sending_is_stopped_with_a_reason_under_seal(custodian, script):
    stopped = custodian.post("/sending/stop", {"reason": "The preview of Jo was wrong"})

    assert is_stopped()
    assert stopped.json()["stopped"]
    assert "Jo" not in stopped.content.decode()
    assert script.get("/sending").json()["reason"] == "The preview of Jo was wrong"
    assert kind_of_problem(custodian.post("/sending/let-go-on")) == "role-missing"
    assert script.post("/sending/let-go-on").json() == {
        "stopped": False,
        "stopped_at": None,
        "stopped_by": None,
    }
