"""How many calls a token may make in a minute."""

import datetime as dt

import pytest
import time_machine

from compliance.people.models import CallCount
from compliance.people.rate import count_call
from compliance.people.scopes import Scope
from tests.api_fixtures import kind_of_problem

NOON = dt.datetime(2026, 11, 26, 12, 0, 20, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def three_a_minute(settings):
    settings.API_CALLS_A_MINUTE = 3


@pytest.fixture
def program(program_of, analyst):
    with time_machine.travel(NOON, tick=False):
        yield program_of(analyst)


def test_one_too_many_is_told_when_to_come_again(program):
    answers = [program.get("/requests") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert kind_of_problem(answers[-1]) == "too-many-calls"
    assert answers[-1]["Retry-After"] == "40"


def test_with_the_next_minute_calls_are_served_again(program):
    for _ in range(4):
        program.get("/requests")
    with time_machine.travel(NOON + dt.timedelta(seconds=40), tick=False):
        assert program.get("/requests").status_code == 200


def test_what_is_not_served_changes_nothing(program):
    for _ in range(3):
        program.get("/requests")

    answer = program.post("/requests", {"kind": "test_data"})

    assert kind_of_problem(answer) == "too-many-calls"
    assert CallCount.objects.get().calls == 3


def test_calls_that_lack_a_scope_count_too(program_of, analyst):
    program = program_of(analyst, scopes=[Scope.HOLD])
    causes = [kind_of_problem(program.get("/requests")) for _ in range(4)]

    assert causes == ["scope-missing"] * 3 + ["too-many-calls"]


def test_each_token_has_its_own_number(program, program_of, analyst):
    for _ in range(3):
        program.get("/requests")

    assert program_of(analyst).get("/requests").status_code == 200


def test_a_machine_whose_clock_is_behind_does_not_begin_anew(program):
    for _ in range(3):
        program.get("/requests")
    with time_machine.travel(NOON - dt.timedelta(minutes=1), tick=False):
        assert kind_of_problem(program.get("/requests")) == "too-many-calls"


def test_it_takes_one_statement(program, django_assert_num_queries):
    count_call(program.token)
    with django_assert_num_queries(1):
        count_call(program.token)


def test_the_document_says_that_retry_after_is_told(client):
    document = client.get("/api/v1/openapi.json").json()
    answers = [call["responses"]["429"] for path in document["paths"].values() for call in path.values()]

    assert answers
    assert all("Retry-After" in answer["headers"] for answer in answers)
