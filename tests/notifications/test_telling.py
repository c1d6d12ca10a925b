"""The one table of webhooks: which ledger entry is told, as what."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from compliance.api import api
from compliance.audit.events import Event
from compliance.notifications.event_types import TEST, EventType
from compliance.notifications.message_document import SAMPLES, message_schema
from compliance.notifications.message_schemas import SHAPES
from compliance.notifications.models import Message
from compliance.notifications.spreading import spread
from compliance.notifications.telling import TELLINGS
from compliance.workflow.cancelling import cancel_what_is_left
from compliance.workflow.models import Request
from compliance.workflow.pausing import pause_request
from compliance.workflow.states import State
from tests.request_fixtures import give_approval

ROW = re.compile(r"^\| `([a-z_.]+)` \|", re.MULTILINE)


def test_every_type_is_told_of_some_entry_and_has_a_form():
    assert {telling.type for telling in TELLINGS.values()} == set(EventType)
    assert set(SHAPES) == {*EventType.values, TEST}


def test_the_documentation_lists_every_type():
    assert ROW.findall(Path("docs/webhooks.md").read_text()) == [*EventType.values, TEST]


@pytest.mark.parametrize("event_type", EventType)
def test_a_sample_has_the_form_that_the_document_says(event_type):
    whole = {**message_schema(event_type.value), "components": api.get_openapi_schema()["components"]}

    jsonschema_rs.validate(whole, SAMPLES[event_type], validate_formats=True)


def test_the_document_names_every_message_that_is_sent(client):
    document = client.get("/api/v1/openapi.json").json()

    assert set(document["webhooks"]) == {*EventType.values, TEST}
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert refs <= set(document["components"]["schemas"])


# -- What is said --------------------------------------------------------------------------------------------


@pytest.fixture
def told(record, settings, db):
    """`told()`: what every entry so far led to, by type; the last of each."""
    settings.PUBLIC_URL = "https://desk.example.com"

    def messages():
        spread()
        return {message.type: message.told["data"] for message in Message.objects.order_by("pk")}

    return messages


def test_an_approval_says_until_when_anyone_may_cancel(told, approved_in_grace):
    said = told()["request.approved"]

    assert said["state"] == "approved"
    assert said["grace_until"][:16] == approved_in_grace.grace_until.isoformat()[:16]


def test_what_the_entry_made_of_the_request_is_said_though_it_has_gone_on(told, previewed_request, officer):
    request = previewed_request(production=True)
    give_approval(request, officer)
    request.refresh_from_db()
    cancel_what_is_left(request=request, by=officer, reason="A mistake")

    said = told()

    assert said["request.opened"]["state"] == "previewing"
    assert said["request.approved"]["state"] == "approved"
    assert said["request.cancelled"]["state"] == "cancelled"


def test_what_waits_for_a_person_first_is_opened_as_such(told, new_request):
    Request.objects.filter(pk=new_request().pk).update(state=State.UNCONFIRMED)

    assert told()["request.opened"]["state"] == "unconfirmed"


def test_a_refusal_says_its_code(told, record, new_request):
    request = new_request()
    record(Event.REQUEST_REFUSED, request.chain, code="X_A_EXPRESSION", ending="refused")

    assert told()["request.refused"]["code"] == "X_A_EXPRESSION"


def test_an_order_says_when_pendo_will_be_done(told, record, new_request, settings, time_machine):
    settings.PENDO_COMPLETION_DAYS = 21
    time_machine.move_to("2026-11-04T10:00:00Z")
    record(Event.CONFIRMATION_STARTED, new_request().chain)

    said = told()["request.ordered"]

    assert (said["ordered_on"], said["completes_by"]) == ("2026-11-04", "2026-11-25")


@pytest.mark.parametrize(
    ("event", "facts", "ending"),
    [
        (Event.REQUEST_CLOSED, {"outcomes": "3 erased"}, "carried_out"),
        (Event.NOTHING_FOUND_CONFIRMED, {}, "nothing_found"),
        (Event.EVERYTHING_HELD, {"held": 3}, "everything_held"),
    ],
)
def test_a_closing_says_how_it_ended_and_with_which_outcomes(
    told, record, previewed_request, event, facts, ending
):
    record(event, previewed_request(absent=["visitor-one"]).chain, **facts)

    said = told()["request.closed"]

    assert (said["state"], said["ending"]) == ("closed", ending)
    assert said["outcomes"] == {"pending": 2, "not_found": 1}


def test_what_is_there_again_reopens_the_request(told, record, new_request):
    request = new_request()
    Request.objects.filter(pk=request.pk).update(state=State.CLOSED)
    record(Event.REQUEST_REAPPEARED, request.chain, count=2, subscription="Product EU")

    said = told()["request.reopened"]

    assert (said["reference"], said["state"]) == (request.reference, "closed")
    assert (said["why"], said["followed_by"]) == ("reappeared", None)


def test_held_targets_that_are_looked_at_again_reopen_it(told, record, new_request):
    request, other = new_request(), new_request()
    record(Event.HELD_CONTINUED, request.chain, count=1, other=other.reference)

    said = told()["request.reopened"]

    assert (said["reference"], said["why"]) == (request.reference, "held_again")
    assert said["followed_by"] == other.reference


def test_a_granted_appeal_reopens_the_request_that_it_is_about(told, record, new_request):
    request, following = new_request(), new_request()
    facts = {"kind": "appeal", "appeal": "appeal/1", "other": request.reference}
    record(Event.APPEAL_FOLLOWED, following.chain, **facts)

    said = told()["request.reopened"]

    assert (said["reference"], said["why"]) == (request.reference, "appeal_granted")
    assert said["followed_by"] == following.reference


def test_a_day_that_is_near_says_how_many_are_left(told, record, new_request):
    record(Event.REQUEST_DATE_NEAR, new_request().chain, send_by="2026-11-08", days=3)

    assert told()["request.date_near"]["days_left"] == 3


@pytest.mark.parametrize(("event", "left"), [(Event.KEY_REMINDED, 14), (Event.KEY_OVERDUE, -14)])
def test_a_key_says_by_when_it_is_to_be_replaced(told, record, silent_subscription, event, left):
    subscription = silent_subscription()
    record(event, subscription.reference, key="5f2c91ab", rotate_by="2026-12-01", days=14)

    assert told()["key.to_rotate"] == {
        "subscription": subscription.name,
        "key": "5f2c91ab",
        "rotate_by": "2026-12-01",
        "days_left": left,
        "url": f"https://desk.example.com/subscriptions/{subscription.pk}/",
    }


def test_a_paused_request_is_a_stopped_run(told, approved_in_grace, officer):
    pause_request(request=approved_in_grace, by=officer, reason="Wait")

    said = told()["run.stopped"]

    assert (said["what"], said["name"]) == ("request", approved_in_grace.reference)
    assert said["by_itself"] is False
    assert "Wait" not in str(said)


def test_a_rule_that_its_guard_stopped_is_a_stopped_run_under_its_name(told, record, new_request):
    request = new_request()
    counts = {"found": 9, "most": 5, "share": 1, "visitors": 90, "outside": 4}
    record(Event.GUARD_STOPPED, request.chain, rule="nightly", why="too many", **counts)

    said = told()["run.stopped"]

    assert (said["what"], said["name"], said["by_itself"]) == ("cleanup_run", "nightly", True)
    assert Message.objects.get(type="run.stopped").request == request


@pytest.mark.parametrize(
    ("event", "facts", "what"),
    [
        (Event.REST_CANCELLED, {"reason": "ab"}, "rest_of_request"),
        (Event.SUBSCRIPTION_PAUSED, {"reason": "Pendo refuses the key"}, "subscription"),
        (Event.SENDING_STOPPED, {"reason": "ab"}, "everything"),
    ],
)
def test_whatever_else_stops_a_run_says_so(told, record, new_request, event, facts, what):
    request = new_request()
    subscription = request.subscriptions.get()
    chains = {
        "rest_of_request": request.chain,
        "subscription": subscription.reference,
        "everything": "sending",
    }
    names = {"rest_of_request": request.reference, "subscription": subscription.name, "everything": ""}
    record(event, chains[what], **facts)

    said = told()["run.stopped"]

    assert (said["what"], said["name"], said["by_itself"]) == (what, names[what], True)
