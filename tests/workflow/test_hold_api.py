"""Holds by list over REST, for legal; those on a request's targets: tests/intake/test_api.py."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.workflow.models import Hold
from tests.api_fixtures import kind_of_problem, wrong_fields
from tests.hold_fixtures import MATTER

pytestmark = pytest.mark.django_db

REVIEW = (clock.today() + dt.timedelta(days=30)).isoformat()
BODY = {
    "reason": "H_LITIGATION",
    "matter": MATTER,
    "review_on": REVIEW,
    "things": [{"kind": "domain", "value": "@Yak.example"}, {"kind": "visitor", "value": "v-1"}],
}


@pytest.fixture
def counsel(program_of, legal):
    return program_of(legal)


def test_a_hold_is_placed_read_reviewed_and_lifted(counsel, make_person):
    placed = counsel.post("/holds", BODY)
    url = f"/holds/{placed.json()['number']}"

    told = counsel.get(url).json()
    assert (placed.status_code, placed.json()["count"]) == (201, 2)
    assert (told["matter"], told["everywhere"], told["owner"]) == (MATTER, True, "Lea Legal")
    assert told["things"] == [{"kind": "domain", "value": "yak.example"}, {"kind": "visitor", "value": "v-1"}]
    later = (clock.today() + dt.timedelta(days=60)).isoformat()
    assert counsel.post(f"{url}/review", {"review_on": later}).json()["review_on"] == later
    assert counsel.post(f"{url}/lift", {"reason": "Settled"}).json()["stands"] is False
    assert counsel.get(url).json()["things"] == []
    assert kind_of_problem(counsel.post(f"{url}/lift", {"reason": "Settled"})) == "state-changed"


def test_do_not_process_is_set_for_whom_a_hold_keeps_back_and_ended(counsel, hold):
    url = f"/holds/{hold(visitors=['v-5']).pk}"

    assert counsel.get(url).json()["do_not_process"] is False
    assert counsel.post(f"{url}/suspend").json()["do_not_process"] is True
    assert kind_of_problem(counsel.post(f"{url}/suspend")) == "state-changed"
    left = counsel.post(f"{url}/resume", {"leave_do_not_process": True})
    assert left.json()["do_not_process"] is False


def test_lists_show_what_stands_what_is_due_and_what_is_lifted(counsel, hold):
    hold(visitors=["v-2"])
    due = hold(visitors=["v-3"])
    Hold.objects.filter(pk=due.pk).update(review_on=clock.today())

    assert len(counsel.get("/holds").json()["holds"]) == 2
    assert [each["number"] for each in counsel.get("/holds", which="due").json()["holds"]] == [due.pk]
    assert counsel.get("/holds", which="lifted").json()["holds"] == []
    assert kind_of_problem(counsel.get("/holds", which="wombat")) == "invalid"


def test_a_hold_is_found_by_what_it_names(counsel, hold):
    number = hold(domains=["yak.example"]).pk

    found = counsel.post("/holds/search", {"text": "jo@mail.yak.example"}).json()["holds"]

    assert [each["number"] for each in found] == [number]


def test_each_bad_thing_is_named_by_its_place_and_not_repeated(counsel):
    things = [{"kind": "email", "value": "jane doe"}, {"kind": "domain", "value": "a\nb"}]

    answer = counsel.post("/holds", BODY | {"things": things})

    assert wrong_fields(answer) == ["/things/0/value", "/things/1/value"]
    assert "jane" not in answer.content.decode()
    assert wrong_fields(counsel.post("/holds", BODY | {"subscriptions": ["Nowhere"]})) == ["/subscriptions/0"]


def test_only_legal_looks_after_a_hold(counsel, hold, analyst):
    url = f"/holds/{hold(visitors=['v-4']).pk}/review"

    nobody = counsel.post(url, {"review_on": REVIEW, "owner": "nobody@else.example"})

    assert wrong_fields(nobody) == ["/owner"]
    assert kind_of_problem(counsel.post(url, {"review_on": REVIEW, "owner": analyst.email})) == "refused"


def test_the_matter_stands_in_no_kept_answer(counsel):
    assert MATTER not in counsel.post("/holds", BODY).content.decode()
