"""Standing approvals: who gives them, for how long, for what in production, and how they end."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.cleanup.allowances import end_allowance, set_allowance
from compliance.cleanup.approving import (
    current_standing,
    give_standing_approval,
    longest_day,
    withdraw_standing_approval,
)
from compliance.cleanup.choices import RuleAction
from compliance.cleanup.models import StandingApproval
from compliance.cleanup.reminders import look_after_standing_approvals
from compliance.cleanup.writing import change_rule
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.notifications.delivery import deliver
from compliance.people.models import Grant
from compliance.people.roles import Role
from compliance.workflow.errors import NotThisPerson, SetHasChanged
from tests.cleanup_fixtures import approve_rule, said

pytestmark = pytest.mark.django_db
RESET = {"action": RuleAction.RESET_GUIDES}
STAGED = {
    "action": RuleAction.RESET_ALL_STAGED,
    "source": None,
    "ids": (),
    "pattern": "",
}


@pytest.fixture
def production(silent_subscription):
    return silent_subscription(production=True)


def events(rule):
    return [entry.event for entry in entries_of(rule.chain)]


def test_an_officer_lets_an_erasing_rule_run_by_itself_for_at_most_ninety_days(make_rule, officer):
    rule = make_rule()

    given = approve_rule(rule, officer)

    assert given.ends_on == clock.today() + dt.timedelta(days=90)
    assert current_standing(rule.version) == given
    assert events(rule) == ["cleanup:rule:written", "cleanup:standing:given"]


def test_a_qa_lead_lets_a_rule_that_resets_run_by_itself_for_a_year(make_rule, qa_lead):
    assert approve_rule(make_rule(**RESET), qa_lead).ends_on == clock.today() + dt.timedelta(days=365)


@pytest.mark.parametrize("days", [-1, 91])
def test_it_ends_neither_in_the_past_nor_later_than_it_may(make_rule, officer, days):
    with pytest.raises(Refused, match="Choose a day"):
        approve_rule(make_rule(), officer, ends_on=clock.today() + dt.timedelta(days=days))


@pytest.mark.parametrize("what", [{}, STAGED])
def test_a_qa_lead_approves_nothing_that_can_not_be_undone(make_rule, qa_lead, what):
    with pytest.raises(NotThisPerson):
        approve_rule(make_rule(**what), qa_lead)


def test_wiping_staged_guides_elsewhere_takes_an_officer_and_ends_as_early_as_an_erasure(make_rule, officer):
    rule = make_rule(**STAGED)

    assert approve_rule(rule, officer).ends_on == longest_day(rule.version)
    assert longest_day(rule.version) == clock.today() + dt.timedelta(days=90)


def test_neither_the_author_nor_whoever_changed_it_nor_its_owner_approves(make_rule, make_person, qa):
    both = [Role.QA, Role.QA_LEAD]
    author, changer, owner = (make_person(*both) for _ in range(3))
    rule = make_rule(by=author, **RESET)
    change_rule(rule=rule, said=said(**RESET, most=9), by=changer)
    rule.owner = owner
    rule.save()

    for person in (author, changer, owner):
        with pytest.raises(NotThisPerson):
            approve_rule(rule, person)


def test_what_was_read_is_what_is_approved(make_rule, qa, officer):
    rule = make_rule()
    read = rule.version.digest
    change_rule(rule=rule, said=said(most=101), by=qa)

    with pytest.raises(SetHasChanged):
        give_standing_approval(rule=rule, digest=read, ends_on=clock.today(), by=officer)


def test_it_stands_once(make_rule, officer, second_officer):
    rule = make_rule(approved_by=officer)

    with pytest.raises(Refused, match="already"):
        approve_rule(rule, second_officer)


# -- In production -------------------------------------------------------------------------------------------


def test_in_production_a_rule_needs_a_pattern_that_an_officer_has_set(make_rule, officer, production):
    rule = make_rule(subscription=production)

    with pytest.raises(Refused, match="an officer has set"):
        approve_rule(rule, officer)
    set_allowance(subscription=production, pattern="qa-*", most=100, by=officer)
    assert approve_rule(rule, officer)


@pytest.mark.parametrize(("pattern", "most"), [("qa-1*", 100), ("qa-*", 99), ("*-qa", 100)])
def test_a_pattern_that_is_narrower_or_a_lower_cap_is_not_enough(
    make_rule, officer, production, pattern, most
):
    set_allowance(subscription=production, pattern=pattern, most=most, by=officer)

    with pytest.raises(Refused, match="production"):
        approve_rule(make_rule(subscription=production), officer)


def test_in_production_no_rule_that_wipes_for_everybody_runs_by_itself(make_rule, officer, production):
    with pytest.raises(Refused, match="two officers"):
        approve_rule(make_rule(subscription=production, **STAGED), officer)


def test_in_production_an_officer_of_less_than_a_day_does_not_approve(make_rule, officer, production):
    set_allowance(subscription=production, pattern="qa-*", most=100, by=officer)
    Grant.objects.filter(person=officer).update(granted_at=clock.now())

    with pytest.raises(NotThisPerson, match="24 hours"):
        approve_rule(make_rule(subscription=production), officer)


def test_a_pattern_that_ends_or_gets_a_lower_cap_ends_what_needed_it(make_rule, officer, production):
    allowance = set_allowance(subscription=production, pattern="qa-*", most=100, by=officer)
    rule = make_rule(subscription=production, approved_by=officer)

    lower = set_allowance(subscription=production, pattern="qa-*", most=99, by=officer)
    assert current_standing(rule.version) is None

    set_allowance(subscription=production, pattern="qa-*", most=100, by=officer)
    approve_rule(rule, officer)
    allowance = set_allowance(subscription=production, pattern="qa-*", most=200, by=officer)
    assert current_standing(rule.version)
    end_allowance(allowance=allowance, by=officer)
    assert current_standing(rule.version) is None
    with pytest.raises(Refused, match="ended already"):
        end_allowance(allowance=lower, by=officer)


def test_only_an_officer_sets_patterns_and_only_for_production(
    officer, qa_lead, production, silent_subscription
):
    with pytest.raises(NotThisPerson):
        set_allowance(subscription=production, pattern="qa-*", most=1, by=qa_lead)
    with pytest.raises(Refused, match="production"):
        set_allowance(subscription=silent_subscription(), pattern="qa-*", most=1, by=officer)
    with pytest.raises(Refused, match="guards nothing"):
        set_allowance(subscription=production, pattern="*", most=1, by=officer)


# -- Its end -------------------------------------------------------------------------------------------------


def test_whoever_wrote_the_rule_may_withdraw_its_standing_approval(make_rule, qa, officer):
    rule = make_rule(approved_by=officer)

    withdraw_standing_approval(rule=rule, by=qa)

    assert current_standing(rule.version) is None
    with pytest.raises(Refused, match="no standing approval"):
        withdraw_standing_approval(rule=rule, by=officer)


def test_others_may_not(make_rule, analyst, officer):
    with pytest.raises(NotThisPerson):
        withdraw_standing_approval(rule=make_rule(approved_by=officer), by=analyst)


def test_its_end_is_told_before_and_when_it_comes_once_each_to_owner_and_approver(
    make_rule, qa, officer, later, mailoutbox
):
    rule = make_rule(approved_by=officer)
    told = []
    for days in (75, 2, 9, 1, 4, 1):
        later(days=days)
        look_after_standing_approvals()
        look_after_standing_approvals()
        told.append(events(rule)[2:])

    assert [len(each) for each in told] == [0, 1, 1, 2, 3, 3]
    assert told[-1] == [
        "cleanup:standing:ends:soon",
        "cleanup:standing:ends:soon",
        "cleanup:standing:ended",
    ]
    assert StandingApproval.objects.get().ended_because == "expired"
    deliver()
    ended = [mail for mail in mailoutbox if "doesn't run by itself" in mail.subject]
    assert {mail.to[0] for mail in ended} == {qa.email, officer.email}
    assert "/cleanup/rules/nightly-qa/" in ended[0].body
