"""The way of a request over REST, beside what tests/intake/test_api.py shows: choices, endings, history."""

import pytest

from compliance.workflow.hold_placing import lift_hold
from compliance.workflow.models import Request
from compliance.workflow.states import Outcome, State
from tests.api_fixtures import kind_of_problem, wrong_fields
from tests.request_fixtures import VISITORS, look_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline(program_of, analyst):
    return program_of(analyst)


def numbers(program, request, **asked):
    return [
        each["number"]
        for each in program.get(f"/requests/{request.reference}/targets", **asked).json()["targets"]
    ]


def test_targets_are_left_out_and_taken_in_again_by_their_numbers(pipeline, previewed_request):
    request = previewed_request()
    first, second, _ = numbers(pipeline, request)

    pipeline.post(f"/requests/{request.reference}/choose", {"exclude": [first, second]})
    answer = pipeline.post(f"/requests/{request.reference}/choose", {"include": [second]})

    assert answer.json()["state"] == "previewed"
    assert numbers(pipeline, request, outcome="spared") == [first]


def test_nothing_found_is_confirmed_and_only_once(pipeline, previewed_request):
    request = previewed_request(absent=VISITORS)
    url = f"/requests/{request.reference}/confirm-nothing-found"

    assert pipeline.post(url).json()["state"] == "closed"
    assert kind_of_problem(pipeline.post(url)) == "state-changed"


def test_what_was_held_is_closed_and_looked_at_again_by_another_request(
    pipeline, hold, legal, previewed_request
):
    placed = hold(visitors=VISITORS)
    request = previewed_request()

    closed = pipeline.post(f"/requests/{request.reference}/confirm-everything-held")
    lift_hold(hold=placed, reason="Settled", by=legal)
    other = pipeline.post(f"/requests/{request.reference}/look-again-at-held")

    assert closed.json()["state"] == "closed"
    assert (other.status_code, other.json()["state"]) == (201, "previewing")
    assert other.json()["reference"] != request.reference


def test_a_request_goes_on_without_a_subscription_that_holds_it_up(
    pipeline, new_request, silent_subscription
):
    first, second = silent_subscription(), silent_subscription()
    request = new_request(subscriptions=[first, second])

    answer = pipeline.post(f"/requests/{request.reference}/without", {"subscription": second.reference})

    other = Request.objects.get(reference=answer.json()["reference"])
    assert list(other.subscriptions.all()) == [second]
    assert list(request.subscriptions.all()) == [first]


def test_a_subscription_that_nobody_knows_is_named_as_what_is_wrong(pipeline, new_request):
    url = f"/requests/{new_request().reference}/without"

    assert wrong_fields(pipeline.post(url, {"subscription": "Nowhere"})) == ["/subscription"]


def test_what_is_asked_is_read_and_changed(pipeline, previewed_request):
    request = previewed_request(absent=VISITORS)
    url = f"/requests/{request.reference}"

    answer = pipeline.post(f"{url}/revise", {"targets": [{"type": "email", "value": "jo@person.example"}]})

    assert (answer.status_code, answer.json()["state"]) == (202, "previewing")
    assert pipeline.get(f"{url}/asked").json()["asked"] == [{"type": "email", "value": "jo@person.example"}]


def test_what_is_sent_is_changed_no_more(pipeline, approved_in_grace):
    body = {"targets": [{"type": "visitor", "id": "somebody"}]}

    answer = pipeline.post(f"/requests/{approved_in_grace.reference}/revise", body)

    assert (answer.status_code, kind_of_problem(answer)) == (409, "state-changed")


def test_history_is_told_in_sentences_a_page_at_a_time(pipeline, previewed_request):
    url = f"/requests/{previewed_request().reference}/history"

    first = pipeline.get(url, limit=1).json()
    rest = pipeline.get(url, cursor=first["next"]).json()

    assert [each["event"] for each in first["entries"]] == ["request:opened"]
    assert "Ana Analyst" in first["entries"][0]["sentence"]
    assert [each["number"] for each in rest["entries"]] == list(range(2, 2 + len(rest["entries"])))


def test_requests_are_found_by_what_they_name_and_nothing_of_it_is_kept(pipeline, previewed_request):
    request = previewed_request()

    found = pipeline.post("/requests/search", {"text": VISITORS[0]}).json()

    assert found["requests"] == [
        {"reference": request.reference, "state": "previewed", "why": ["asked for as a visitor id"]}
    ]
    assert pipeline.post("/requests/search", {"text": "nobody"}).json()["requests"] == []


def test_ready_texts_are_read(pipeline, previewed_request):
    texts = pipeline.get(f"/requests/{previewed_request().reference}/texts").json()["texts"]

    assert [each["name"] for each in texts] == ["recipients"]


def test_a_new_preview_waits_like_any_other(pipeline, previewed_request):
    request = previewed_request()
    pipeline.post(f"/requests/{request.reference}/preview")
    look_up(Request.objects.get(pk=request.pk))

    request.refresh_from_db()
    assert request.state == State.PREVIEWED
    assert request.targets.filter(outcome=Outcome.PENDING).count() == len(VISITORS)
