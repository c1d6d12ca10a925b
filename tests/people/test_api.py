"""Whose token it is, over REST."""

import pytest

from compliance.people.membership import add_person
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from compliance.people.tokens import revoke_token
from tests.api_fixtures import kind_of_problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scope", [Scope.READ, Scope.EVENTS])
def test_a_token_with_any_scope_learns_whose_it_is_and_until_when(program_of, make_person, scope):
    person = make_person(Role.ANALYST, name="Ana Analyst")
    program = program_of(person, scopes=[scope])

    said = program.get("/me").json()

    assert said.pop("expires_at")
    assert said == {
        "name": "Ana Analyst",
        "service": False,
        "roles": ["analyst"],
        "token": program.token.name,
        "scopes": [scope],
    }


def test_a_service_is_told_that_it_is_one(program_of):
    service = add_person(name="Zapier", email="z@example.com", roles=[Role.ANALYST], by=None, is_service=True)

    assert program_of(service).get("/me").json()["service"] is True


def test_a_token_that_works_no_more_learns_nothing(program_of, make_person):
    person = make_person(Role.ANALYST)
    program = program_of(person)
    revoke_token(token=program.token, by=person)

    assert kind_of_problem(program.get("/me")) == "token-revoked"
