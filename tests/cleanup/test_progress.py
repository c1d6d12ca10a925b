"""Runs on a running sandbox: who is touched, by whose approval, and what becomes of it."""

import pytest

from compliance.cleanup.allowances import set_allowance
from compliance.cleanup.approving import withdraw_standing_approval
from compliance.cleanup.choices import Result, RuleAction, Source
from compliance.cleanup.narrowing import Narrowed
from compliance.cleanup.progress import why_of
from compliance.cleanup.queries import unmatched_lines
from compliance.cleanup.writing import change_rule
from compliance.core.errors import Refused
from compliance.execution.models import Call
from compliance.subscriptions.models import Subscription
from compliance.workflow.approvals import reject
from compliance.workflow.choosing import choose_targets
from compliance.workflow.guards import guard_of
from compliance.workflow.models import Approval
from compliance.workflow.opening import revise_request
from compliance.workflow.previews import current_preview
from compliance.workflow.sealing import end_reason_of
from compliance.workflow.states import AskedKind, Kind, State
from compliance.workflow.things import named
from tests.cleanup_fixtures import approve_rule, said
from tests.request_fixtures import events_of, give_approval
from tests.workflow_fixtures import outcomes

IDS = ("qa-1", "qa-2", "qa-3")


def test_a_rule_with_a_standing_approval_erases_exactly_whom_it_names(bench, officer, later):
    bench.add(*IDS, "qa-4")
    rule = bench.rule(approved_by=officer)

    run = bench.run(rule)

    assert run.sent_at
    assert not run.ended_at
    assert outcomes(run.request) == {"accepted": 3}
    bench.desk.finish(later)
    run = bench.rest(run)
    assert (run.result, run.outcomes) == (Result.DONE, {"erased": 3})
    assert [bench.desk.has(each) for each in (*IDS, "qa-4")] == [False, False, False, True]


def test_the_ledger_and_the_approval_name_rule_version_and_standing_approval(bench, officer):
    bench.add(*IDS)
    rule = bench.rule(approved_by=officer)

    run = bench.run(rule)

    word = Approval.objects.get()
    assert word.person == officer
    assert word.by_rule.endswith(", rule nightly-qa, version 1")
    assert "request:approval:rule" in events_of(run.request)
    assert "request:guard:laid" in events_of(run.request)


def test_without_a_standing_approval_a_run_waits_for_an_officer(bench, officer):
    bench.add(*IDS)
    rule = bench.rule()

    run = bench.run(rule)

    assert run.request.state == State.PREVIEWED
    assert not guard_of(run.request).by_rule
    give_approval(run.request, officer)
    run = bench.rest(run)
    assert outcomes(run.request) == {"accepted": 3}


def test_a_standing_approval_that_comes_later_has_pendo_asked_again_first(bench, officer):
    bench.add(*IDS)
    rule = bench.rule()
    run = bench.run(rule)

    approve_rule(rule, officer)
    run = bench.rest(run)

    assert current_preview(run.request).number == 2
    assert outcomes(run.request) == {"accepted": 3}


def test_a_dry_run_ends_by_itself_and_nothing_is_sent(bench, officer):
    bench.add(*IDS)
    rule = bench.rule(approved_by=officer)

    run = bench.run(rule, dry_run=True)

    assert (run.result, run.matched) == (Result.SHOWN, 3)
    assert run.request.state == State.CANCELLED
    assert end_reason_of(run.request) == "It was a dry run: nothing is sent."
    assert not Approval.objects.exists()
    assert not Call.objects.exists()


def test_a_run_that_matches_nobody_is_closed_by_itself(bench, officer):
    run = bench.run(bench.rule(approved_by=officer))

    assert (run.result, run.request.state) == (Result.NOTHING, State.CLOSED)


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_run_over_the_most_stops_before_the_first_call_and_says_why(bench, officer, dry_run):
    bench.add(*IDS)
    rule = bench.rule(approved_by=officer, most=2)

    run = bench.run(rule, dry_run=dry_run)

    assert run.result == Result.STOPPED
    assert why_of(run) == "3 targets were matched, and one run may touch 2."
    assert "request:guard:stopped" in events_of(run.request)
    assert bench.desk.posts() == []


def test_a_run_over_its_share_of_all_visitors_stops(bench, officer):
    bench.add(*IDS)
    rule = bench.rule(approved_by=officer, share=1)

    run = bench.run(rule)

    assert run.result == Result.STOPPED
    assert why_of(run) == "3 of 203 visitors were matched: more than 1 %."
    assert end_reason_of(run.request) == why_of(run)


def test_the_number_of_all_visitors_is_known_for_a_while(bench, officer):
    bench.add(*IDS)
    rule = bench.rule(approved_by=officer)
    first = bench.run(rule, dry_run=True)

    second = bench.run(rule, dry_run=True)

    assert first.request.scans.exists()
    assert not second.request.scans.exists()
    assert guard_of(second.request).visitors == 203


def test_guides_are_reset_for_the_visitors_of_the_rule(bench, qa_lead, sandbox):
    bench.add(*IDS)
    rule = bench.rule(approved_by=qa_lead, action=RuleAction.RESET_GUIDES)

    run = bench.run(rule)

    assert (run.request.kind, run.result, run.outcomes) == (Kind.GUIDE_RESET, Result.DONE, {"reset": 3})


def test_a_change_ends_what_waits_and_voids_the_standing_approval(bench, qa, officer):
    bench.add(*IDS)
    rule = bench.rule()
    run = bench.run(rule)

    change_rule(rule=rule, said=said(most=99), by=qa)
    run = bench.rest(run)

    assert (run.result, run.request.state) == (Result.CANCELLED, State.CANCELLED)
    assert "was changed" in end_reason_of(run.request)


def test_ids_still_queued_from_an_earlier_run_are_accepted(bench, officer):
    bench.add(*IDS, "qa-9")
    rule = bench.rule(approved_by=officer, ids=(*IDS, "qa-9"))
    first = bench.run(rule)
    assert outcomes(first.request) == {"accepted": 4}

    second = bench.run(rule)

    assert second != first
    assert outcomes(second.request) == {"accepted": 4}


def test_do_not_process_is_lifted_once_everybody_is_erased(bench, officer, later):
    bench.add(*IDS)
    rule = bench.rule(approved_by=officer, action=RuleAction.ERASE_AND_LIFT, reused=True)
    run = bench.run(rule)
    assert "qa-1" in bench.desk.pendo.do_not_process["visitor"]

    bench.desk.finish(later)
    run = bench.rest(run)

    assert run.result == Result.DONE
    assert run.lifting.kind == Kind.READMISSION
    assert run.outcomes == {"erased": 3}
    assert outcomes(run.lifting) == {"returned": 3}
    assert "qa-1" not in bench.desk.pendo.do_not_process["visitor"]


def test_a_run_tells_what_is_new_and_what_is_gone_since_the_last_one(bench, officer):
    bench.add("qa-1", "qa-2")
    rule = bench.rule(approved_by=officer)
    bench.run(rule, dry_run=True)
    bench.add("qa-3")
    bench.desk.pendo.visitors.remove("qa-1")

    run = bench.run(rule, dry_run=True)

    assert (run.matched, run.fresh, run.gone) == (2, 1, 1)


def test_a_run_that_an_officer_sends_back_has_ended_and_another_one_may_begin(bench, officer):
    bench.add(*IDS)
    rule = bench.rule()
    run = bench.run(rule)

    reject(request=run.request, by=officer, reason="Whose are these?")
    run = bench.rest(run)

    assert (run.result, run.request.state) == (Result.CANCELLED, State.CANCELLED)
    assert bench.start(rule) != run


def test_nobody_changes_what_a_run_asks_nor_chooses_among_whom_it_matched(bench, analyst):
    bench.add(*IDS)
    run = bench.run(bench.rule())
    things = named(AskedKind.VISITOR, ["customer-1"])

    with pytest.raises(Refused, match="Change the rule"):
        revise_request(
            request=run.request, things=things, subscriptions=[bench.desk.subscription], by=analyst
        )
    with pytest.raises(Refused, match="Change the rule"):
        choose_targets(request=run.request, by=analyst, exclude=[run.request.targets.first().pk])
    assert run.request.targets.filter(outcome="pending").count() == 3


def test_a_standing_approval_withdrawn_within_the_grace_voids_what_it_has_approved(bench, qa, officer, later):
    Subscription.objects.update(production=True)
    bench.desk.subscription.refresh_from_db()
    set_allowance(subscription=bench.desk.subscription, pattern="qa-*", most=100, by=officer)
    bench.add(*IDS)
    rule = bench.rule(approved_by=officer)
    run = bench.run(rule)
    assert run.request.state == State.APPROVED

    withdraw_standing_approval(rule=rule, by=qa)
    later(minutes=31)
    run = bench.rest(run)

    assert run.request.state == State.PREVIEWED
    assert "request:approval:void" in events_of(run.request)
    assert bench.desk.posts() == []


# -- Sources that Pendo has to be asked about ----------------------------------------------------------------


def test_a_prefix_erases_whoever_has_it_and_nobody_else(bench, officer):
    bench.add("qa-1", "qa-2", "aqa-3", "QA-4")
    rule = bench.rule(approved_by=officer, source=Source.PREFIX, value="qa-")

    run = bench.run(rule)

    assert outcomes(run.request) == {"accepted": 2}
    assert sorted(each for ids in bench.desk.accepted() for each in ids) == ["qa-1", "qa-2"]


def test_somebody_whom_the_guard_pattern_does_not_cover_stops_the_whole_run(bench, officer):
    bench.add("qa-1-test", "customer-test")
    rule = bench.rule(approved_by=officer, source=Source.SUFFIX, value="-test", pattern="qa-1*")

    run = bench.run(rule)

    assert run.result == Result.STOPPED
    assert why_of(run) == "One visitor was matched whom the guard pattern qa-1* doesn't cover."
    assert bench.desk.posts() == []


def test_a_narrowed_run_hits_the_intersection_and_says_who_was_not_matched(bench, officer):
    bench.add("qa-1", "qa-2", "qa-3")
    rule = bench.rule(approved_by=officer, source=Source.EMAIL_DOMAIN, value="qa.example", pattern="qa-*")
    bench.email("qa-1", "a@qa.example")
    bench.email("qa-3", "b@qa.example")

    run = bench.run(rule, narrowed=Narrowed({"qa-1": 1, "qa-2": 2}))

    assert unmatched_lines(run) == [2]
    assert outcomes(run.request) == {"accepted": 1, "spared": 1}
    assert bench.desk.accepted() == [["qa-1"]]
