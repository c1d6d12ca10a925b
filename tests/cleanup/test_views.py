"""Clean-up rules on screen."""

import pytest
from django.urls import reverse

from compliance.cleanup.allowances import set_allowance
from compliance.cleanup.approving import current_standing
from compliance.cleanup.choices import RuleAction
from compliance.cleanup.models import Allowance, Rule, Run
from compliance.connectors.pendo import Report, Segment
from compliance.people.roles import Role
from compliance.workflow.offerings import due_offerings, keep_offering
from tests.cleanup_fixtures import approve_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client_of, qa):
    return client_of(qa)


def typed(subscription, owner, **changes):
    return {
        "name": "nightly-qa",
        "subscription": subscription.pk,
        "owner": owner.pk,
        "reused": "no",
        "action": "erase",
        "source": "prefix",
        "value": "qa-",
        "pattern": "qa-*",
        "most": 3000,
        "share": 10,
        "cron": "30 2 * * 1-5",
        "zone": "Europe/Berlin",
    } | changes


def page(answer):
    return " ".join(answer.content.decode().split())


def test_qa_writes_a_rule_and_sees_it_in_plain_words(browser, qa, silent_subscription):
    subscription = silent_subscription()

    answer = browser.post(reverse("cleanup_rule_new"), typed(subscription, qa), follow=True)

    shown = page(answer)
    assert f"Erases visitors whose id begins with qa- in {subscription.name}." in shown
    assert (
        "Every id has to match qa-*; at most 3,000 a run, and never more than 10 % of all visitors" in shown
    )
    assert "30 2 * * 1-5 (Europe/Berlin)" in shown
    assert "up to 21 days" in shown


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(browser, qa, silent_subscription):
    sent = typed(silent_subscription(), qa, reused="yes", value="q", cron="often")

    answer = browser.post(reverse("cleanup_rule_new"), sent)

    assert answer.status_code == 422
    assert "up to 21 days" in str(answer.context["form"].errors["action"])
    assert 'value="often"' in page(answer)
    assert not Rule.objects.exists()


def test_the_form_offers_the_lists_of_pendo_and_says_which_cannot_be_read(browser, silent_subscription):
    subscription, where = silent_subscription(), reverse("cleanup_rule_new")
    assert "being read from Pendo" in page(browser.get(where))

    keep_offering(
        due_offerings(subscription).get(),
        segments=[Segment("sg1", "QA visitors")],
        reports=[Report("rp1", "Nightly", "account", "List"), Report("rp2", "Way in", None, "Path")],
    )

    shown = page(browser.get(where))
    assert f'<option value="sg1">QA visitors (a segment; {subscription.name})</option>' in shown
    assert (
        f'<option value="rp1">Nightly (a report: a list of accounts; {subscription.name})</option>' in shown
    )
    assert 'value="rp2"' not in shown
    assert f"Can’t be read from outside {subscription.name}: Way in (path)" in shown


def test_an_empty_form_says_what_it_wants(browser):
    answer = browser.post(reverse("cleanup_rule_new"), {})

    assert answer.status_code == 422
    assert {"name", "subscription", "owner", "reused", "action"} <= set(answer.context["form"].errors)


def test_a_change_shows_what_the_rule_says_and_keeps_what_is_sent(browser, qa, make_rule, officer):
    rule = make_rule(approved_by=officer)

    opened = browser.get(reverse("cleanup_rule_change", args=[rule.name]))
    sent = {**opened.context["form"].initial, "owner": qa.pk, "ids": "qa-1\nqa-9"}
    answer = browser.post(reverse("cleanup_rule_change", args=[rule.name]), sent, follow=True)

    assert "ends its standing approval" in page(opened)
    assert rule.versions.latest("number").count == 2
    assert "ended on" in page(answer)


def test_the_list_shows_runs_approvals_and_schedules_in_a_constant_number_of_queries(
    browser, make_rule, officer, django_assert_max_num_queries
):
    for number in range(3):
        rule = make_rule(name=f"rule-{number}", cron="0 4 * * *", zone="UTC", approved_by=officer)
    browser.post(reverse("cleanup_rule_run", args=[rule.name]))
    browser.get(reverse("cleanup_rules"))

    with django_assert_max_num_queries(22):
        shown = page(browser.get(reverse("cleanup_rules")))

    assert shown.count("until") == 3
    assert "Pendo is being asked who matches" in shown


def test_a_dry_run_and_a_run_are_a_click_away_and_a_second_click_joins(browser, make_rule):
    rule = make_rule()

    browser.post(reverse("cleanup_rule_run", args=[rule.name]), {"dry": "1"})
    answer = browser.post(reverse("cleanup_rule_run", args=[rule.name]), {"dry": "1"}, follow=True)

    run = Run.objects.get()
    assert run.dry_run
    assert "under way already" in page(answer)
    assert "dry run: nothing is sent" in page(answer)


def test_the_officer_sees_exactly_what_is_approved(client_of, make_rule, officer):
    rule = make_rule()

    browser = client_of(officer)
    opened = browser.get(reverse("cleanup_rule_approve", args=[rule.name]))
    browser.post(opened.wsgi_request.path, {"digest": rule.version.digest, "ends_on": opened.context["last"]})

    shown = page(opened)
    assert rule.version.digest in shown
    assert all(name in shown for name in ("qa-1", "qa-2", "qa-3"))
    assert "never shown" in shown
    assert current_standing(rule.version).person == officer


def test_another_digest_approves_nothing(client_of, make_rule, officer):
    rule = make_rule()

    answer = client_of(officer).post(
        reverse("cleanup_rule_approve", args=[rule.name]), {"digest": "0" * 64, "ends_on": "2099-01-01"}
    )

    assert answer.status_code == 422
    assert "changed meanwhile" in page(answer)
    assert current_standing(rule.version) is None


def test_whoever_wrote_it_is_told_why_they_may_not_approve(client_of, make_person, make_rule):
    lead = make_person(Role.QA_LEAD)
    rule = make_rule(by=lead, action=RuleAction.RESET_GUIDES)

    browser = client_of(lead)
    assert "Approve it" not in page(browser.get(reverse("cleanup_rule", args=[rule.name])))
    answer = browser.get(reverse("cleanup_rule_approve", args=[rule.name]), follow=True)

    assert "somebody else has to approve it" in page(answer)


def test_a_rule_is_paused_let_go_on_withdrawn_and_retired_by_buttons(browser, make_rule, officer):
    rule = make_rule(cron="0 4 * * *", zone="UTC", approved_by=officer)

    for name, words in (
        ("cleanup_rule_pause", "The schedule is paused."),
        ("cleanup_rule_resume", "The schedule goes on."),
        ("cleanup_rule_withdraw", "each run waits for an approval"),
        ("cleanup_rule_retire", "The rule is retired."),
    ):
        assert words in page(browser.post(reverse(name, args=[rule.name]), follow=True)), name
    assert "nightly-qa" not in page(browser.get(reverse("cleanup_rules")))


def test_an_officer_sets_and_ends_which_ids_are_test_data(client_of, officer, silent_subscription, qa):
    production = silent_subscription(production=True)
    browser = client_of(officer)
    sent = {"subscription": production.pk, "pattern": "qa-*", "most": 50}

    assert "qa-*" in page(browser.post(reverse("cleanup_allowance_set"), sent, follow=True))
    wrong = browser.post(reverse("cleanup_allowance_set"), sent | {"pattern": "*"})
    assert wrong.status_code == 422
    assert "guards nothing" in page(wrong)
    browser.post(reverse("cleanup_allowance_end", args=[Allowance.objects.get().pk]))
    assert not Allowance.objects.filter(ended_at=None).exists()


def test_in_production_the_page_says_what_a_standing_approval_takes(
    browser, make_rule, silent_subscription, officer
):
    production = silent_subscription(production=True)
    rule = make_rule(subscription=production)
    assert "an officer has set" in page(browser.get(reverse("cleanup_rule", args=[rule.name])))

    set_allowance(subscription=production, pattern="qa-*", most=100, by=officer)
    approve_rule(rule, officer)
    assert "it runs by itself until" in page(browser.get(reverse("cleanup_rule", args=[rule.name])))


def test_a_run_that_was_stopped_says_why_and_whom_it_matched(bench, officer, client_of, qa):
    bench.add("qa-1", "qa-2")
    run = bench.run(bench.rule(approved_by=officer, most=1))

    shown = page(client_of(qa).get(reverse("cleanup_run", args=[run.pk])))

    assert "2 targets were matched, and one run may touch 1. Nothing was sent." in shown
    assert "qa-1" in shown


def test_a_run_shows_what_is_new_gone_and_young(bench, client_of, qa):
    bench.add("qa-1", "qa-2")
    rule = bench.rule()
    bench.run(rule, dry_run=True)
    bench.just_now("qa-3")
    bench.desk.pendo.visitors.remove("qa-1")

    run = bench.run(rule, dry_run=True)

    shown = page(client_of(qa).get(reverse("cleanup_run", args=[run.pk])))
    assert "<strong>1</strong> new since run" in shown
    assert "<strong>1</strong> gone since then" in shown
    assert "<strong>1</strong> of them was first seen less than 15 minutes before" in shown
    assert run.young == 1
    assert shown.index("qa-3") < shown.index("qa-1")


def test_the_page_of_its_request_names_the_rule_and_the_standing_approval(bench, officer, client_of):
    bench.add("qa-1")
    run = bench.run(bench.rule(approved_by=officer))

    shown = page(client_of(officer).get(reverse("request", args=[run.request.reference])))

    assert "rule nightly-qa, version 1" in shown
    assert reverse("cleanup_rule", args=["nightly-qa"]) in shown
