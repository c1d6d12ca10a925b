"""Writing rules: what is refused beside which field, versions and their digests, pausing and retiring."""

import pytest

from compliance.audit.queries import entries_of
from compliance.cleanup.approving import current_standing
from compliance.cleanup.choices import RuleAction, Source
from compliance.cleanup.definition import BadField, definition_of
from compliance.cleanup.models import Version
from compliance.cleanup.writing import change_rule, hand_over, pause_rule, resume_rule, retire_rule
from compliance.core.errors import Refused
from compliance.notifications.delivery import deliver
from compliance.people.roles import Role
from compliance.workflow.errors import NotThisPerson
from tests.cleanup_fixtures import said

pytestmark = pytest.mark.django_db
NIGHTLY = {"cron": "30 2 * * *", "zone": "Europe/Berlin"}
PREFIX = {"source": Source.PREFIX, "value": "qa-"}


def wrong_field(make_rule, **changes):
    with pytest.raises(BadField) as refusal:
        make_rule(**changes)
    return refusal.value.field, str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"action": RuleAction.ERASE, "reused": True}, "action"),
        ({"action": RuleAction.ERASE_AND_LIFT}, "action"),
        ({"action": RuleAction.RESET_GUIDE}, "guide"),
        ({"action": RuleAction.RESET_GUIDE, "guide": "all"}, "guide"),
        ({"guide": "g-1"}, "guide"),
        ({"action": RuleAction.RESET_ALL_STAGED}, "source"),
        ({"source": None, "ids": ()}, "source"),
        ({"ids": ()}, "ids"),
        ({"ids": ("qa-1", "customer")}, "ids"),
        ({"value": "qa-"}, "value"),
        ({"source": Source.PREFIX}, "value"),
        ({"source": Source.PREFIX, "value": "q"}, "value"),
        ({"source": Source.METADATA, "value": "environment"}, "value"),
        ({"source": Source.EMAIL_DOMAIN, "value": "nowhere"}, "value"),
        ({"source": Source.SEGMENT, "value": "a segment"}, "value"),
        ({**PREFIX, "ids": ("qa-1",)}, "ids"),
        ({"pattern": "*"}, "pattern"),
        ({"most": 0}, "most"),
        ({"most": 100_001}, "most"),
        ({"share": 101}, "share"),
        ({"cron": "nightly", "zone": "UTC"}, "cron"),
        ({"name": "Nightly QA"}, "name"),
    ],
)
def test_what_can_not_be_meant_is_refused_beside_its_field(make_rule, changes, field):
    assert wrong_field(make_rule, **changes)[0] == field


def test_ids_that_are_used_again_are_not_merely_erased_and_the_gap_is_named(make_rule):
    _, words = wrong_field(make_rule, action=RuleAction.ERASE, reused=True)

    assert "up to 21 days" in words
    assert "reset guides for them instead" in words


def test_ids_of_a_list_that_the_pattern_does_not_cover_are_named_by_line(make_rule):
    _, words = wrong_field(make_rule, ids=("qa-1", "customer", "qa-2", "other"))

    assert words == "The guard pattern doesn't cover lines 2, 4."
    assert "customer" not in words


def test_whoever_may_approve_it_gets_mail(make_rule, officer, qa_lead, qa, mailoutbox):
    make_rule()
    make_rule(name="fresh-guides", action=RuleAction.RESET_GUIDES)

    deliver()

    about = {mail.to[0]: mail for mail in mailoutbox if "wants to run by itself" in mail.subject}
    assert set(about) == {officer.email, qa_lead.email}
    assert "/cleanup/rules/nightly-qa/" in about[officer.email].body
    assert "/cleanup/rules/fresh-guides/" in about[qa_lead.email].body


def test_a_name_is_given_once(make_rule):
    make_rule()

    assert wrong_field(make_rule)[0] == "name"


def test_only_qa_writes_rules(make_rule, officer, analyst):
    for person in (officer, analyst):
        with pytest.raises(NotThisPerson):
            make_rule(by=person)


def test_a_list_of_ids_is_kept_under_seal_and_the_ledger_has_only_the_digest(make_rule):
    rule = make_rule()

    version = Version.objects.get()
    assert b"qa-1" not in bytes(version.sealed_ids)
    assert definition_of(version).ids == ("qa-1", "qa-2", "qa-3")
    (entry,) = entries_of(rule.chain)
    assert entry.body["facts"]["digest"] == version.digest
    assert "qa-1" not in entry.text


@pytest.mark.parametrize(
    "changes",
    [
        {"ids": ("qa-1", "qa-2")},
        {"pattern": "qa-*-*"},
        {"most": 99},
        {"share": 49},
        NIGHTLY,
        {"action": RuleAction.RESET_GUIDES},
        PREFIX,
    ],
)
def test_each_change_is_another_version_with_another_digest_and_ends_the_standing_approval(
    make_rule, qa, officer, changes
):
    changes = {"ids": ("qa-1-1",)} | changes if "pattern" in changes else changes
    rule = make_rule(approved_by=officer)
    before = rule.version

    after = change_rule(rule=rule, said=said(**changes), by=qa)

    assert (after.number, after.digest != before.digest) == (2, True)
    assert current_standing(before) is None
    assert current_standing(after) is None
    assert before.standing_approvals.get().ended_because == "changed"


def test_the_same_again_is_no_change(make_rule, qa, officer):
    rule = make_rule(approved_by=officer)

    assert change_rule(rule=rule, said=said(), by=qa).number == 1
    assert current_standing(rule.version)


def test_another_owner_is_no_change_of_what_it_says(make_rule, qa, qa_lead, officer):
    rule = make_rule(approved_by=officer)

    hand_over(rule=rule, owner=qa_lead, by=qa)

    rule.refresh_from_db()
    assert rule.owner == qa_lead
    assert current_standing(rule.version)


def test_an_owner_has_to_be_somebody_who_may_run_it(make_rule, qa, officer):
    with pytest.raises(BadField, match="owner"):
        hand_over(rule=make_rule(), owner=officer, by=qa)


def test_a_paused_schedule_has_no_next_moment_until_it_goes_on(make_rule, qa):
    rule = make_rule(**NIGHTLY)
    assert rule.next_run_at

    pause_rule(rule=rule, by=qa)
    rule.refresh_from_db()
    assert (rule.next_run_at, bool(rule.paused_at)) == (None, True)
    change_rule(rule=rule, said=said(**NIGHTLY, most=9), by=qa)
    rule.refresh_from_db()
    assert rule.next_run_at is None

    resume_rule(rule=rule, by=qa)
    rule.refresh_from_db()
    assert rule.next_run_at
    assert rule.paused_at is None


def test_a_rule_without_a_schedule_can_not_be_paused(make_rule, qa):
    with pytest.raises(Refused, match="no schedule"):
        pause_rule(rule=make_rule(), by=qa)


def test_a_retired_rule_is_changed_no_more(make_rule, qa, officer):
    rule = make_rule(approved_by=officer, **NIGHTLY)

    retire_rule(rule=rule, by=qa)

    rule.refresh_from_db()
    assert rule.next_run_at is None
    assert current_standing(rule.version) is None
    with pytest.raises(Refused, match="retired"):
        change_rule(rule=rule, said=said(most=1), by=qa)


def test_only_roles_that_write_rules_hold_them(make_person, make_rule):
    for role in set(Role) - {Role.QA, Role.QA_LEAD}:
        with pytest.raises(NotThisPerson):
            pause_rule(rule=make_rule(name=f"rule-{role.value.replace('_', '-')}"), by=make_person(role))
