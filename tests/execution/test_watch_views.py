"""The pages of the watch."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.core import clock
from compliance.execution.cause_words import CAUSES
from compliance.execution.models import Cause, Finding, WatchPass, WatchResult, WatchScope, WatchStep, WayOut
from compliance.execution.passes import look_again
from compliance.workflow.models import Request
from compliance.workflow.sealing import Subject
from compliance.workflow.states import Kind
from tests.watch_fixtures import never_gone, recreated, returned

NEXT = 'class="next"'


@pytest.fixture
def browser(client_of, analyst):
    return client_of(analyst)


@pytest.fixture
def officers(client_of, officer):
    """`officers()`: an officer's browser, re-authenticated at the moment."""
    return lambda: client_of(officer)


def shown(answer):
    assert answer.status_code == 200
    return answer.content.decode()


def queries_of(browser, address):
    with CaptureQueriesContext(connection) as queries:
        shown(browser.get(address))
    return len(queries)


def page_of(finding):
    return reverse("finding", args=[finding.pk])


# -- When it was last looked ---------------------------------------------------------------------------------


def test_the_page_says_when_it_was_last_looked_what_was_read_and_when_the_next_look_is(watch, browser):
    watch.erased(*watch.desk.ids(1))
    done = watch.passed()

    page = shown(browser.get("/watch/"))

    assert NEXT in page
    assert f"{done.records} records read" in page
    assert "nothing found" in page
    assert "Next look" in page
    assert "what was updated since the look before" in page


def test_where_nothing_was_erased_the_page_says_so_and_offers_no_look(watch, browser):
    page = shown(browser.get(reverse("watch_passes", args=[watch.desk.subscription.pk])))

    assert "no erasure or offboarding has erased anything here" in page
    assert "Look again now" not in page


def test_a_pass_that_proved_nothing_is_said_beside_the_last_one_that_counts(watch, browser):
    watch.erased(*watch.desk.ids(1))
    watch.passed()
    WatchPass.objects.create(
        subscription=watch.desk.subscription,
        scope=WatchScope.WHOLE,
        step=WatchStep.ENDED,
        ended_at=clock.now(),
        result=WatchResult.PROVED_NOTHING,
        why="The ids did not rise.",
    )

    page = shown(browser.get("/watch/"))

    assert "nothing found" in page
    assert "The ids did not rise." in page


def test_an_analyst_has_everybody_looked_through_now_and_once_at_a_time(watch, browser):
    watch.erased(*watch.desk.ids(1))
    address = reverse("watch_look", args=[watch.desk.subscription.pk])

    first = shown(browser.post(address, follow=True))
    second = shown(browser.post(address, follow=True))

    assert "is being looked through, as soon as" in first
    assert "being looked through already" in second
    assert watch.last().scope == WatchScope.WHOLE
    assert watch.last().asked_by == watch.desk.analyst


def test_the_list_of_looks_has_pages_and_a_constant_number_of_queries(watch, browser):
    watch.erased(*watch.desk.ids(1))
    watch.passed()
    address = reverse("watch_passes", args=[watch.desk.subscription.pk])
    few = queries_of(browser, address)

    WatchPass.objects.bulk_create(
        WatchPass(
            subscription=watch.desk.subscription,
            scope=WatchScope.UPDATED,
            step=WatchStep.ENDED,
            ended_at=clock.now(),
            result=WatchResult.NOTHING,
        )
        for _ in range(60)
    )

    assert queries_of(browser, address) == few
    page = browser.get(address).context["page"]
    assert len(page.rows) == 50
    assert page.further


def test_the_overview_takes_as_many_queries_for_three_subscriptions_as_for_one(
    watch, browser, silent_subscription
):
    watch.came_back(returned, "u-1")
    few = queries_of(browser, "/watch/")

    for _ in range(2):
        silent_subscription()

    assert queries_of(browser, "/watch/") == few


# -- A finding -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "cause"),
    [(returned, Cause.RETURNED), (recreated, Cause.RECREATED), (never_gone, Cause.INCOMPLETE)],
)
def test_the_page_of_a_finding_says_why_and_what_can_be_done(watch, officers, record, cause):
    finding = watch.came_back(record, "u-<b>1")

    page = shown(officers().get(page_of(finding)))

    assert NEXT in page
    for text in (CAUSES[cause].reason, *CAUSES[cause].checks):
        assert text.replace("'", "&#x27;") in page
    assert "u-&lt;b&gt;1" in page
    for button in ("New erasure request", "Readmission request", "Mark as returned lawfully", "Explain"):
        assert button in page


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_words(cause):
    words = CAUSES[cause]

    assert words.reason.endswith(".")
    assert words.next.endswith(".")
    assert words.checks


def test_a_match_by_address_alone_says_so(watch, browser):
    watch.erased(returned("u-1", "jane@person.example"))
    watch.add(returned("u-2", "jane@person.example"))
    watch.passed()

    page = shown(browser.get(page_of(Finding.objects.get())))

    assert "only the address" in page
    assert "another account of the same person" in page


def test_pendo_support_is_told_the_receipts_and_nobodys_id(watch, browser):
    (name,) = watch.desk.ids(1)
    request = watch.desk.executing([name])
    watch.desk.finish(watch.later)
    receipt = request.batches.get().batch_receipts.get().receipt.vendor_id
    watch.add(never_gone(name))
    watch.passed()

    support = browser.get(page_of(Finding.objects.get())).context["support"]

    assert f"- {receipt}, accepted on" in support
    assert name not in support


def test_legal_reads_and_has_no_button(watch, client_of, make_person):
    finding = watch.came_back(returned, "u-1")

    page = shown(client_of(make_person("legal")).get(page_of(finding)))

    assert "u-1" in page
    assert "New erasure request" not in page
    assert "Explain" not in page


def test_many_records_have_pages_and_take_as_many_queries_as_one(watch, browser):
    finding = watch.came_back(returned, "u-0")
    few = queries_of(browser, page_of(finding))
    watch.came_back(returned, *(f"u-{number}" for number in range(1, 61)))

    assert queries_of(browser, page_of(finding)) == few
    answer = browser.get(page_of(finding))
    assert answer.context["count"] == "61"
    assert len(answer.context["rows"]) == 50


def test_an_officer_explains_what_is_ticked_with_a_reason(watch, officers):
    finding = watch.came_back(returned, "u-1", "u-2")
    ticked = finding.records.first().pk
    address = reverse("finding_explain", args=[finding.pk])

    asked = shown(officers().get(address, {"record": ticked}))
    refused = officers().post(address, {"record": ticked, "reason": ""})
    done = shown(officers().post(address, {"record": ticked, "reason": "A shared mailbox"}, follow=True))

    assert "1 record of finding" in asked
    assert refused.status_code == 422
    assert "1 record explained." in done
    assert "A shared mailbox" in done
    assert WayOut.objects.get().count == 1


@pytest.mark.parametrize("key", ["x", "-1", "9" * 40, "0"])
def test_a_ticked_record_that_is_none_does_not_stand_for_all(watch, officers, key):
    finding = watch.came_back(returned, "u-1")
    address = reverse("finding_explain", args=[finding.pk])

    answer = officers().post(address, {"record": key, "reason": "A shared mailbox"})

    assert answer.status_code == 422
    assert "Nothing is left" in answer.content.decode()
    assert watch.open() == {Cause.RETURNED: {"u-1"}}


def test_an_officer_marks_all_as_returned(watch, officers):
    finding = watch.came_back(returned, "u-1", "u-2")
    address = reverse("finding_let_in", args=[finding.pk])

    page = shown(officers().post(address, {"reason": "New contracts"}, follow=True))

    assert "2 records marked as returned lawfully." in page
    assert "This is settled" in page
    again = officers().post(address, {"reason": "New contracts"})
    assert again.status_code == 422
    assert "Nothing is left" in again.content.decode()


def test_all_that_was_ever_found_is_listed_with_how_it_ended(watch, officers):
    finding = watch.came_back(returned, "u-1")
    officers().post(reverse("finding_explain", args=[finding.pk]), {"reason": "Known"})
    watch.came_back(recreated, "u-2")

    page = shown(officers().get(reverse("watch_findings", args=[watch.desk.subscription.pk])))

    assert "2 findings" in page
    assert "waits for a person" in page


# -- A request that follows ----------------------------------------------------------------------------------


def form_for(browser, finding, kind, *records):
    return browser.get(
        "/requests/new/", {"finding": finding.pk, "kind": kind, "record": [each.pk for each in records]}
    )


def test_the_form_of_a_new_request_is_filled_with_the_ids_and_whose_wish_it_was(watch, browser):
    watch.erased(returned("u-1"), subject=Subject("Jane Doe", "jane@person.example"))
    watch.add(returned("u-1"))
    watch.passed()

    form = form_for(browser, Finding.objects.get(), Kind.ERASURE).context["form"]

    assert form["visitors"].value() == "u-1"
    assert form["subject_name"].value() == "Jane Doe"
    assert form["law"].value() == "EU_GDPR"
    assert form["subscriptions"].value() == [watch.desk.subscription.pk]


def test_only_those_that_are_ticked_stand_in_the_form(watch, browser):
    finding = watch.came_back(returned, "u-1", "u-2")

    form = form_for(browser, finding, Kind.READMISSION, finding.records.last()).context["form"]

    assert form["visitors"].value() == "u-2"


def test_sent_it_follows_the_finding_and_leaves_a_draft_alone(watch, browser):
    finding = watch.came_back(returned, "u-1")
    browser.post("/requests/new/draft/", {"visitors": "half typed"})
    values = {
        "kind": "readmission",
        "finding": finding.pk,
        "visitors": "u-1",
        "subscriptions": [watch.desk.subscription.pk],
        "received_on": clock.today().isoformat(),
        "note": "Back",
    }

    answer = browser.post("/requests/new/", values)

    request = Request.objects.get(kind=Kind.READMISSION)
    assert answer.url == reverse("request", args=[request.reference])
    assert WayOut.objects.get().request == request
    assert browser.get("/requests/new/").context["draft"]["visitors"] == "half typed"
    assert f"finding {finding.pk}" in shown(browser.get(answer.url))


def test_a_form_with_an_error_still_follows_the_finding(watch, browser):
    finding = watch.came_back(returned, "u-1")

    answer = browser.post("/requests/new/", {"kind": "readmission", "finding": finding.pk, "visitors": "u-1"})

    assert answer.status_code == 422
    assert f'name="finding" value="{finding.pk}"' in answer.content.decode()


@pytest.mark.parametrize("number", ["0", "999", "x", ""])
def test_a_finding_that_is_none_gives_the_ordinary_form(browser, number):
    assert "It follows" not in shown(browser.get("/requests/new/", {"finding": number}))


# -- Elsewhere -----------------------------------------------------------------------------------------------


def test_a_finding_waits_on_the_work_page_and_in_the_list_of_what_needs_a_person(watch, browser):
    finding = watch.came_back(returned, "u-1")

    work, needs = shown(browser.get("/")), shown(browser.get("/attention/"))
    other = shown(browser.get("/attention/", {"reason": "receipt_overdue"}))
    these = shown(browser.get("/attention/", {"reason": "there_again"}))

    assert page_of(finding) in work
    assert "Look first at what was erased" in work
    assert page_of(finding) in needs
    assert page_of(finding) in these
    assert page_of(finding) not in other


def test_the_page_of_the_request_that_had_erased_it_names_the_finding(watch, browser):
    finding = watch.came_back(returned, "u-1")
    request = finding.records.get().erased.request

    assert page_of(finding) in shown(browser.get(reverse("request", args=[request.reference])))


def test_while_it_looks_the_page_says_how_far_it_is(watch, browser):
    watch.erased(*watch.desk.ids(1))
    look_again(subscription=watch.desk.subscription, by=watch.desk.analyst)

    page = shown(browser.get("/watch/"))

    assert "visitors are read, page by page" in page
    assert "Look again now" not in page
