"""The screens."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.core import clock
from compliance.execution.planning import move_on
from compliance.people.absence import mark_absent
from compliance.people.roles import Role
from compliance.subscriptions.models import PauseReason, Subscription
from compliance.subscriptions.pausing import pause
from compliance.subscriptions.stopping import stop_sending
from compliance.workflow.approvals import cancel
from compliance.workflow.models import Request, ScanStep
from compliance.workflow.sealing import Subject
from compliance.workflow.states import AskedKind, Kind
from compliance.workflow.things import named
from tests.request_fixtures import give_approval, look_up

NEXT = 'class="next"'


def page_of(request):
    return reverse("request", args=[request.reference])


def shown(answer):
    return answer.content.decode()


@pytest.fixture
def browser(client_of, analyst):
    return client_of(analyst)


def queries_of(browser, address):
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


# -- Quick ---------------------------------------------------------------------------------------------------


def test_a_list_of_thirty_takes_as_many_queries_as_a_list_of_one(
    client_of, make_person, new_request, previewed_request, analyst, silent_subscription
):
    subscriptions = [silent_subscription()]
    browsers = [client_of(make_person(role)) for role in (Role.ANALYST, Role.OFFICER, Role.LEGAL)]
    addresses = ["/", "/requests/", "/requests/?ended=1"]

    def one_of_each():
        previewed_request(subscriptions=subscriptions)
        previewed_request(subscriptions=subscriptions, visitors=["nobody"], absent=["nobody"])
        cancel(request=new_request(subscriptions=subscriptions), by=analyst, reason="No.")

    def counts():
        return [[queries_of(browser, address) for address in addresses] for browser in browsers]

    one_of_each()
    first = counts()
    for _ in range(10):
        one_of_each()

    assert counts() == first


def test_a_request_of_thirty_visitors_takes_as_many_queries_as_one(
    browser, previewed_request, officer, make_person
):
    one = previewed_request(visitors=["visitor-one"])
    thirty = previewed_request(visitors=[f"visitor-{number}" for number in range(30)])
    for request in (one, thirty):
        give_approval(request, officer)
    move_on()

    assert one.batches.exists()
    assert queries_of(browser, page_of(one)) == queries_of(browser, page_of(thirty))


# -- What is said --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Role)
def test_the_home_page_of_every_role_says_what_to_do_next(client_of, make_person, role):
    assert NEXT in shown(client_of(make_person(role)).get("/"))


@pytest.mark.parametrize("address", ["/requests/", "/requests/?ended=1", "/requests/new/"])
def test_every_page_says_what_to_do_next(browser, silent_subscription, address):
    assert NEXT in shown(browser.get(address))


def test_every_page_of_a_request_says_what_to_do_next(client_of, officer, previewed_request):
    request, browser = previewed_request(), client_of(officer)

    for name in ("request", "request_change", "request_cancel", "request_decide"):
        assert NEXT in shown(browser.get(reverse(name, args=[request.reference]))), name


def test_the_page_of_a_request_shows_what_is_asked_and_what_was_decided(browser, previewed_request, officer):
    request = previewed_request(
        visitors=["visitor-<b>jane"], subject=Subject("Jane Doe", "jane@person.example"), note="wrote"
    )
    give_approval(request, officer)

    page = shown(browser.get(page_of(request)))

    assert "visitor-&lt;b&gt;jane" in page
    assert "Jane Doe" in page
    assert "Otto Officer" in page
    assert "Article 12(3)" in page or "Art. 12" in page


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        (Role.OFFICER, {"request_decide", "request_change", "request_cancel", "request_history"}),
        (Role.ANALYST, {"request_change", "request_cancel"}),
        (Role.LEGAL, {"request_history"}),
    ],
)
def test_everybody_has_the_buttons_of_their_roles(client_of, make_person, previewed_request, role, buttons):
    request = previewed_request()
    every = {
        "request_decide",
        "request_change",
        "request_cancel",
        "request_history",
        "request_confirm_nothing",
    }

    page = shown(client_of(make_person(role)).get(page_of(request)))

    assert {name for name in every if reverse(name, args=[request.reference]) in page} == buttons


def test_a_paused_subscription_is_named_on_the_page_of_a_request_that_waits_for_it(
    browser, new_request, officer
):
    request = new_request()
    subscription = request.subscriptions.get()
    pause(subscription=subscription, reason=PauseReason.FOREIGN, by=None)

    assert f"Waiting: {subscription.name} is paused: the key answers" in shown(browser.get(page_of(request)))


def test_an_unknown_reference_is_not_found(browser):
    assert browser.get("/requests/ED-00000000/").status_code == 404


# -- The part that moves -------------------------------------------------------------------------------------


def part_of(browser, request, state):
    return browser.get(
        reverse("request_progress", args=[request.reference]),
        {"state": state},
        headers={"HX-Request": "true"},
    )


def test_while_the_state_stands_only_the_part_that_moves_is_sent(browser, new_request):
    answer = part_of(browser, new_request(), "previewing")

    assert shown(answer).lstrip().startswith("<section")
    assert "0 of 3 looked up" in shown(answer)
    assert 'hx-trigger="every 2s"' in shown(answer)


def test_a_scan_says_how_far_it_has_read(browser, new_request):
    request = new_request(things=named(AskedKind.EMAIL, ["jane@person.example"]))
    request.scans.update(step=ScanStep.VISITORS, records=125_000)

    answer = shown(part_of(browser, request, "previewing"))

    assert f"{request.subscriptions.get().name}: all visitors are read, page by page" in answer
    assert "125,000 records read so far" in answer
    assert "0 of 0" not in answer


def test_once_the_state_has_changed_the_whole_page_is_loaded_again(browser, previewed_request):
    answer = part_of(browser, previewed_request(), "previewing")

    assert answer.headers["HX-Refresh"] == "true"


def test_what_waits_for_people_does_not_ask_again_by_itself(browser, previewed_request):
    assert "hx-trigger" not in shown(part_of(browser, previewed_request(), "previewed"))


# -- Search --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["reference", "id", "e-mail"])
def test_a_request_is_found_by_what_it_names(browser, new_request, by):
    request = new_request(visitors=["visitor-jane"], subject=Subject("Jane Doe", "jane@person.example"))
    other = new_request()
    text = {"reference": request.reference, "id": " visitor-jane ", "e-mail": "Jane@person.example"}[by]

    page = shown(browser.post("/search/", {"text": text}))

    assert page_of(request) in page
    assert page_of(other) not in page


@pytest.mark.parametrize("text", ["Jane Doe", "visitor", "", "   ", "\0", "\u2028"])
def test_nothing_else_finds_anything(browser, new_request, text):
    request = new_request(visitors=["visitor-jane"], subject=Subject("Jane Doe", "jane@person.example"))

    answer = browser.post("/search/", {"text": text})

    assert answer.status_code == 200
    assert page_of(request) not in shown(answer)


def test_what_is_looked_for_is_never_part_of_an_address(browser):
    assert browser.get("/search/?text=visitor-jane").status_code == 405
    assert browser.post("/search/", {"text": "visitor-jane"}).status_code == 200


# -- Lists ---------------------------------------------------------------------------------------------------


def test_ended_requests_have_a_list_of_their_own(browser, new_request, analyst):
    request, ended = new_request(), new_request()
    cancel(request=ended, by=analyst, reason="No.")

    opened, closed = shown(browser.get("/requests/")), shown(browser.get("/requests/?ended=1"))

    assert page_of(request) in opened
    assert page_of(ended) not in opened
    assert page_of(ended) in closed


def test_a_long_list_has_pages(browser, new_request, silent_subscription):
    subscriptions = [silent_subscription()]
    requests = [new_request(subscriptions=subscriptions, visitors=["a"]) for _ in range(51)]

    first = browser.get("/requests/")
    pages = [shown(first), shown(browser.get("/requests/", {"at": first.context["page"].further}))]

    assert sum(page_of(request) in pages[0] for request in requests) == 50
    assert sum(page_of(request) in pages[1] for request in requests) == 1


@pytest.mark.parametrize("cursor", ["0", "x", "", "bm8", "WzAsMV0"])
def test_a_page_that_does_not_exist_is_the_first_one(browser, new_request, cursor):
    request = new_request()

    assert page_of(request) in shown(browser.get("/requests/", {"at": cursor}))


def test_a_request_that_found_something_waits_on_the_officers_home_page(client_of, officer, new_request):
    request, browser = new_request(), client_of(officer)
    decide = "Decide about the requests"
    assert decide not in shown(browser.get("/"))

    look_up(request)

    assert decide in shown(browser.get("/"))


# -- Absence, and too few who approve ------------------------------------------------------------------------


def test_the_home_page_says_that_one_is_marked_absent_and_for_whom_one_stands_in(
    client_of, officer, second_officer
):
    today = clock.today()
    mark_absent(person=officer, deputy=second_officer, from_on=today, until_on=today, by=officer)

    assert "End this absence" in shown(client_of(officer).get("/"))
    assert "Otto Officer is away until" in shown(client_of(second_officer).get("/"))


def test_the_page_of_a_request_warns_of_too_few_who_can_approve(browser, previewed_request):
    assert "Too few can approve." in shown(browser.get(page_of(previewed_request())))


def test_with_an_officer_there_is_no_warning(browser, previewed_request, officer):
    assert "Too few can approve." not in shown(browser.get(page_of(previewed_request())))


# -- Kinds ---------------------------------------------------------------------------------------------------


def test_a_request_without_a_law_names_no_person_and_says_when_it_is_to_be_sent(
    client_of, analyst, new_request
):
    request = new_request(kind=Kind.RETENTION, law="", channel=None, identity=None, policy_reference="R-7")

    page = client_of(analyst).get(reverse("request", args=[request.reference])).content.decode()

    assert "R-7" in page
    assert "No law sets a date." in page
    assert "<dt>Person</dt>" not in page


def test_what_was_found_and_spared_can_be_chosen_from_the_page(client_of, analyst, previewed_request):
    request = previewed_request()

    page = client_of(analyst).get(reverse("request", args=[request.reference])).content.decode()

    assert reverse("request_choose", args=[request.reference]) in page


# -- Endangered dates ----------------------------------------------------------------------------------------


def test_endangered_dates_stand_with_what_holds_them_up(browser, analyst, new_request, silent_subscription):
    silent, paused, working = (silent_subscription() for _ in range(3))
    urgent, elsewhere, later = (new_request(subscriptions=[each]) for each in (silent, working, silent))
    Request.objects.exclude(pk=later.pk).update(send_by=clock.today())
    Subscription.objects.filter(pk=silent.pk).update(silent_since=clock.now())
    pause(subscription=paused, reason=PauseReason.KEY_REFUSED, by=None)

    page = shown(browser.get("/endangered/"))

    assert "Pendo doesn&#x27;t answer" in page
    assert urgent.reference in page
    assert elsewhere.reference not in page
    assert later.reference not in page
    assert "Pendo refuses the key" in page
    assert "No request has to reach Pendo before the next working day" in page

    stop_sending(by=analyst, reason="Something is wrong")

    assert elsewhere.reference in shown(browser.get("/endangered/"))


def test_where_nothing_is_held_up_no_date_is_endangered(browser, new_request):
    new_request()

    assert "No sending is held up" in shown(browser.get("/endangered/"))
