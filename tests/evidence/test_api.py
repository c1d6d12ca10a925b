"""Taking ledger entries away over REST."""

import json

import pytest

from compliance.core import clock
from compliance.evidence.models import Export
from compliance.people.roles import Role
from tests.api_fixtures import kind_of_problem, wrong_fields
from tests.request_fixtures import events_of

pytestmark = pytest.mark.django_db

TODAY = clock.today().isoformat()


@pytest.fixture
def counsel(program_of, make_person):
    return program_of(make_person(Role.LEGAL))


def lines(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode().splitlines()


def test_a_period_is_taken_away_and_that_is_recorded(counsel, previewed_request):
    previewed_request()

    taken = lines(counsel.get("/audit/export", **{"from": TODAY, "to": TODAY}))

    assert "request:opened" in {json.loads(line)["entry"]["event"] for line in taken}
    assert Export.objects.get().done == len(taken)


def test_one_requests_history_verifies(counsel, previewed_request):
    request = previewed_request()

    answer = counsel.get("/audit/export", request=request.reference)

    assert answer["Content-Type"].startswith("application/jsonl")
    entries = [json.loads(line)["entry"] for line in lines(answer)]
    assert entries[-1]["event"] == "history:exported"
    assert [entry["event"] for entry in entries] == events_of(request)


def test_a_table_is_for_a_spreadsheet(counsel, previewed_request):
    answer = counsel.get("/audit/export", request=previewed_request().reference, format="csv")

    assert answer["Content-Type"].startswith("text/csv")
    assert "number,at,event" in lines(answer)[0]


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({}, []),
        ({"from": TODAY}, []),
        ({"from": TODAY, "to": TODAY, "request": "ED-00000000"}, []),
        ({"from": "1999-12-31", "to": TODAY}, ["from"]),
        ({"from": "2026-11-02", "to": "2026-11-01"}, ["to"]),
        ({"from": "today", "to": TODAY}, ["from"]),
        ({"since": TODAY}, []),
    ],
)
def test_what_is_no_period_is_refused(counsel, asked, wrong):
    assert wrong_fields(counsel.get("/audit/export", **asked)) == wrong


def test_an_empty_period_and_an_unknown_request_give_nothing(counsel):
    assert (
        kind_of_problem(counsel.get("/audit/export", **{"from": "2001-01-01", "to": "2001-01-01"}))
        == "refused"
    )
    assert kind_of_problem(counsel.get("/audit/export", request="ED-00000000")) == "not-found"
