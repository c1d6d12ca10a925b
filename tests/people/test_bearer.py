"""Who gets past the door of the API."""

import pytest

from compliance.core import clock
from compliance.people.membership import add_person, deactivate
from compliance.people.models import Token
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from compliance.people.tokens import make_token, new_secret, revoke_token
from tests.api_fixtures import Program, kind_of_problem

pytestmark = pytest.mark.django_db


def is_refused(program, cause, status):
    answer = program.get("/requests")
    assert answer.status_code == status
    return kind_of_problem(answer) == cause


def test_a_working_token_opens_and_its_use_is_noted(program_of, analyst):
    program = program_of(analyst)

    assert program.get("/requests").status_code == 200
    assert Token.objects.get().last_used_on == clock.today()


@pytest.mark.parametrize("secret", [None, "", "nonsense", "edt_", "well-formed"])
def test_without_a_token_that_there_is_nothing_opens(secret):
    answer = Program(new_secret() if secret == "well-formed" else secret).get("/requests")

    assert (answer.status_code, kind_of_problem(answer)) == (401, "not-authenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["Basic {}", "Token {}", "{}", "Bearer", "Bearer  ", "bearer\t{}"])
def test_a_token_is_shown_in_one_way_only(client, program_of, analyst, header):
    program = program_of(analyst)

    answer = client.get("/api/v1/requests", headers={"Authorization": header.format(program.secret)})

    assert kind_of_problem(answer) == "not-authenticated"


def test_a_browsers_session_opens_nothing(client_of, analyst):
    answer = client_of(analyst).get("/api/v1/requests")

    assert kind_of_problem(answer) == "not-authenticated"


def test_a_token_that_nobody_has_allowed_opens_nothing(analyst):
    made = make_token(person=analyst, name="Pipeline", scopes=[Scope.READ], by=analyst)

    assert is_refused(Program(made.secret), "token-not-allowed-yet", 401)


def test_a_revoked_token_opens_nothing(program_of, analyst):
    program = program_of(analyst)
    revoke_token(token=program.token, by=analyst)

    assert is_refused(program, "token-revoked", 401)


def test_an_expired_token_opens_nothing(program_of, analyst, later):
    program = program_of(analyst)
    later(days=91)

    assert is_refused(program, "token-expired", 401)


def test_a_token_without_the_scope_opens_nothing(program_of, officer):
    assert is_refused(program_of(officer, scopes=[Scope.WRITE, Scope.APPROVE]), "scope-missing", 403)


@pytest.mark.parametrize("role", [Role.KEY_CUSTODIAN, Role.ADMINISTRATOR, None])
def test_a_token_never_can_more_than_its_owners_roles(program_of, make_person, role):
    person = make_person(*([role] if role else []))

    assert is_refused(program_of(person), "role-missing", 403)


def test_a_token_of_a_deactivated_person_opens_nothing(program_of, analyst, make_person):
    program = program_of(analyst)
    deactivate(person=analyst, by=make_person(Role.ADMINISTRATOR))

    assert is_refused(program, "not-authenticated", 401)


def test_legal_reads_and_changes_nothing(program_of, make_person, previewed_request):
    program, request = program_of(make_person(Role.LEGAL)), previewed_request()

    assert program.get(f"/requests/{request.reference}").status_code == 200
    for path, body in (
        ("/requests", {"kind": "erasure", "targets": [{"type": "visitor", "id": "v"}]}),
        (f"/requests/{request.reference}/preview", None),
        (f"/requests/{request.reference}/cancel", {"reason": "Why"}),
        (f"/requests/{request.reference}/approve", {"digest": "0" * 64, "count": 1}),
    ):
        assert kind_of_problem(program.post(path, body)) == "role-missing"


@pytest.mark.parametrize("scopes", [[Scope.READ, Scope.WRITE], [Scope.APPROVE]])
def test_a_service_never_approves_whatever_it_holds(program_of, previewed_request, scopes):
    service = add_person(name="Bot", email="bot@example.com", roles=[Role.OFFICER], by=None, is_service=True)
    program, request = program_of(service, scopes=[Scope.READ]), previewed_request()
    Token.objects.update(scopes=[scope.value for scope in scopes])

    answer = program.post(f"/requests/{request.reference}/approve", {"digest": "0" * 64, "count": 3})

    cause = "not-for-services" if Scope.APPROVE in scopes else "scope-missing"
    assert (answer.status_code, kind_of_problem(answer)) == (403, cause)


def test_a_service_opens_requests(program_of, silent_subscription):
    service = add_person(name="Bot", email="bot@example.com", roles=[Role.ANALYST], by=None, is_service=True)
    silent_subscription(production=True)

    answer = program_of(service).post(
        "/requests", {"kind": "erasure", "targets": [{"type": "visitor", "id": "v"}]}
    )

    assert answer.status_code == 201


def test_a_token_is_looked_up_before_the_call_is_read(program_of, analyst):
    answer = program_of(analyst, scopes=[Scope.READ]).post("/requests", b"{")

    assert kind_of_problem(answer) == "scope-missing"


def test_what_is_answered_is_stored_nowhere_on_the_way(program_of, analyst):
    assert program_of(analyst).get("/requests")["Cache-Control"] == "private, no-store"
