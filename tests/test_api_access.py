"""Every call of the API against nobody, every role and every scope."""

import pytest

from compliance.api import api
from compliance.people.access import MAY, NEVER_BY_A_SERVICE
from compliance.people.membership import add_person
from compliance.people.models import Token
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from tests.api_fixtures import Program, kind_of_problem

pytestmark = pytest.mark.django_db

CALLS = {
    f"{method} {prefix}{path}": operation.auth_callbacks[0]
    for prefix, router in api._routers
    for path, view in router.path_operations.items()
    for operation in view.operations
    for method in operation.methods
}
EVERY_CALL = pytest.mark.parametrize("call", CALLS)
NO_ENTRY = {"not-authenticated", "scope-missing", "role-missing", "not-for-services"}
#: What is beside the point here: nothing is sent that a verb could do anything with.
BODY = {"nothing": "that anybody knows"}
NOTHING = {"reference": "ED-00000000", "number": 2**62, "name": "no-rule"}


def cause(program, call):
    method, _, path = call.partition(" ")
    path = path.format(**NOTHING)
    answer = program.get(path) if method == "GET" else program.post(path, BODY)
    return "" if answer.status_code < 300 else kind_of_problem(answer)


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


@EVERY_CALL
def test_nobody_gets_past_the_door(call):
    assert cause(Program(), call) == "not-authenticated"


@EVERY_CALL
@pytest.mark.parametrize("role", Role)
def test_each_role_opens_what_the_table_says_and_nothing_else(program_of, make_person, call, role):
    found = cause(program_of(make_person(role)), call)

    assert (found == "role-missing") == (role not in MAY[CALLS[call].act])
    assert found not in NO_ENTRY - {"role-missing"}


@EVERY_CALL
@pytest.mark.parametrize("scope", Scope)
def test_each_scope_opens_its_own_calls_and_nothing_else(program_of, make_person, call, scope):
    found = cause(program_of(make_person(*Role), scopes=[scope]), call)

    assert (found == "scope-missing") == (scope is not CALLS[call].scope)
    assert found not in NO_ENTRY - {"scope-missing"}


@EVERY_CALL
def test_a_service_opens_all_but_what_a_person_answers_for(program_of, call):
    service = add_person(name="Bot", email="bot@example.com", roles=[*Role], by=None, is_service=True)
    program = program_of(service, scopes=[Scope.READ])
    Token.objects.update(scopes=Scope.values)

    assert (cause(program, call) == "not-for-services") == (CALLS[call].act in NEVER_BY_A_SERVICE)


@EVERY_CALL
def test_a_call_about_nothing_finds_nothing(program_of, make_person, call):
    found = cause(program_of(make_person(*Role)), call)

    assert found in {"", "not-found", "invalid"}


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
