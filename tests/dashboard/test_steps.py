"""What to do next, said to whoever looks."""

import pytest

from compliance.dashboard.queries import Work, work_of
from compliance.dashboard.steps import may_decide, next_step, next_work
from compliance.people.roles import Role
from compliance.workflow.changers import note_changer
from compliance.workflow.pausing import pause_request
from compliance.workflow.states import Outcome, State
from tests.request_fixtures import give_approval

ROLES = [Role.ANALYST, Role.OFFICER, Role.LEGAL]


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_every_state_has_a_next_step_for_everybody_who_reads_it(previewed_request, make_person, role):
    request, person = previewed_request(), make_person(role)

    for state in State:
        request.state = state
        assert next_step(request, person).endswith(".")


def test_an_officer_decides_about_what_others_entered(previewed_request, officer):
    request = previewed_request()

    assert may_decide(request, officer)
    assert "decide" in next_step(request, officer)


def test_ones_own_request_is_decided_by_another_officer(previewed_request, officer):
    request = previewed_request(by=officer)

    assert not may_decide(request, officer)
    assert "another privacy officer" in next_step(request, officer)


def test_who_changed_it_once_is_told_that_another_officer_decides(previewed_request, officer, analyst):
    request = previewed_request(by=analyst)

    note_changer(request, officer)

    assert not may_decide(request, officer)
    assert "another privacy officer" in next_step(request, officer)


def test_who_has_approved_is_told_that_a_second_person_is_wanted(previewed_request, officer, second_officer):
    request = previewed_request(visitors=[f"visitor-{number}" for number in range(101)], production=True)
    give_approval(request, officer)

    assert not may_decide(request, officer)
    assert "You have approved" in next_step(request, officer)
    assert may_decide(request, second_officer)


def test_who_only_reads_is_not_told_to_change_anything(previewed_request, make_person):
    request, legal = previewed_request(), make_person(Role.LEGAL)

    for state in (State.PREVIEWED, State.NOTHING_FOUND, State.REJECTED):
        request.state = state
        assert "change it" not in next_step(request, legal)


def test_the_days_that_pendo_may_take_are_those_of_the_setting(previewed_request, analyst, settings):
    settings.PENDO_COMPLETION_DAYS = 5
    request = previewed_request()
    request.state = State.CONFIRMING

    assert "up to 5 days" in next_step(request, analyst)


def test_whose_request_is_paused_is_told_who_lets_it_go_on(approved_in_grace, analyst, officer):
    pause_request(request=approved_in_grace, by=analyst)
    approved_in_grace.refresh_from_db()

    for state in (State.APPROVED, State.EXECUTING, State.CONFIRMING):
        approved_in_grace.state = state
        assert "paused" in next_step(approved_in_grace, analyst)
        assert "until a privacy officer lets it go on" in next_step(approved_in_grace, analyst)
        assert "Let it go on below" in next_step(approved_in_grace, officer)


def test_once_pendo_has_accepted_everything_a_pause_holds_nothing_up(approved_in_grace, analyst):
    pause_request(request=approved_in_grace, by=analyst)
    approved_in_grace.refresh_from_db()
    approved_in_grace.state = State.CONFIRMING
    approved_in_grace.targets.update(outcome=Outcome.ACCEPTED)

    assert "paused" not in next_step(approved_in_grace, analyst)


# -- The home page -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_every_role_is_told_what_to_do(make_person, role):
    person = make_person(role)

    assert next_work(work_of(person), person).endswith(".")


@pytest.mark.parametrize("field", ["attentions", "to_decide", "to_mend", "grants", "subscriptions"])
def test_what_waits_comes_before_anything_else(analyst, field):
    nothing = next_work(Work(), analyst)

    assert next_work(Work(**{field: ["something"]}), analyst) != nothing


def test_a_role_without_work_here_is_told_so(make_person):
    person = make_person()

    assert "no work here yet" in next_work(work_of(person), person)
