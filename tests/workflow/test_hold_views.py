"""The pages of holds, for legal; and what everybody else sees of them."""

import datetime as dt

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.core import clock
from compliance.workflow.approvals import confirm_everything_held
from compliance.workflow.hold_placing import lift_hold, matter_of
from compliance.workflow.hold_queries import named_by
from compliance.workflow.models import Hold, Request
from compliance.workflow.states import State
from tests.hold_fixtures import MATTER
from tests.request_fixtures import look_up

NEW = "/holds/new/"


@pytest.fixture
def browser(client_of, legal):
    return client_of(legal)


@pytest.fixture
def form(legal):
    """`form(**changes)`: what legal fills in."""

    def filled(**changes):
        day = clock.today() + dt.timedelta(days=30)
        values = {"reason": "H_LITIGATION", "matter": MATTER, "owner": legal.pk, "review_on": day.isoformat()}
        return values | changes

    return filled


def page(browser, name, *arguments):
    answer = browser.get(reverse(name, args=arguments))
    assert answer.status_code == 200
    return answer.content.decode()


# -- Placing -------------------------------------------------------------------------------------------------


def test_legal_places_a_hold_by_lines_and_by_a_list(browser, form):
    table = "account,Acme\ndomain,wombat.example"

    answer = browser.post(NEW, form(visitors="a\nb", emails="zoe@quokka.example", table=table))

    placed = Hold.objects.get()
    assert answer.url == f"/holds/{placed.pk}/"
    assert [value for _, value in named_by(placed)] == [
        "a", "b", "zoe@quokka.example", "Acme", "wombat.example",
    ]  # fmt: skip
    assert (matter_of(placed), placed.everywhere) == (MATTER, True)


def test_bad_lines_are_named_and_what_was_typed_stays(browser, form):
    answer = browser.post(NEW, form(emails="zoe@quokka.example\nzoe", table="visitor,a\nwombat,b"))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 2 is no e-mail address" in text
    assert "Line 2 begins with none of" in text
    assert "zoe@quokka.example\nzoe" in text
    assert "visitor,a\nwombat,b" in text
    assert not Hold.objects.exists()


def test_nothing_named_is_no_hold(browser, form):
    answer = browser.post(NEW, form())

    assert "Name at least one" in answer.content.decode()
    assert not Hold.objects.exists()


def test_a_hold_may_be_over_chosen_subscriptions(browser, form, silent_subscription):
    chosen, _ = silent_subscription(), silent_subscription()

    browser.post(NEW, form(visitors="a", subscriptions=[chosen.pk]))

    placed = Hold.objects.get()
    assert (placed.everywhere, list(placed.subscriptions.all())) == (False, [chosen])


def test_a_hold_is_placed_on_the_targets_of_a_request(browser, form, previewed_request):
    request = previewed_request()

    assert "the 3 targets of this request" in browser.get(f"{NEW}?on={request.reference}").content.decode()
    browser.post(f"{NEW}?on={request.reference}", form())

    assert Hold.objects.get().request == request


def test_a_day_of_review_that_is_over_is_refused_in_words(browser, form):
    answer = browser.post(NEW, form(visitors="a", review_on="2020-01-01"))

    assert "The day of the review lies in the future." in answer.content.decode()


# -- Lists, search, one hold ---------------------------------------------------------------------------------


def test_the_lists_tell_standing_due_and_lifted_ones_apart(browser, hold, legal, later):
    hold(visitors=["a"], matter="Standing")
    hold(visitors=["a"], matter="Due soon", review_on=clock.today() + dt.timedelta(days=1))
    lift_hold(hold=hold(visitors=["a"], matter="Over"), reason="Settled.", by=legal)
    later(days=1)
    browser = browser_again(browser, legal)

    standing, due, lifted = (listed(browser, tab) for tab in ("", "due", "lifted"))

    assert standing == {"Standing", "Due soon"}
    assert due == {"Due soon"}
    assert lifted == {"Over"}


def browser_again(browser, person):
    browser.force_login(person)
    return browser


def listed(browser, tab, **more):
    answer = browser.get("/holds/", {"tab": tab, **more})
    return {row.matter for row in answer.context["rows"]}


def test_the_list_is_filtered_by_reason(browser, hold):
    hold(visitors=["a"], matter="One"), hold(visitors=["a"], matter="Two", reason="H_REGULATOR_ORDER")

    assert listed(browser, "", reason="H_REGULATOR_ORDER") == {"Two"}
    assert listed(browser, "", reason="anything") == {"One", "Two"}


def test_the_list_takes_as_many_queries_for_many_as_for_one(browser, hold, django_assert_num_queries):
    hold(visitors=["a"])
    browser.get("/holds/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/holds/")
    for _ in range(3):
        hold(visitors=["a"])

    with django_assert_num_queries(len(one)):
        browser.get("/holds/")


def test_a_hold_is_found_by_exactly_what_it_names(browser, hold):
    hold(emails=["zoe@quokka.example"], matter="One"), hold(domains=["quokka.example"], matter="Two")

    answer = browser.post("/holds/search/", {"text": " Zoe@quokka.example "})

    assert [row.matter for row, _ in answer.context["found"]] == ["Two", "One"]
    assert "None names it" in browser.post("/holds/search/", {"text": "quokka"}).content.decode()


def test_its_page_shows_legal_what_it_names_and_keeps_back(browser, hold, previewed_request):
    placed = hold(visitors=["visitor-two"], domains=["x.example"])
    request = previewed_request()

    text = page(browser, "hold", placed.pk)

    for shown in (MATTER, "visitor-two", "x.example", request.reference, "H_LITIGATION"):
        assert shown in text


def test_a_review_keeps_it_and_a_wrong_one_is_said(browser, hold, legal):
    placed = hold(visitors=["a"])
    url, day = reverse("hold_review", args=[placed.pk]), clock.today() + dt.timedelta(days=9)

    assert browser.post(url, {"owner": legal.pk, "review_on": "2020-01-01"}).status_code == 422
    browser.post(url, {"owner": legal.pk, "review_on": day.isoformat()})

    placed.refresh_from_db()
    assert placed.review_on == day


def test_a_lift_wants_a_reason(browser, hold):
    placed = hold(visitors=["a"])
    url = reverse("hold_lift", args=[placed.pk])

    assert browser.post(url, {"reason": ""}).status_code == 422
    browser.post(url, {"reason": "Settled."})

    placed.refresh_from_db()
    assert not placed.stands
    assert "Settled." in page(browser, "hold", placed.pk)
    assert browser.get(url).status_code == 302


# -- The request's page --------------------------------------------------------------------------------------


def test_others_see_that_and_why_something_is_held_and_legal_sees_the_matter(
    browser, client_of, analyst, hold, previewed_request
):
    hold(visitors=["visitor-two"])
    request = previewed_request()

    theirs, legals = (
        page(client_of(analyst), "request", request.reference),
        page(browser, "request", request.reference),
    )

    for text in (theirs, legals):
        assert "Held by legal" in text
        assert "H_LITIGATION" in text
    assert MATTER not in theirs
    assert MATTER in legals


def test_what_is_held_does_not_stand_among_what_is_approved(client_of, officer, hold, previewed_request):
    hold(visitors=["visitor-two"])
    request = previewed_request()

    text = page(client_of(officer), "request_decide", request.reference)

    assert "Approve: delete 2 visitors" in text
    assert "held by legal: nothing is sent for them" in text


def test_a_request_that_is_held_whole_says_who_does_what_next(client_of, analyst, hold, previewed_request):
    hold(domains=["person.example"])
    request, browser = previewed_request(), client_of(analyst)

    assert "there is nothing to approve" in page(browser, "request", request.reference)
    answer = browser.post(reverse("request_held_close", args=[request.reference]), follow=True)

    request.refresh_from_db()
    assert request.state == State.CLOSED
    assert "Tell the person what is kept, and why." in answer.content.decode()


def test_after_a_lift_the_closed_request_offers_to_look_again(
    client_of, analyst, legal, hold, previewed_request
):
    placed = hold(domains=["person.example"])
    request, browser = previewed_request(), client_of(analyst)
    confirm_everything_held(request=request, by=analyst)
    assert "Look again at what was held" not in page(browser, "request", request.reference)

    lift_hold(hold=placed, reason="Settled.", by=legal)
    shown = page(browser, "request", request.reference)
    assert "Look again at what was held (3)" in shown
    assert "look again below at what was held" in shown
    answer = browser.post(reverse("request_held_again", args=[request.reference]))

    other = Request.objects.get(continues=request)
    look_up(other)
    assert answer.url == reverse("request", args=[other.reference])
    assert "with what a hold had kept back there" in page(browser, "request", other.reference)
    assert "looks again at what was held here" in page(browser, "request", request.reference)
    assert "Look again at what was held (3)" not in page(browser, "request", request.reference)


# -- From a file ---------------------------------------------------------------------------------------------


def a_file(content, name="held.csv"):
    return SimpleUploadedFile(name, content, content_type="text/csv")


def test_a_file_lists_what_is_held(browser, form):
    content = "\ufeffkind,value\r\nvisitor,a\r\ndomain,wombat.example\r\n".encode()

    browser.post(NEW, form(visitors="b", file=a_file(content)))

    assert [value for _, value in named_by(Hold.objects.get())] == ["b", "a", "wombat.example"]


def test_bad_lines_of_a_file_are_named_by_number_and_the_good_ones_are_not_lost(browser, form):
    answer = browser.post(NEW, form(file=a_file(b"visitor,a\nwombat,b\nemail,zoe\n")))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Line 2 begins with none of" in text
    assert "Line 3 is no e-mail address" in text
    assert "visitor,a\nwombat,b\nemail,zoe" in text
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"visitor,\xff\xfe", "no text in UTF-8"),
        (b"PK\x03\x04\x00", "no text in UTF-8"),
        (b"visitor,a\n" * 500_000, "larger than"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(browser, form, content, why):
    answer = browser.post(NEW, form(file=a_file(content)))

    assert (answer.status_code, why in answer.content.decode()) == (422, True)
    assert MATTER in answer.content.decode()


def test_no_file_of_held_people_is_ever_on_a_disk(browser, form, monkeypatch):
    monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
    lines = "".join(f"visitor,{number}{'x' * 300}\n" for number in range(9_000))
    assert len(lines) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE

    browser.post(NEW, form(file=a_file(lines.encode())))

    assert Hold.objects.get().count == 9_000


def test_a_hold_wants_the_forms_token(legal, client_of, form):
    browser = client_of(legal)
    browser.handler.enforce_csrf_checks = True

    assert browser.post(NEW, form(visitors="a")).status_code == 403
