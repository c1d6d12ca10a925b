"""Webhooks and events over REST, in the form that Zapier asks for."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks import Webhook

from compliance.audit.events import Event
from compliance.core import clock
from compliance.notifications.event_types import EventType
from compliance.notifications.models import Endpoint
from compliance.notifications.spreading import spread
from compliance.notifications.tasks import tell
from compliance.people.membership import add_person
from compliance.people.models import Grant, Token
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from compliance.subscriptions.limits import give_role
from tests.api_fixtures import kind_of_problem, wrong_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(program_of, analyst):
    return program_of(analyst, scopes=[Scope.EVENTS])


@pytest.fixture
def service(db):
    """`service(name)`: a program of its own, which reads only what it has entered."""

    def make(name):
        email = f"{name}@services.example"
        return add_person(name=name, email=email, roles=[Role.ANALYST], by=None, is_service=True)

    return make


def subscription(receiver, event="request.opened", **more):
    return {"target_url": receiver.url, "event": event, **more}


def test_a_zap_is_switched_on_hears_of_a_request_and_is_switched_off(receive, program, new_request):
    receiver = receive()
    assert program.get("/me").status_code == 200
    (sample,) = program.get("/hooks/samples/request.opened").json()

    answer = program.post("/hooks", subscription(receiver), key=None)
    assert answer.status_code == 201
    hook = answer.json()
    new_request()
    tell()
    (headers, body) = receiver.received[0]
    told = Webhook(hook["secret"]).verify(body, headers)
    ended = program.delete(f"/hooks/{hook['id']}")
    new_request()
    tell()

    assert ended.status_code == 204
    assert len(receiver.received) == 1
    assert told.keys() == sample.keys()
    assert told["data"].keys() == sample["data"].keys()
    assert program.get("/events/request.opened").json()[1] == told


def test_the_same_subscription_twice_is_one(receive, program):
    receiver = receive()

    first, again = (program.post("/hooks", subscription(receiver), key=None).json() for _ in range(2))

    assert first == again
    assert [hook["id"] for hook in program.get("/hooks").json()["hooks"]] == [first["id"]]


def test_the_secret_is_told_to_the_subscriber_and_never_listed(receive, program):
    receiver = receive()
    secret = program.post("/hooks", subscription(receiver)).json()["secret"]

    listed = program.get("/hooks").content.decode()

    assert secret not in listed
    assert "s3cret" not in listed


def test_a_subscription_ends_with_the_token_or_before(receive, program):
    soon = (clock.now() + dt.timedelta(days=2)).replace(microsecond=0)
    told = program.post("/hooks", subscription(receive(), expiration_date=soon.isoformat())).json()
    assert dt.datetime.fromisoformat(told["expiration_date"]) == soon

    late = (clock.now() + dt.timedelta(days=4000)).isoformat()
    told = program.post("/hooks", subscription(receive(), expiration_date=late)).json()
    ends = Token.objects.get().expires_at - dt.datetime.fromisoformat(told["expiration_date"])
    assert abs(ends) < dt.timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/target_url", "/event"]),
        ({"target_url": "https://8.8.8.8/", "event": "no.such"}, ["/event"]),
        ({"target_url": "https://8.8.8.8/", "event": "webhook.test"}, ["/event"]),
        ({"target_url": 7, "event": "request.closed"}, ["/target_url"]),
        ({"target_url": "https://8.8.8.8/", "event": "request.closed", "expiration_date": "soon"}, 1),
    ],
)
def test_bad_subscriptions_are_told_where_they_are_wrong(program, body, pointers):
    wrong = wrong_fields(program.post("/hooks", body))

    assert wrong == (["/expiration_date"] if pointers == 1 else pointers)


@pytest.mark.parametrize(
    "url", ["http://8.8.8.8/x", "https://169.254.169.254/latest", "https://user@8.8.8.8/"]
)
def test_an_address_that_nothing_is_sent_to_is_refused(program, url):
    answer = program.post("/hooks", {"target_url": url, "event": "request.closed"})

    assert kind_of_problem(answer) == "refused"
    assert not Endpoint.objects.exists()


def test_somebody_elses_subscription_is_not_found(receive, program, program_of, make_person):
    other = program_of(make_person(Role.ANALYST))
    number = other.post("/hooks", subscription(receive())).json()["id"]

    assert kind_of_problem(program.delete(f"/hooks/{number}")) == "not-found"
    assert program.get("/hooks").json() == {"hooks": []}
    assert other.delete(f"/hooks/{number}").status_code == 204
    assert other.delete(f"/hooks/{number}").status_code == 204


# -- Who hears of what ---------------------------------------------------------------------------------------


def test_a_service_hears_of_its_own_requests_and_of_no_other(receive, program_of, service, new_request):
    mine, receiver = service("mine"), receive()
    program = program_of(mine)
    program.post("/hooks", subscription(receiver))
    own, other = new_request(by=mine), new_request(by=service("other"))
    new_request()

    tell()

    told = [event["data"]["reference"] for event in program.get("/events/request.opened").json()]
    assert told == [own.reference]
    assert len(receiver.received) == 1
    assert own.reference.encode() in receiver.received[0][1]
    assert program.get("/events", reference=other.reference).json()["events"] == []
    (sample,) = program.get("/hooks/samples/request.opened").json()
    assert sample["data"]["reference"] == own.reference


def test_whoever_loses_the_role_hears_of_nothing_more(receive, program_of, make_person, new_request):
    person, receiver = make_person(Role.ANALYST), receive()
    assert program_of(person).post("/hooks", subscription(receiver)).status_code == 201
    Grant.objects.filter(person=person).update(ended_at=clock.now())
    new_request()

    tell()

    assert receiver.received == []


@pytest.mark.parametrize(("role", "hears"), [(Role.ANALYST, 1), (Role.QA, 0)])
def test_of_a_key_hears_whoever_may_see_subscriptions(
    receive, program_of, make_person, record, silent_subscription, role, hears
):
    program, receiver = program_of(make_person(role)), receive()
    program.post("/hooks", subscription(receiver, event="key.to_rotate"))
    facts = {"key": "5f2c91ab", "rotate_by": "2026-12-01", "days": 14}
    record(Event.KEY_REMINDED, silent_subscription().reference, **facts)

    tell()

    assert len(receiver.received) == hears
    assert len(program.get("/events/key.to_rotate").json()) == hears


def test_whose_role_is_limited_to_a_subscription_hears_of_nothing_beyond_it(
    receive, program_of, make_person, record, silent_subscription, new_request
):
    here, elsewhere = silent_subscription(), silent_subscription()
    person, receiver = make_person(), receive()
    give_role(person=person, role=Role.ANALYST, within=[here], by=None)
    program = program_of(person)
    for event in ("request.opened", "run.stopped"):
        assert program.post("/hooks", subscription(receiver, event=event)).status_code == 201
    requests = [new_request(subscriptions=[each]) for each in (elsewhere, here)]
    for each in (elsewhere, here):
        record(Event.SUBSCRIPTION_PAUSED, each.reference, reason="paused by a person")
    record(Event.SENDING_STOPPED, "sending", reason="ab")

    tell()
    tell()

    assert len(receiver.received) == 3
    (opened,) = program.get("/events/request.opened").json()
    assert opened["data"]["reference"] == requests[1].reference
    stopped = program.get("/events/run.stopped").json()
    assert [event["data"]["name"] for event in stopped] == ["", here.name]


# -- Lists ---------------------------------------------------------------------------------------------------


def test_events_come_the_newest_first_page_by_page_each_with_an_id_of_its_own(program, new_request):
    references = [new_request().reference for _ in range(3)]
    spread()

    first = program.get("/events", limit=2).json()
    second = program.get("/events", limit=2, cursor=first["next"]).json()

    events = first["events"] + second["events"]
    assert [event["data"]["reference"] for event in events] == references[::-1]
    assert len({event["id"] for event in events}) == 3
    assert second["next"] is None


def test_events_are_found_by_type_and_by_request(program, new_request):
    request = new_request()
    new_request()
    spread()

    found = program.get("/events", type="request.opened", reference=request.reference).json()

    assert [event["data"]["reference"] for event in found["events"]] == [request.reference]
    assert program.get("/events", type="request.closed").json()["events"] == []


def test_a_cursor_or_parameter_that_nobody_knows_is_refused(program):
    assert kind_of_problem(program.get("/events", cursor="rubbish")) == "invalid"
    assert kind_of_problem(program.get("/events", since="yesterday")) == "invalid"


@pytest.mark.parametrize("event", EventType)
def test_every_type_can_be_sampled_and_polled_before_it_has_happened(program, event):
    (sample,) = program.get(f"/hooks/samples/{event.value}").json()

    assert sample["type"] == event.value
    assert program.get(f"/events/{event.value}").json() == []


def test_lists_take_the_same_number_of_questions_however_long_they_are(program, new_request):
    counts = []
    program.get("/me")
    for number in (1, 2):
        for _ in range(number):
            new_request()
        spread()
        with CaptureQueriesContext(connection) as questions:
            program.get("/events")
        counts.append(len(questions))

    assert counts[0] == counts[1]
