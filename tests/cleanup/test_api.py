"""Clean-up rules over REST."""

import pytest

from compliance.cleanup.approving import current_standing
from compliance.cleanup.models import Rule, Run
from compliance.people.membership import add_person
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from tests.api_fixtures import kind_of_problem, wrong_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(program_of, qa):
    return program_of(qa)


def body(subscription, **changes):
    return {
        "name": "nightly-qa",
        "subscription": subscription.name,
        "action": "erase",
        "reused": False,
        "source": "prefix",
        "value": "qa-",
        "pattern": "qa-*",
        "most": 3000,
        "share": 10,
    } | changes


def test_a_rule_is_written_read_and_changed(program, silent_subscription):
    subscription = silent_subscription()

    written = program.post("/cleanup/rules", body(subscription))
    said = {key: value for key, value in body(subscription).items() if key not in {"name", "subscription"}}
    changed = program.post("/cleanup/rules/nightly-qa", said | {"cron": "0 4 * * *", "zone": "UTC"})

    assert written.status_code == 201
    assert (written.json()["version"], changed.json()["version"]) == (1, 2)
    assert program.get("/cleanup/rules/nightly-qa").json() == changed.json()
    assert program.get("/cleanup/rules").json()["rules"] == [changed.json()]


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"pattern": "*"}, ["/pattern"]),
        ({"source": "list", "value": ""}, ["/visitors"]),
        ({"reused": True}, ["/action"]),
        ({"subscription": "Nowhere"}, ["/subscription"]),
        ({"most": 0}, ["/most"]),
        ({"name": "Nightly QA"}, ["/name"]),
    ],
)
def test_what_is_wrong_is_named_by_its_field(program, silent_subscription, changes, pointers):
    answer = program.post("/cleanup/rules", body(silent_subscription()) | changes)

    assert wrong_fields(answer) == pointers
    assert not Rule.objects.exists()


def test_a_run_is_answered_at_once_and_asked_for_until_it_is_accepted(program, bench, officer):
    bench.add("qa-1", "qa-2")
    bench.rule(approved_by=officer)

    started = program.post("/cleanup/rules/nightly-qa/run", {"visitors": ["qa-1", "qa-3"]})
    joined = program.post("/cleanup/rules/nightly-qa/run", {"visitors": ["qa-3", "qa-1"]})
    bench.rest(Run.objects.get())

    assert (started.status_code, started.json()["joined"], joined.json()["joined"]) == (202, False, True)
    run = program.get(f"/cleanup/runs/{started.json()['run']}").json()
    assert (run["accepted"], run["matched"], run["not_matched_lines"]) == (True, 1, [2])
    assert run["outcomes"] == {"accepted": 1, "not_found": 1}
    assert program.get("/cleanup/rules/nightly-qa/runs").json()["runs"] == [run]


def test_the_same_key_starts_one_run(program, make_rule):
    make_rule()

    answers = [program.post("/cleanup/rules/nightly-qa/run", {}, key="one") for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Run.objects.count() == 1


def test_visitors_outside_the_rule_are_refused_by_their_place(program, make_rule):
    make_rule()

    answer = program.post("/cleanup/rules/nightly-qa/run", {"visitors": ["qa-1", "customer-7"]})

    assert kind_of_problem(answer) == "refused"
    assert "line 2" in answer.json()["detail"]
    assert "customer-7" not in answer.content.decode()


def test_a_service_with_the_role_runs_rules_and_approves_none(program_of, make_rule):
    make_rule()
    service = add_person(name="CI", email="ci@example.com", roles=[Role.QA_LEAD], by=None, is_service=True)
    program = program_of(service, scopes=[Scope.CLEANUP_RUN, Scope.CLEANUP_READ])

    assert program.post("/cleanup/rules/nightly-qa/run", {"dry_run": True}).status_code == 202
    assert kind_of_problem(program.post("/cleanup/rules/nightly-qa/approve", {})) == "scope-missing"


def test_an_officer_approves_what_the_digest_stands_for_and_anybody_who_writes_rules_withdraws_it(
    program, program_of, make_rule, officer
):
    rule = make_rule()
    ends_on = "2026-12-01"
    given = {"digest": rule.version.digest, "ends_on": ends_on}

    wrong = program_of(officer).post("/cleanup/rules/nightly-qa/approve", given | {"digest": "0" * 64})
    answer = program_of(officer).post("/cleanup/rules/nightly-qa/approve", given)

    assert kind_of_problem(wrong) == "set-has-changed"
    assert answer.json()["standing_approval"]["ends_on"] == ends_on
    assert program.post("/cleanup/rules/nightly-qa/withdraw").json()["standing_approval"] is None
    assert current_standing(rule.version) is None


def test_a_schedule_is_paused_and_goes_on_and_a_rule_is_retired(program, make_rule):
    make_rule(cron="0 4 * * *", zone="UTC")

    assert program.post("/cleanup/rules/nightly-qa/pause").json()["paused"]
    assert not program.post("/cleanup/rules/nightly-qa/resume").json()["paused"]
    assert program.post("/cleanup/rules/nightly-qa/retire").json()["retired"]
    assert program.get("/cleanup/rules").json() == {"rules": []}


def test_an_officer_sets_and_ends_patterns_of_test_ids(program, program_of, officer, silent_subscription):
    production = silent_subscription(production=True)
    by_officer = program_of(officer)

    answer = by_officer.post(
        "/cleanup/test-ids", {"subscription": production.reference, "pattern": "qa-*", "most": 9}
    )

    (listed,) = program.get("/cleanup/test-ids").json()["test_ids"]
    assert (listed["number"], listed["most"]) == (answer.json()["number"], 9)
    assert by_officer.post(f"/cleanup/test-ids/{answer.json()['number']}/end").json() == {"done": True}
    assert program.get("/cleanup/test-ids").json() == {"test_ids": []}


@pytest.mark.parametrize("query", [{"limit": 0}, {"cursor": "made up"}, {"sort": "x"}])
def test_a_list_of_runs_refuses_what_it_does_not_know(program, make_rule, query):
    make_rule()

    assert kind_of_problem(program.get("/cleanup/rules/nightly-qa/runs", **query)) == "invalid"
