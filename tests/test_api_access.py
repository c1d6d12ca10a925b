"""Every call of the API against nobody, every role and every scope."""

import datetime as dt

import pytest

from compliance.api import api
from compliance.core import clock
from compliance.execution.models import Cause, Finding
from compliance.people.access import MAY, NEVER_BY_A_SERVICE, Act, can
from compliance.people.membership import add_person
from compliance.people.models import Token
from compliance.people.roles import LIMITABLE_ROLES, Role
from compliance.people.scopes import NEVER_FOR_A_SERVICE, Scope
from compliance.subscriptions.limits import give_role
from compliance.workflow.attention import raise_attention
from compliance.workflow.incidents import report_wrong_deletion
from compliance.workflow.models import Appeal, AppealKind, Attention, Request
from compliance.workflow.recipients import open_recipient_tasks
from compliance.workflow.sealing import correspondence_vault
from compliance.workflow.states import Channel, State
from tests.api_fixtures import Program, kind_of_problem, wrong_fields

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


DAY, MOMENT, REASON = "2026-11-02", "2026-11-02T09:30:00Z", {"reason": "Asked to."}
TARGETS = [{"type": "visitor", "id": "v-1"}]
HELD = {
    "reason": "H_LITIGATION",
    "matter": "M",
    "review_on": (clock.today() + dt.timedelta(days=90)).isoformat(),
}
HEARD = {"received_on": DAY, "channel": "email"}
#: For each call about one request, a body with which it would do something.
RIGHT = {
    "GET /requests/{reference}": None,
    "GET /requests/{reference}/asked": None,
    "GET /requests/{reference}/batches": None,
    "GET /requests/{reference}/history": None,
    "GET /requests/{reference}/processing": None,
    "GET /requests/{reference}/refusals": None,
    "GET /requests/{reference}/targets": None,
    "GET /requests/{reference}/texts": None,
    "POST /requests/{reference}/appeals": HEARD | {"kind": "appeal", "text": "Look again."},
    "POST /requests/{reference}/approve": {"digest": "0" * 64, "count": 3},
    "POST /requests/{reference}/cancel": REASON,
    "POST /requests/{reference}/choose": {},
    "POST /requests/{reference}/confirm-everything-held": None,
    "POST /requests/{reference}/confirm-nothing-found": None,
    "POST /requests/{reference}/customer": {"name": "Yak Ltd"},
    "POST /requests/{reference}/elsewhere": {"case": "CASE-1", "due_on": "2030-01-01"},
    "POST /requests/{reference}/extend": {"ground": "COMPLEXITY", "reason": "A reason about this request."},
    "POST /requests/{reference}/forward": None,
    "POST /requests/{reference}/here": None,
    "POST /requests/{reference}/hold": HELD,
    "POST /requests/{reference}/identity": {"asked_on": DAY},
    "POST /requests/{reference}/instruction": {"who": "Y", "instructed_on": DAY, "evidence": "By letter."},
    "POST /requests/{reference}/law": {"law": "EU_GDPR"},
    "POST /requests/{reference}/look-again-at-held": None,
    "POST /requests/{reference}/messages": HEARD,
    "POST /requests/{reference}/pause": REASON,
    "POST /requests/{reference}/preview": None,
    "POST /requests/{reference}/refusal/agree": None,
    "POST /requests/{reference}/refusal/decline": REASON,
    "POST /requests/{reference}/refusal/take-back": None,
    "POST /requests/{reference}/refuse": {"code": "R_12_5_EXCESSIVE", "facts": "Facts of this very request."},
    "POST /requests/{reference}/reject": REASON,
    "POST /requests/{reference}/release": REASON,
    "POST /requests/{reference}/resume": None,
    "POST /requests/{reference}/revise": {"targets": TARGETS},
    "POST /requests/{reference}/role": {"role": "processor"},
    "POST /requests/{reference}/withdraw": {"withdrawn_on": DAY, "channel": "email"},
    "POST /requests/{reference}/without": {"subscription": "subscription/1"},
    "POST /requests/{reference}/wrong": {"happened": "Two of one name", "aware_at": MOMENT},
}
#: As much for each call about what belongs to a request, or to a subscription.
BELONGING = {
    "GET /appeals/{number}": None,
    "POST /appeals/{number}/acknowledge": None,
    "POST /appeals/{number}/decide": REASON | {"result": "upheld"},
    "POST /appeals/{number}/extend": REASON,
    "POST /attention/{number}/end-waiting": None,
    "POST /attention/{number}/settle": None,
    "GET /findings/{number}": None,
    "POST /findings/{number}/explain": REASON,
    "POST /findings/{number}/let-in": REASON,
    "GET /holds/{number}": None,
    "POST /holds/{number}/lift": REASON,
    "POST /holds/{number}/resume": {},
    "POST /holds/{number}/review": {"review_on": "2030-01-01"},
    "POST /holds/{number}/suspend": None,
    "GET /incidents/{number}": None,
    "POST /incidents/{number}/assess": {"risk": "risk", "persons": 1, "categories": "All"},
    "POST /incidents/{number}/close": None,
    "POST /incidents/{number}/decide": REASON | {"tell_authority": True, "tell_persons": True},
    "POST /incidents/{number}/notified": {"whom": "authority", "at": MOMENT},
    "POST /incidents/{number}/readmit": None,
    "GET /subscriptions/{number}": None,
    "POST /subscriptions/{number}/look": None,
    "POST /subscriptions/{number}/pause": None,
    "POST /subscriptions/{number}/resume": None,
    "GET /tasks/{number}": None,
    "POST /tasks/{number}/finish": {"told": "told", "evidence": "Ticket 17"},
    "POST /tasks/{number}/hand-over": {"owner": "analyst@demo.example"},
}
#: Rules, runs and webhooks have numbers, too, and tests of their own.
ELSEWHERE = ("/cleanup/", "/hooks/")


def path_of(call):
    return call.partition(" ")[2]


def answer_to(program, call, body, **named):
    method, _, path = call.partition(" ")
    path = path.format(**named)
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

OUTSIDERS = ["a service", "elsewhere", "for tests"]
EACH_OUTSIDER = pytest.mark.parametrize("who", OUTSIDERS)


@pytest.fixture
def outsider(program_of, make_person, silent_subscription):
    """`outsider(who)`: a program that holds every role and scope it can, and reaches nothing of others."""

    def make(who):
        if who == "for tests":
            return program_of(make_person(Role.QA, Role.QA_LEAD))
        if who == "elsewhere":
            person = make_person()
            for role in LIMITABLE_ROLES:
                give_role(person=person, role=role, within=[silent_subscription()], by=None)
            return program_of(person)
        bot = add_person(name="Bot", email="bot@example.com", roles=[*Role], by=None, is_service=True)
        service = program_of(bot, scopes=[Scope.READ, Scope.WRITE])
        Token.objects.filter(pk=service.token.pk).update(scopes=Scope.values)
        return service

    return make


@pytest.fixture
def belongings(previewed_request, make_recipient, hold, analyst):
    """A request, and by the first word of its address the number of each thing that belongs to it."""
    request = previewed_request()
    Request.objects.filter(pk=request.pk).update(state=State.EXECUTING)
    request.refresh_from_db()
    subscription, vault = request.subscriptions.get(), correspondence_vault(request)
    make_recipient()
    open_recipient_tasks(request)
    raise_attention(request=request, subscription=subscription, reason=Attention.Reason.UNREACHABLE)
    incident = report_wrong_deletion(request=request, happened="Two", aware_at=clock.now(), by=analyst)
    appeal = Appeal.objects.create(
        request=request,
        kind=AppealKind.COMPLAINT,
        received_on=clock.today(),
        channel=Channel.EMAIL,
        sealed_text=vault.seal("Look again.", purpose="appeal"),
        legal=clock.today(),
        safe=clock.today(),
        entered_by=analyst,
    )
    return request, {
        "appeals": appeal.pk,
        "attention": request.attentions.get(reason=Attention.Reason.UNREACHABLE).pk,
        "findings": Finding.objects.create(subscription=subscription, cause=Cause.RETURNED).pk,
        "holds": hold(visitors=["v-1"]).pk,
        "incidents": incident.pk,
        "subscriptions": subscription.pk,
        "tasks": request.recipient_tasks.get().pk,
    }


def test_no_call_about_one_thing_is_left_out():
    assert {call for call in CALLS if "{reference}" in call} == set(RIGHT)
    numbered = {call for call in CALLS if "{number}" in call and not path_of(call).startswith(ELSEWHERE)}
    assert numbered == set(BELONGING)


@EACH_OUTSIDER
def test_an_outsider_does_not_learn_that_a_request_is_there(outsider, previewed_request, who):
    program, reference = outsider(who), previewed_request().reference

    for call, body in RIGHT.items():
        found = answer_to(program, call, body, reference=reference)
        nothing = answer_to(program, call, body, reference="ED-00000000")
        assert (call, found.json()) == (call, nothing.json())
        assert (call, kind_of_problem(found)) == (call, no_for(program, call))


@EACH_OUTSIDER
def test_an_outsider_does_not_learn_what_belongs_to_a_request(outsider, belongings, who):
    program, (_, numbers) = outsider(who), belongings

    for call, body in BELONGING.items():
        thing = path_of(call).split("/")[1]
        if thing == "subscriptions" and who == "a service":
            continue  # It reaches all of them: only what others entered there, it doesn't.
        found = answer_to(program, call, body, number=numbers[thing])
        nothing = answer_to(program, call, body, number=NOTHING["number"])
        assert (call, found.json()) == (call, nothing.json())
        assert (call, kind_of_problem(found)) == (call, no_for(program, call))


def no_for(program, call):
    person, act = program.token.person, CALLS[call].act
    if can(person, act):
        return "not-found"
    return "not-for-services" if person.is_service and act in NEVER_BY_A_SERVICE else "role-missing"


@EACH_OUTSIDER
def test_an_outsider_finds_nothing_in_any_list_or_search(outsider, belongings, who):
    program, (request, numbers) = outsider(who), belongings
    name = request.subscriptions.get().name
    lists = [call for call in CALLS if call.startswith("GET ") and "{" not in call]
    opened = {path_of(call): program.get(path_of(call)) for call in lists}
    searches = [program.post("/requests/search", {"text": request.reference})]
    if can(program.token.person, Act.HOLD):
        searches.append(program.post("/holds/search", {"text": "v-1"}))

    for path, answer in opened.items():
        if answer.status_code == 200:
            assert request.reference not in answer.content.decode(), path
            # A service reaches all subscriptions; what there is to see of them names no request.
            assert who == "a service" or name not in answer.content.decode(), path
        thing = path.removeprefix("/")
        if answer.status_code == 200 and thing in numbers.keys() - {"subscriptions"}:
            assert answer.json()[thing] == [], path
    assert all([] in answer.json().values() for answer in searches)


def test_whoever_reaches_it_finds_it_in_each_of_these_lists(belongings, program_of, make_person):
    program, (request, numbers) = program_of(make_person(*Role)), belongings

    for thing, number in numbers.items():
        assert number in [each["number"] for each in program.get(f"/{thing}").json()[thing]], thing
    named = program.post("/requests/search", {"text": request.reference}).json()["requests"]
    assert [each["reference"] for each in named] == [request.reference]


@EACH_OUTSIDER
def test_an_outsider_takes_no_entry_away(outsider, belongings, who):
    program, (request, _) = outsider(who), belongings
    day = clock.today().isoformat()

    period = program.get("/audit/export", **{"from": day, "to": day})
    one = program.get("/audit/export", request=request.reference)

    no_export = "role-missing" if who == "for tests" else None
    assert kind_of_problem(period) == (no_export or "not-this-person")
    assert kind_of_problem(one) == (no_export or "not-found")


@EACH_OUTSIDER
def test_an_outsider_opens_nothing_beyond_its_reach(outsider, belongings, who):
    program, (request, numbers) = outsider(who), belongings
    wish = {"subscription": request.subscriptions.get().name, "targets": TARGETS, "kind": "erasure"}

    if who != "a service":
        assert kind_of_problem(program.post("/requests", wish)) == "not-this-person"
    assert wrong_fields(program.post("/requests", wish | {"finding": numbers["findings"]})) == ["/finding"]


def test_a_service_reads_and_lifts_the_holds_that_it_placed(program_of, hold):
    hold(visitors=["v-2"])
    bot = add_person(name="Bot", email="bot@example.com", roles=[Role.LEGAL], by=None, is_service=True)
    program = program_of(bot)

    placed = program.post("/holds", HELD | {"things": [{"kind": "visitor", "value": "v-2"}]}).json()

    assert [each["number"] for each in program.get("/holds").json()["holds"]] == [placed["number"]]
    assert program.get(f"/holds/{placed['number']}").json()["kept_back"] == []
    assert program.post(f"/holds/{placed['number']}/lift", REASON).json()["stands"] is False


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
