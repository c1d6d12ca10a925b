"""What is being done for requests, over REST: batches, attention, telling others, wrong deletions."""

import pytest

from compliance.core import clock
from compliance.execution.models import Cause, Finding
from compliance.execution.planning import make_batch
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Attention, Request
from compliance.workflow.recipients import open_recipient_tasks
from compliance.workflow.states import State
from tests.api_fixtures import kind_of_problem, wrong_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline(program_of, analyst):
    return program_of(analyst)


@pytest.fixture
def script(program_of, officer):
    return program_of(officer)


@pytest.fixture
def executing(previewed_request):
    request = previewed_request()
    Request.objects.filter(pk=request.pk).update(state=State.EXECUTING)
    request.refresh_from_db()
    return request


def raised(request, reason):
    raise_attention(request=request, subscription=request.subscriptions.get(), reason=reason)
    return f"/attention/{request.attentions.get(reason=reason).pk}"


def test_batches_are_listed(pipeline, executing):
    make_batch(executing, subscription_id=executing.subscriptions.get().pk, target_ids=[])

    batches = pipeline.get(f"/requests/{executing.reference}/batches").json()["batches"]

    assert [(each["number"], each["state"], each["receipts"]) for each in batches] == [(1, "ready", [])]


# -- What needs a person -------------------------------------------------------------------------------------


def test_what_needs_a_person_names_its_ways_out(pipeline, executing):
    raised(executing, Attention.Reason.UNKNOWN_WORD), raised(executing, Attention.Reason.UNREACHABLE)

    word, unreachable = pipeline.get("/attention").json()["attention"]

    assert (word["may_be_settled"], word["may_be_ended"]) == (True, False)
    assert (unreachable["may_be_settled"], unreachable["may_be_ended"]) == (False, True)
    assert "Ask Pendo Support" in unreachable["first"]


def test_it_is_settled_or_an_officer_ends_the_waiting(pipeline, script, executing):
    word, unreachable = (
        raised(executing, reason) for reason in (Attention.Reason.UNKNOWN_WORD, Attention.Reason.UNREACHABLE)
    )

    assert pipeline.post(f"{word}/settle").json()["settled"]
    assert kind_of_problem(pipeline.post(f"{unreachable}/settle")) == "refused"
    assert kind_of_problem(pipeline.post(f"{unreachable}/end-waiting")) == "role-missing"
    assert script.post(f"{unreachable}/end-waiting").json()["settled"]
    assert script.get("/attention").json()["attention"] == []


# -- Telling other systems -----------------------------------------------------------------------------------


def test_a_task_is_handed_over_and_finished(pipeline, executing, make_recipient, officer):
    make_recipient()
    open_recipient_tasks(executing)
    url = f"/tasks/{executing.recipient_tasks.get().pk}"

    unknown = pipeline.post(f"{url}/hand-over", {"owner": "nobody@else.example"})
    handed = pipeline.post(f"{url}/hand-over", {"owner": officer.email})
    done = pipeline.post(f"{url}/finish", {"told": "told", "evidence": "Ticket 17"})

    assert wrong_fields(unknown) == ["/owner"]
    assert handed.json()["owner"] == "Otto Officer"
    assert (done.json()["told"], pipeline.get(url).json()["evidence"]) == ("told", "Ticket 17")
    assert pipeline.get("/tasks").json()["tasks"] == []


def test_only_ones_own_tasks_are_listed_on_request(pipeline, script, executing, make_recipient):
    make_recipient()
    open_recipient_tasks(executing)

    assert len(pipeline.get("/tasks", mine="true").json()["tasks"]) == 1
    assert script.get("/tasks", mine="true").json()["tasks"] == []


# -- Wrong deletions -----------------------------------------------------------------------------------------


def wrong(**changes):
    return {"happened": "Two people of one name", "aware_at": clock.now().isoformat()} | changes


def test_a_wrong_deletion_stops_the_request_and_goes_its_way(pipeline, script, executing):
    reported = pipeline.post(f"/requests/{executing.reference}/wrong", wrong())
    url = f"/incidents/{reported.json()['number']}"
    assessed = script.post(f"{url}/assess", {"risk": "risk", "persons": 3, "categories": "customers; events"})
    early = script.post(f"{url}/close")
    decided = script.post(
        f"{url}/decide", {"tell_authority": True, "tell_persons": False, "reason": "Lost for good"}
    )
    notified = script.post(f"{url}/notified", {"whom": "authority", "at": clock.now().isoformat()})
    closed = script.post(f"{url}/close")

    assert (reported.status_code, reported.json()["request"]) == (201, executing.reference)
    assert "Assess it" in reported.json()["still_to_do"]
    assert assessed.json()["persons"] == 3
    assert kind_of_problem(early) == "refused"
    assert decided.json()["tell_authority"]
    assert notified.json()["authority_told_at"]
    assert closed.json()["closed_at"]
    told = pipeline.get(url).json()
    assert (told["happened"], told["targets"]) == ("Two people of one name", 3)
    assert [each["number"] for each in pipeline.get("/incidents", closed="true").json()["incidents"]] == [
        reported.json()["number"]
    ]
    assert pipeline.get("/incidents").json()["incidents"] == []


def test_a_target_that_is_none_of_the_requests_makes_nothing_wrong(pipeline, executing):
    url = f"/requests/{executing.reference}/wrong"
    mine = executing.targets.first().pk

    answer = pipeline.post(url, wrong(targets=[mine, 2**40]))

    assert wrong_fields(answer) == ["/targets/1"]
    assert not executing.incidents.exists()
    assert pipeline.post(url, wrong(targets=[mine])).status_code == 201
    assert executing.incidents.get().targets.get().pk == mine


def test_nothing_is_readmitted_that_was_never_sent(pipeline, executing):
    number = pipeline.post(f"/requests/{executing.reference}/wrong", wrong()).json()["number"]

    assert kind_of_problem(pipeline.post(f"/incidents/{number}/readmit")) == "refused"


# -- What is there again -------------------------------------------------------------------------------------


def test_findings_are_read_and_settled_by_an_officer(pipeline, script, executing):
    subscription = executing.subscriptions.get()
    finding = Finding.objects.create(subscription=subscription, cause=Cause.RETURNED)
    url = f"/findings/{finding.pk}"

    assert [each["cause"] for each in pipeline.get("/findings").json()["findings"]] == ["returned"]
    told = pipeline.get(url).json()
    assert (told["left"], told["records"], told["taken"]) == (0, [], [])
    assert kind_of_problem(pipeline.post(f"{url}/explain", {"reason": "A new contract"})) == "role-missing"
    assert kind_of_problem(script.post(f"{url}/explain", {"reason": "A new contract"})) == "state-changed"


def test_the_watch_says_where_nothing_is_watched(pipeline, executing):
    watched = pipeline.get("/watch").json()["subscriptions"]

    assert [(each["watched"], each["next_at"]) for each in watched] == [(False, None)]
    number = executing.subscriptions.get().pk
    assert kind_of_problem(pipeline.post(f"/subscriptions/{number}/look")) == "refused"
