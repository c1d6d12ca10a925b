"""Starting runs: who may, what is joined, what is refused, and schedules."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from compliance.audit.queries import entries_of
from compliance.cleanup.choices import RuleAction, Source, Trigger
from compliance.cleanup.models import Rule, Run
from compliance.cleanup.narrowing import Narrowed, read_visitors
from compliance.cleanup.running import start_run
from compliance.cleanup.scheduled import start_due, start_due_runs
from compliance.cleanup.writing import change_rule, retire_rule
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.notifications.delivery import deliver
from compliance.people.membership import deactivate
from compliance.people.roles import Role
from compliance.workflow.changers import is_changer
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import Request
from compliance.workflow.queries import asked_things
from compliance.workflow.states import AskedKind, Kind
from tests.cleanup_fixtures import said

pytestmark = pytest.mark.django_db
NIGHTLY = {"cron": "30 2 * * *", "zone": "UTC"}


def run_of(rule, **how):
    return start_run(rule=rule, **({"trigger": Trigger.COMMAND} | how))


def test_two_of_the_same_join(make_rule):
    rule = make_rule()

    first, second = run_of(rule), run_of(rule)

    assert (first.joined, second.joined, first.run) == (False, True, second.run)
    assert Request.objects.count() == 1


def test_a_dry_run_and_one_that_is_narrowed_join_only_their_like(make_rule):
    rule = make_rule()
    narrowed = Narrowed({"qa-1": 1, "qa-2": 2})

    runs = [run_of(rule).run, run_of(rule, dry_run=True).run, run_of(rule, narrowed=narrowed).run]

    assert len({run.pk for run in runs}) == 3
    assert run_of(rule, narrowed=Narrowed({"qa-2": 1, "qa-1": 2})).run == runs[2]
    assert not run_of(rule, narrowed=Narrowed({"qa-2": 1})).joined


def test_the_database_itself_keeps_two_from_running_at_once(make_rule, make_person, previewed_request):
    run = run_of(make_rule()).run
    again = Run(rule=run.rule, version=run.version, request=previewed_request(), trigger=run.trigger)

    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


def test_once_all_is_sent_another_one_begins(make_rule):
    rule = make_rule()
    Run.objects.filter(pk=run_of(rule).run.pk).update(sent_at=clock.now())

    assert not run_of(rule).joined


def test_a_changed_rule_does_not_join_a_run_of_its_former_version(make_rule, qa):
    rule = make_rule()
    run_of(rule)
    change_rule(rule=rule, said=said(most=9), by=qa)

    assert not run_of(Rule.objects.get()).joined


def test_a_run_is_a_request_of_its_kind_in_the_name_of_whoever_starts_it(make_rule, qa_lead, qa):
    run = run_of(make_rule(), trigger=Trigger.PERSON, by=qa_lead).run

    assert (run.request.kind, run.request.entered_by) == (Kind.TEST_DATA, qa_lead)
    assert is_changer(run.request, qa)
    assert run.request.external_reference == "cleanup:nightly-qa"
    assert [thing.value for thing in asked_things(run.request)] == ["qa-1", "qa-2", "qa-3"]
    assert entries_of(run.rule.chain).last().body["facts"]["request"] == run.request.reference


def test_by_the_command_line_it_is_in_the_name_of_the_owner(make_rule, qa):
    run = run_of(make_rule()).run

    assert run.request.entered_by == qa
    assert entries_of(run.rule.chain).last().body["actor"] == "command line"


def test_who_may_not_run_rules_starts_none(make_rule, analyst, officer):
    rule = make_rule()

    for person in (analyst, officer):
        with pytest.raises(NotThisPerson):
            run_of(rule, by=person)


def test_whoever_gave_the_standing_approval_does_not_start_the_run(make_rule, qa_lead):
    rule = make_rule(approved_by=qa_lead, action=RuleAction.RESET_GUIDES)

    with pytest.raises(NotThisPerson, match="somebody else"):
        run_of(rule, by=qa_lead)
    assert run_of(rule, by=qa_lead, dry_run=True)


def test_a_retired_rule_is_not_run(make_rule, qa):
    rule = make_rule()
    retire_rule(rule=rule, by=qa)

    with pytest.raises(Refused, match="retired"):
        run_of(rule)


# -- Narrowing -----------------------------------------------------------------------------------------------


def refusal(rule, **narrowed):
    with pytest.raises(Refused) as refused:
        run_of(rule, narrowed=Narrowed(**narrowed))
    assert not Run.objects.exists()
    return str(refused.value)


def test_visitors_outside_the_guard_are_named_by_line_and_nothing_runs(make_rule):
    words = refusal(make_rule(), visitors={"qa-1": 1, "customer": 3})

    assert "line 3" in words
    assert "customer" not in words


@pytest.mark.parametrize(
    "about",
    [
        {"ids": ("qa-1", "qa-2")},
        {"source": Source.PREFIX, "value": "qa-1"},
        {"source": Source.SUFFIX, "value": "a-1"},
    ],
)
def test_visitors_outside_the_rule_are_named_by_line_where_the_id_shows_it(make_rule, about):
    assert "line 2:" in refusal(make_rule(**about), visitors={"qa-1": 1, "qa-9": 2})


def test_whether_others_belong_only_pendo_can_say(make_rule):
    rule = make_rule(source=Source.SEGMENT, value="seg-1")

    run = run_of(rule, narrowed=Narrowed({"qa-9": 1})).run

    assert [thing.kind for thing in asked_things(run.request)] == [AskedKind.SEGMENT]
    assert run.request.guard.narrowings.count() == 1


def test_a_rule_about_all_guides_is_narrowed_to_one(make_rule):
    rule = make_rule(action=RuleAction.RESET_GUIDES)

    run = run_of(rule, narrowed=Narrowed({"qa-1": 1}, guide="guide-7")).run

    assert [(each.kind, each.value) for each in asked_things(run.request)] == [
        (AskedKind.GUIDE, "guide-7"),
        (AskedKind.VISITOR, "qa-1"),
    ]


def test_a_guide_is_never_another_one(make_rule):
    rule = make_rule(action=RuleAction.RESET_GUIDE, guide="guide-7")

    assert "guide-7" in refusal(rule, guide="guide-8")
    assert run_of(rule, narrowed=Narrowed(guide="guide-7"))


def test_an_erasing_rule_has_no_guide_and_a_staged_one_no_visitors(make_rule):
    assert "no guides" in refusal(make_rule(), guide="guide-7")
    staged = make_rule(name="staged", action=RuleAction.RESET_ALL_STAGED, source=None, ids=(), pattern="")
    assert "everybody" in refusal(staged, visitors={"qa-1": 1})


def test_a_file_is_read_line_by_line():
    assert read_visitors("\ufeffqa-1\r\n\n  qa-2  \nqa-1\n") == {"qa-1": 1, "qa-2": 3}
    with pytest.raises(Refused, match="Line 2 holds a tab"):
        read_visitors("qa-1\nqa-2\tx\n")
    with pytest.raises(Refused, match="No visitor is named"):
        read_visitors("\n\n")


# -- Schedules -----------------------------------------------------------------------------------------------


def test_a_rule_that_is_due_is_run_once_for_its_moment(make_rule, later):
    rule = make_rule(**NIGHTLY)
    due_at = rule.next_run_at
    later(hours=25)

    start_due_runs()
    start_due_runs()

    run = Run.objects.get()
    assert (run.trigger, run.scheduled_for) == (Trigger.SCHEDULE, due_at)
    rule.refresh_from_db()
    assert rule.next_run_at > clock.now()


def test_moments_that_were_missed_are_one_run(make_rule, later):
    make_rule(**NIGHTLY)
    later(days=9)

    start_due_runs()

    assert Run.objects.count() == 1


def test_one_moment_never_starts_two_even_if_a_row_is_put_back(make_rule, later):
    rule = make_rule(**NIGHTLY)
    due_at = rule.next_run_at
    later(hours=25)
    start_due(rule.pk)
    Run.objects.update(sent_at=clock.now())
    Rule.objects.update(next_run_at=due_at)

    with pytest.raises(IntegrityError), transaction.atomic():
        start_due(rule.pk)


def test_what_is_not_due_is_not_run(make_rule):
    rule = make_rule(**NIGHTLY)

    assert start_due(rule.pk) is None
    start_due_runs()
    assert not Run.objects.exists()


def test_a_run_that_waits_is_joined_by_the_next_moment(make_rule, later):
    make_rule(**NIGHTLY)
    later(hours=25)
    start_due_runs()
    later(hours=24)
    start_due_runs()

    assert Run.objects.count() == 1


def test_a_rule_whose_owner_has_left_is_not_run_and_its_owner_is_told(make_rule, qa, make_person, later):
    rule = make_rule(**NIGHTLY)
    deactivate(person=qa, by=make_person(Role.ADMINISTRATOR))
    later(hours=25)

    start_due_runs()

    assert not Run.objects.exists()
    last = entries_of(rule.chain).last()
    assert last.event == "cleanup:run:not:started"
    assert "somebody else has to own it" in last.body["facts"]["why"]
    rule.refresh_from_db()
    assert rule.next_run_at > clock.now()


def test_the_owner_gets_mail_where_it_was_not_run(make_rule, qa, later, mailoutbox, monkeypatch):
    rule = make_rule(**NIGHTLY)
    rule.versions.update(guide="guide-1", action=RuleAction.RESET_GUIDE)
    monkeypatch.setattr("compliance.cleanup.running.refuse_wider", refuse_anything)
    later(hours=25)

    start_due_runs()
    deliver()

    (mail,) = [mail for mail in mailoutbox if "couldn't be run" in mail.subject]
    assert mail.to == [qa.email]
    assert "Not today." in mail.body


def refuse_anything(*_):
    raise Refused("Not today.")


def test_days_between_two_moments_do_not_drift(make_rule, later):
    rule = make_rule(**NIGHTLY)
    first = rule.next_run_at
    later(hours=25)
    start_due(rule.pk)

    rule.refresh_from_db()
    assert (rule.next_run_at - first) % dt.timedelta(days=1) == dt.timedelta(0)
