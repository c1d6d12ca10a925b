"""Every call of the API against nobody, every role and every scope."""

import pytest

from compliance.api import api
from compliance.people.access import MAY, NEVER_BY_A_SERVICE, can
from compliance.people.membership import add_person
from compliance.people.models import Token
from compliance.people.roles import LIMITABLE_ROLES, Role
from compliance.people.scopes import NEVER_FOR_A_SERVICE, Scope
from compliance.subscriptions.limits import give_role
from tests.api_fixtures import Program, kind_of_problem

pytestmark = pytest.mark.django_db

#: The door of each call.
CALLS = {
    f"{method} {prefix}{path}": operation.auth_callbacks[0]
    for prefix, router in api._routers
    for path, view in router.path_operations.items()
    for operation in view.operations
    for method in operation.methods
}
NO_ENTRY = {"not-authenticated", "scope-missing", "role-missing", "not-for-services"}
#: What is beside the point here: nothing is sent that a verb could do anything with.
BODY = {"nothing": "that anybody knows"}
NOTHING = {
    "reference": "ED-00000000",
    "number": 2**62,
    "name": "no-rule",
    "code": "NO_LAW",
    "event": "no.such",
}


#: For each call about one request, a body with which it would do something.
REASON = {"reason": "Asked to."}
RIGHT = {
    "GET /requests/{reference}": None,
    "GET /requests/{reference}/targets": None,
    "POST /requests/{reference}/preview": None,
    "POST /requests/{reference}/approve": {"digest": "0" * 64, "count": 3},
    "POST /requests/{reference}/reject": REASON,
    "POST /requests/{reference}/hold": {
        "reason": "H_LITIGATION",
        "matter": "M",
        "review_on": "2030-01-01",
    },
    "POST /requests/{reference}/release": REASON,
    "POST /requests/{reference}/refuse": {"code": "R_12_5_EXCESSIVE", "facts": "Facts of this very request."},
    "POST /requests/{reference}/extend": {"ground": "COMPLEXITY", "reason": "A reason about this request."},
    "POST /requests/{reference}/cancel": REASON,
    "POST /requests/{reference}/pause": REASON,
    "POST /requests/{reference}/resume": None,
}


def answer_to(program, call, body, reference):
    method, _, path = call.partition(" ")
    path = path.format(reference=reference)
    return program.get(path) if method == "GET" else program.post(path, body)


def causes(program):
    """Why each call says no to this program; empty for those that don't."""
    return {call: cause(program, call) for call in CALLS}


def cause(program, call):
    method, _, path = call.partition(" ")
    path = path.format(**NOTHING)
    send = {"GET": program.get, "DELETE": program.delete, "POST": lambda path: program.post(path, BODY)}
    answer = send[method](path)
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
        assert (f"`{door.scope.value}`" if door.scope else "Any working token") in told["description"]
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

    assert closed == {call for call, door in CALLS.items() if door.scope not in {scope, None}}


def test_a_service_opens_all_but_what_a_person_answers_for(program_of):
    service = add_person(name="Bot", email="bot@example.com", roles=[*Role], by=None, is_service=True)
    program = program_of(service, scopes=[Scope.READ])
    Token.objects.update(scopes=Scope.values)

    closed = stopped(causes(program), "not-for-services")

    assert closed == {call for call, door in CALLS.items() if door.act in NEVER_BY_A_SERVICE}


def test_what_a_person_answers_for_needs_a_scope_that_no_service_holds():
    assert {door.scope for door in CALLS.values() if door.act in NEVER_BY_A_SERVICE} <= NEVER_FOR_A_SERVICE


# -- How far -------------------------------------------------------------------------------------------------

ABOUT_ONE = pytest.mark.parametrize("call", RIGHT)


@pytest.fixture
def outsiders(program_of, make_person, silent_subscription):
    """Programs that hold every role and scope they can, and reach nothing of what others have entered."""
    bot = add_person(name="Bot", email="bot@example.com", roles=[*Role], by=None, is_service=True)
    elsewhere = make_person()
    for role in LIMITABLE_ROLES:
        give_role(person=elsewhere, role=role, within=[silent_subscription()], by=None)
    service = program_of(bot, scopes=[Scope.READ, Scope.WRITE])
    Token.objects.filter(pk=service.token.pk).update(scopes=Scope.values)
    return [service, program_of(elsewhere), program_of(make_person(Role.QA, Role.QA_LEAD))]


@ABOUT_ONE
def test_an_outsider_does_not_learn_that_a_request_is_there(outsiders, previewed_request, call):
    reference = previewed_request().reference
    door = CALLS[call]

    for outsider in outsiders:
        found = answer_to(outsider, call, RIGHT[call], reference)
        if can(outsider.token.person, door.act):
            assert kind_of_problem(found) == "not-found"
            nothing = answer_to(outsider, call, RIGHT[call], "ED-00000000")
            assert found.json() == nothing.json()
        else:
            assert kind_of_problem(found) in {"role-missing", "not-for-services"}


def test_an_outsider_lists_and_opens_nothing_beyond_its_reach(outsiders, previewed_request):
    request = previewed_request()
    wish = {
        "kind": "offboarding",
        "subscription": request.subscriptions.get().name,
        "targets": [{"type": "account", "id": "a"}],
    }

    for outsider in outsiders:
        assert outsider.get("/requests").json() == {"requests": [], "next": None}
    for outsider in outsiders[1:]:
        assert kind_of_problem(outsider.post("/requests", wish)) == "not-this-person"


def test_another_services_request_is_not_readable(program_of, silent_subscription):
    subscription = silent_subscription()
    first, second = (
        program_of(
            add_person(name=name, email=f"{name}@example.com", roles=[Role.ANALYST], by=None, is_service=True)
        )
        for name in ("first", "second")
    )
    wish = {
        "kind": "test_data",
        "subscription": subscription.name,
        "targets": [{"type": "visitor", "id": "a"}],
    }
    reference = first.opened(**wish)

    assert first.get(f"/requests/{reference}").status_code == 200
    assert kind_of_problem(second.get(f"/requests/{reference}")) == "not-found"
    assert second.get("/requests").json()["requests"] == []


def test_a_call_about_nothing_finds_nothing(program_of, make_person):
    found = causes(program_of(make_person(*Role)))

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
