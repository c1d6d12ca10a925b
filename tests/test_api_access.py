"""Every call of the API against nobody, every role and every scope."""

import pytest

from compliance.api import api
from compliance.people.access import MAY, NEVER_BY_A_SERVICE
from compliance.people.membership import add_person
from compliance.people.models import Token
from compliance.people.roles import Role
from compliance.people.scopes import NEVER_FOR_A_SERVICE, Scope
from tests.api_fixtures import Program, kind_of_problem

pytestmark = pytest.mark.django_db

#: The door of each call.
CALLS = {
    f"{method} {prefix}{path}": operation.auth_callbacks[0]
    for prefix, router in api._routers  # noqa: SLF001 - ninja has no other list of them
    for path, view in router.path_operations.items()
    for operation in view.operations
    for method in operation.methods
}
NO_ENTRY = {"not-authenticated", "scope-missing", "role-missing", "not-for-services"}
#: What is beside the point here: nothing is sent that a verb could do anything with.
BODY = {"nothing": "that anybody knows"}
NOTHING = {"reference": "ED-00000000", "number": 2**62, "code": "NO_LAW"}


def causes(program):
    """Why each call says no to this program; empty for those that don't."""
    return {call: cause(program, call) for call in CALLS}


def cause(program, call):
    method, _, path = call.partition(" ")
    path = path.format(**NOTHING)
    answer = program.get(path) if method == "GET" else program.post(path, BODY)
    return "" if answer.status_code < 300 else kind_of_problem(answer)


def stopped(causes, problem):
    """The calls that say no for this cause, where none says no at the door for another one."""
    assert set(causes.values()) & NO_ENTRY <= {problem}
    return {call for call, found in causes.items() if found == problem}


def test_the_document_names_the_same_calls(client):
    document = client.get("/api/v1/openapi.json").json()

    named = {f"{method.upper()} {path}" for path, calls in document["paths"].items() for method in calls}
    assert named == {call.replace(" ", " /api/v1", 1) for call in CALLS}


def test_the_document_says_which_scope_a_call_needs(client):
    document = client.get("/api/v1/openapi.json").json()

    for call, door in CALLS.items():
        method, _, path = call.partition(" ")
        told = document["paths"][f"/api/v1{path}"][method.lower()]
        assert f"`{door.scope.value}`" in told["description"]
        assert told["security"] == [{"Bearer": []}]
        assert {"401", "403", "422", "500", "503"} <= set(told["responses"])


def test_nobody_gets_past_any_door():
    assert stopped(causes(Program()), "not-authenticated") == set(CALLS)


@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_says_and_nothing_else(program_of, make_person, role):
    closed = stopped(causes(program_of(make_person(role))), "role-missing")

    assert closed == {call for call, door in CALLS.items() if role not in MAY[door.act]}


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_opens_its_own_calls_and_nothing_else(program_of, make_person, scope):
    closed = stopped(causes(program_of(make_person(*Role), scopes=[scope])), "scope-missing")

    assert closed == {call for call, door in CALLS.items() if door.scope is not scope}


def test_a_service_opens_all_but_what_a_person_answers_for(program_of):
    service = add_person(name="Bot", email="bot@example.com", roles=[*Role], by=None, is_service=True)
    program = program_of(service, scopes=[Scope.READ])
    Token.objects.update(scopes=Scope.values)

    closed = stopped(causes(program), "not-for-services")

    assert closed == {call for call, door in CALLS.items() if door.act in NEVER_BY_A_SERVICE}


def test_what_a_person_answers_for_needs_a_scope_that_no_service_holds():
    assert {door.scope for door in CALLS.values() if door.act in NEVER_BY_A_SERVICE} <= NEVER_FOR_A_SERVICE


def test_a_call_about_nothing_finds_nothing(program_of, make_person):
    found = causes(program_of(make_person(*Role)))

    # Nothing is stopped, so nothing can go on.
    assert found.pop("POST /sending/let-go-on") == "refused"
    assert set(found.values()) == {"", "not-found", "invalid"}


# -- Other addresses and methods -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v1/requests/", "/api/v2/requests"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_there_is_nothing_elsewhere(client, path, method):
    answer = getattr(client, method)(path)

    assert (answer.status_code, kind_of_problem(answer)) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("put", "/requests", {"GET", "POST"}),
        ("delete", "/requests/ED-00000000", {"GET"}),
        ("get", "/requests/ED-00000000/approve", {"POST"}),
    ],
)
def test_another_method_is_told_which_there_are(client, method, path, allowed):
    answer = getattr(client, method)(f"/api/v1{path}")

    assert (answer.status_code, kind_of_problem(answer)) == (405, "method-not-allowed")
    assert set(answer["Allow"].split(", ")) == allowed
