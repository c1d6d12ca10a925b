"""Decisions and dates over REST: each by the verb that screens use, with its second person."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.workflow.models import Request
from compliance.workflow.states import State
from tests.api_fixtures import kind_of_problem, wrong_fields
from tests.request_fixtures import VISITORS, events_of

pytestmark = pytest.mark.django_db

TODAY = clock.today().isoformat()
FACTS = "Forty identical letters arrived since March; each was answered, nothing was stored between them."
WHOLE = {"code": "R_12_5_EXCESSIVE", "facts": FACTS}


@pytest.fixture
def pipeline(program_of, analyst):
    return program_of(analyst)


@pytest.fixture
def script(program_of, officer):
    return program_of(officer)


@pytest.fixture
def url(previewed_request):
    """The address of a request that waits for its approval."""
    return f"/requests/{previewed_request(received_on=clock.today() - dt.timedelta(days=3)).reference}"


# -- Dates ---------------------------------------------------------------------------------------------------


def test_the_law_is_named_and_its_clocks_run(pipeline, url):
    answer = pipeline.post(f"{url}/law", {"law": "US_CA"})

    assert "acknowledgement" in [each["kind"] for each in answer.json()["clocks"]]
    assert pipeline.get(url).json()["law"] == "US_CA"


def test_a_law_that_cannot_be_chosen_is_not_repeated(pipeline, url):
    answer = pipeline.post(f"{url}/law", {"law": "JANE_DOE", "calendar": "Jane"})

    assert wrong_fields(answer) == ["/law", "/calendar"]
    assert "ane" not in answer.content.decode().replace("JAPAN", "")


def test_proof_of_identity_a_later_message_and_another_systems_case_are_noted(pipeline, url):
    pipeline.post(f"{url}/identity", {"asked_on": TODAY})
    pipeline.post(f"{url}/messages", {"received_on": TODAY, "channel": "email", "access_asked": True})
    pipeline.post(f"{url}/elsewhere", {"case": "OT-7", "due_on": TODAY})

    told = pipeline.get(url).json()
    assert (told["identity_asked_on"], told["identity_proven_on"]) == (TODAY, None)
    assert (told["elsewhere_case"], told["elsewhere_due_on"], told["access_asked"]) == ("OT-7", TODAY, True)
    assert pipeline.post(f"{url}/here").status_code == 200
    assert pipeline.get(url).json()["elsewhere_case"] == ""


def test_the_person_takes_the_request_back(pipeline, url):
    answer = pipeline.post(f"{url}/withdraw", {"withdrawn_on": TODAY, "channel": "letter"})

    assert answer.json()["state"] == "withdrawn"
    again = pipeline.post(f"{url}/withdraw", {"withdrawn_on": TODAY, "channel": "letter"})
    assert kind_of_problem(again) == "state-changed"


# -- Refusals ------------------------------------------------------------------------------------------------


def test_a_second_person_agrees_to_a_refusal(pipeline, script, url):
    pipeline.post(f"{url}/refuse", WHOLE)
    waiting = pipeline.get(f"{url}/refusals").json()["refusals"][0]

    answer = script.post(f"{url}/refusal/agree")

    assert (waiting["code"], waiting["facts"], waiting["agreed"]) == (WHOLE["code"], FACTS, None)
    assert answer.json()["state"] == "refused"
    assert pipeline.get(f"{url}/refusals").json()["refusals"][0]["decided_by"] == "Otto Officer"


def test_whoever_proposed_it_takes_it_back_and_does_not_agree(program_of, officer, pipeline, url):
    own = program_of(officer)
    own.post(f"{url}/refuse", WHOLE)

    assert kind_of_problem(own.post(f"{url}/refusal/agree")) == "not-this-person"
    assert own.post(f"{url}/refusal/take-back").status_code == 200
    assert kind_of_problem(own.post(f"{url}/refusal/take-back")) == "state-changed"


def test_a_refusal_is_declined_with_a_reason(pipeline, script, url):
    pipeline.post(f"{url}/refuse", WHOLE)

    without = script.post(f"{url}/refusal/decline", {})
    declined = script.post(f"{url}/refusal/decline", {"reason": "Answer the last letter"})

    assert kind_of_problem(without) == "refused"
    assert declined.json()["state"] == "previewed"
    told = pipeline.get(f"{url}/refusals").json()["refusals"][0]
    assert (told["agreed"], told["word"]) == (False, "Answer the last letter")


def test_one_target_is_refused_and_the_rest_goes_on(pipeline, script, url):
    number = pipeline.get(f"{url}/targets").json()["targets"][0]["number"]
    case = {
        "code": "X_E_LEGAL_CLAIMS",
        "facts": "An action about unpaid invoices is pending; usage records prove delivery of service.",
        "statute": "Section 195 BGB",
        "kept_until": (clock.today() + dt.timedelta(days=400)).isoformat(),
    }

    pipeline.post(f"{url}/refuse", case | {"scope": "targets", "targets": [number]})
    answer = script.post(f"{url}/refusal/agree")

    assert answer.json()["state"] == "previewed"
    assert pipeline.get(url).json()["preview"]["count"] == len(VISITORS) - 1


# -- Appeals -------------------------------------------------------------------------------------------------


@pytest.fixture
def complaint(pipeline, previewed_request):
    """The address of a complaint about an answer under the UK's law."""
    request = previewed_request(law="UK_GDPR")
    Request.objects.filter(pk=request.pk).update(state=State.CLOSED, closed_at=clock.now())
    body = {"kind": "complaint", "received_on": TODAY, "channel": "email", "text": "Nothing was erased."}
    answer = pipeline.post(f"/requests/{request.reference}/appeals", body)
    assert answer.status_code == 201, answer.content
    return f"/appeals/{answer.json()['number']}"


def test_a_complaint_is_read_acknowledged_and_decided_by_somebody_else(pipeline, script, complaint):
    listed = pipeline.get("/appeals").json()["appeals"]
    acknowledged = pipeline.post(f"{complaint}/acknowledge")
    reason = "Each of the three visitors that are named was looked for in Pendo and is absent."
    decision = {"result": "upheld", "reason": reason}

    assert [f"/appeals/{each['number']}" for each in listed] == [complaint]
    assert acknowledged.status_code == 200
    assert kind_of_problem(pipeline.post(f"{complaint}/decide", decision)) == "role-missing"
    assert script.post(f"{complaint}/decide", decision).json()["result"] == "upheld"
    assert pipeline.get(complaint).json()["text"] == "Nothing was erased."
    assert pipeline.get("/appeals").json()["appeals"] == []


# -- The company as processor --------------------------------------------------------------------------------


def test_the_customer_is_named_told_and_instructs(pipeline, url):
    pipeline.post(f"{url}/role", {"role": "processor"})
    pipeline.post(f"{url}/customer", {"name": "Harbour Ltd", "days": 10})
    forwarded = pipeline.post(f"{url}/forward")
    instructed = pipeline.post(
        f"{url}/instruction", {"who": "Hal, DPO", "instructed_on": TODAY, "evidence": "Mail of today"}
    )

    assert forwarded.json()["state"] == "forwarded"
    assert instructed.json()["state"] == "previewing"
    told = pipeline.get(f"{url}/processing").json()
    assert (told["customer"], told["days"], told["who"]) == ("Harbour Ltd", 10, "Hal, DPO")
    assert told["instructed_on"] == TODAY


def test_what_was_forwarded_and_is_our_own_is_turned_back(pipeline, url):
    pipeline.post(f"{url}/role", {"role": "processor"})
    pipeline.post(f"{url}/customer", {"name": "Harbour Ltd", "days": 10})
    pipeline.post(f"{url}/forward")

    back = pipeline.post(f"{url}/role", {"role": "controller"})

    assert back.json()["state"] == "previewing"
    assert pipeline.get(f"{url}/processing").json()["customer"] is None


def test_a_controller_has_no_customer(pipeline, url):
    assert kind_of_problem(pipeline.post(f"{url}/customer", {"name": "Harbour Ltd"})) == "refused"
    assert pipeline.get(f"{url}/processing").json()["customer"] is None


def test_what_was_written_stands_in_no_kept_answer(pipeline, url):
    pipeline.post(f"{url}/refuse", WHOLE)

    answer = pipeline.post(f"{url}/messages", {"received_on": TODAY, "channel": "email", "note": "Jo Doe"})

    assert set(answer.json()) == {"reference", "state", "clocks"}
    assert "request:asked:again" in events_of(Request.objects.get(reference=answer.json()["reference"]))
