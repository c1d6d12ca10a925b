"""The staff form in the browser."""

import pytest
from django.test import Client
from django.urls import reverse

from compliance.core import clock
from compliance.intake import views
from compliance.intake.drafts import read_draft, save_draft
from compliance.people.roles import Role
from compliance.workflow.models import Request
from compliance.workflow.states import AskedKind, Kind, State, TargetKind
from compliance.workflow.things import Thing
from tests.request_fixtures import as_previewed, asked_values

NEW = "/requests/new/"


@pytest.fixture
def subscription(silent_subscription):
    return silent_subscription()


@pytest.fixture
def filled(subscription):
    return {
        "visitors": "visitor-jane\nvisitor-joe",
        "subscriptions": [subscription.pk],
        "law": "EU_GDPR",
        "calendar": "",
        "received_on": clock.today().isoformat(),
        "channel": "email",
        "identity": "mailbox",
        "subject_name": "Jane Doe",
        "subject_email": "jane@person.example",
        "note": "She wrote twice.",
    }


@pytest.fixture
def browser(client_of, analyst):
    return client_of(analyst)


def shown(answer):
    return answer.content.decode()


def words(answer):
    return " ".join(str(message) for message in answer.context["messages"])


# -- Recording -----------------------------------------------------------------------------------------------


def test_a_sent_form_is_a_request_and_its_draft_is_gone(browser, filled, analyst):
    save_draft(person=analyst, values={"visitors": "visitor-jane"})

    answer = browser.post(NEW, filled)

    request = Request.objects.get()
    assert answer.url == reverse("request", args=[request.reference])
    assert asked_values(request) == ["visitor-jane", "visitor-joe"]
    assert read_draft(analyst) is None


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(browser, filled):
    answer = browser.post(NEW, filled | {"received_on": "2999-01-01", "visitors": "jane\tdoe\nvisitor-joe"})

    page = shown(answer)
    assert answer.status_code == 422
    assert 'id="id_received_on_error"' in page
    assert 'id="id_visitors_error"' in page
    assert "jane\tdoe\nvisitor-joe" in page
    assert 'value="Jane Doe"' in page
    assert "She wrote twice." in page
    assert not Request.objects.exists()


def test_each_mistake_has_one_place_for_a_screen_reader(browser, filled):
    page = shown(browser.post(NEW, filled | {"visitors": "a\tb\nc\td"}))

    assert page.count('id="id_visitors_error"') == 1
    assert "Line 1 holds" in page
    assert "Line 2 holds" in page


def test_repeated_lines_twins_and_unseen_characters_are_told_in_numbers_only(browser, filled):
    odd = "Jane\njane\njane\nja\u200bne"

    answer = browser.post(NEW, filled | {"visitors": odd}, follow=True)

    told = words(answer)
    assert "1 repeated line(s)" in told
    assert "1 id(s) differ from another one only in letter case" in told
    assert "1 id(s) hold characters that can't be seen" in told
    assert "ane" not in told.replace("another", "")


def test_no_word_of_the_form_gets_into_an_address_a_cookie_or_the_session(browser, filled):
    answer = browser.post(NEW, filled | {"visitors": "visitor-jane\nvisitor-jane"})

    kept = " ".join([answer.url, str(answer.cookies), str(browser.cookies), str(dict(browser.session))])
    assert "ane" not in kept
    assert "She wrote" not in kept


# -- Drafts --------------------------------------------------------------------------------------------------


def test_a_draft_is_saved_while_typing_and_stands_in_the_form_again(browser, filled, analyst):
    saved = browser.post(f"{NEW}draft/", filled | {"visitors": "half an i"})

    page = shown(browser.get(NEW))
    assert "Saved at" in shown(saved)
    assert "half an i" in page
    assert 'value="Jane Doe"' in page
    assert "This is your draft" in page
    assert set(read_draft(analyst)) >= set(filled)


def test_a_draft_may_be_as_wrong_as_typing_is(browser, analyst):
    browser.post(f"{NEW}draft/", {"received_on": "20", "law": "nonsense", "visitors": "a\tb"})

    assert browser.get(NEW).status_code == 200
    assert read_draft(analyst)["visitors"] == "a\tb"


def test_thrown_away_a_draft_is_gone(browser, filled, analyst):
    browser.post(f"{NEW}draft/", filled)

    answer = browser.post(f"{NEW}draft/discard/", follow=True)

    assert read_draft(analyst) is None
    assert "visitor-jane" not in shown(answer)


def test_after_the_session_has_ended_the_draft_is_there_at_the_next_log_in(
    browser, filled, client_of, analyst
):
    browser.post(f"{NEW}draft/", filled)
    browser.logout()

    lost = browser.post(NEW, filled)

    assert lost.url.startswith("/account/login/")
    assert "jane" not in lost.url
    assert "visitor-jane\nvisitor-joe" in shown(client_of(analyst).get(NEW))


def test_a_form_that_has_run_out_records_nothing_and_leaves_the_draft(filled, analyst):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(analyst)
    save_draft(person=analyst, values={"visitors": "visitor-jane"})

    answer = strict.post(NEW, filled)

    assert answer.status_code == 403
    assert "This form has run out" in shown(answer)
    assert read_draft(analyst) == {"visitors": "visitor-jane"}
    assert not Request.objects.exists()


# -- Dates while choosing ------------------------------------------------------------------------------------


def test_the_dates_of_a_choice_are_shown_before_anything_is_recorded(browser):
    answer = browser.get(f"{NEW}clocks/", {"law": "EU_GDPR", "received_on": clock.today().isoformat()})

    assert "Answer" in shown(answer)


@pytest.mark.parametrize("received_on", ["", "nonsense", "0001-01-01", "9999-12-31"])
def test_an_impossible_date_has_no_dates(browser, received_on):
    answer = browser.get(f"{NEW}clocks/", {"law": "", "calendar": "XX", "received_on": received_on})

    assert (answer.status_code, answer.content) == (200, b"")


def test_a_law_that_does_not_exist_is_refused(browser):
    answer = browser.get(f"{NEW}clocks/", {"law": "XX", "received_on": clock.today().isoformat()})

    assert answer.status_code == 400


# -- Changing ------------------------------------------------------------------------------------------------


def test_what_is_asked_stands_in_the_form_and_is_changed_by_it(
    browser, previewed_request, silent_subscription
):
    request, other = previewed_request(), silent_subscription()
    address = reverse("request_change", args=[request.reference])

    page = shown(browser.get(address))
    answer = browser.post(address, {"visitors": "visitor-nine", "subscriptions": [other.pk]})

    request.refresh_from_db()
    assert "visitor-one\nvisitor-two\nvisitor-three" in page
    assert answer.url == reverse("request", args=[request.reference])
    assert asked_values(request) == ["visitor-nine"]
    assert request.state == State.PREVIEWING


def test_a_bad_change_keeps_what_was_typed(browser, previewed_request):
    request = previewed_request()

    answer = browser.post(
        reverse("request_change", args=[request.reference]), {"visitors": "visitor-nine\na\tb"}
    )

    assert answer.status_code == 422
    assert "visitor-nine\na\tb" in shown(answer)
    assert len(asked_values(request)) == 3


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_approved_is_not_changed_any_more(browser, approved_in_grace, method):
    address = reverse("request_change", args=[approved_in_grace.reference])

    answer = getattr(browser, method)(address, {"visitors": "visitor-nine"})

    assert answer.url == reverse("request", args=[approved_in_grace.reference])
    assert len(asked_values(approved_in_grace)) == 3


# -- Kinds ---------------------------------------------------------------------------------------------------


@pytest.fixture
def leaving(subscription):
    return {
        "kind": "offboarding",
        "accounts": "Harbour Ltd",
        "subscriptions": [subscription.pk],
        "received_on": clock.today().isoformat(),
    }


def test_a_kind_is_chosen_by_its_address(browser):
    page = shown(browser.get(f"{NEW}?kind=retention"))

    assert 'id="id_policy_reference"' in page
    assert 'id="id_law"' not in page


def test_a_kind_that_does_not_exist_shows_the_form_of_erasures(browser):
    assert 'id="id_law"' in shown(browser.get(f"{NEW}?kind=nonsense"))
    assert browser.post(NEW, {"show": "nonsense"}).status_code == 400


def test_what_was_recorded_is_of_the_kind_that_was_sent(browser, leaving):
    browser.post(NEW, leaving)

    request = Request.objects.get()
    assert (request.kind, request.law, request.with_visitors) == ("offboarding", "", True)
    assert asked_values(request) == ["Harbour Ltd"]


def test_another_kind_is_shown_with_what_was_typed_and_back_again(browser, filled):
    answer = browser.post(NEW, filled | {"kind": "erasure", "show": "offboarding"})
    other = shown(browser.get(answer.url))
    back = browser.post(
        NEW, {"kind": "offboarding", "visitors": "visitor-jane", "accounts": "Harbour", "show": "erasure"}
    )

    page = shown(browser.get(back.url))
    assert answer.url == f"{NEW}?kind=offboarding"
    assert "visitor-jane\nvisitor-joe" in other
    assert 'value="Jane Doe"' in page
    assert "Harbour" in page
    assert not Request.objects.exists()


def test_a_look_at_another_kind_leaves_no_draft(browser, analyst, subscription):
    browser.post(NEW, {"kind": "erasure", "received_on": "2026-01-01", "show": "readmission"})

    assert read_draft(analyst) is None


def test_subscriptions_that_nobody_chose_do_not_go_along_to_another_kind(
    browser, silent_subscription, analyst
):
    production, other = silent_subscription(production=True), silent_subscription()
    typed = {"kind": "erasure", "visitors": "visitor-jane", "subscriptions": [production.pk]}

    answer = browser.post(NEW, typed | {"show": "test_data"})

    form = browser.get(answer.url).context["form"]
    assert form["subscriptions"].value() == [other.pk]


def test_a_draft_comes_back_in_the_kind_it_was_of(browser, leaving):
    browser.post(f"{NEW}draft/", leaving)

    page = shown(browser.get(NEW))
    assert "Harbour Ltd" in page
    assert 'name="kind" value="offboarding"' in page


def test_guides_for_everybody_without_the_word_for_it_are_refused_above_the_form(browser, subscription):
    answer = browser.post(
        NEW,
        {
            "kind": "guide_reset",
            "guides": "guide-one",
            "subscriptions": [subscription.pk],
            "received_on": clock.today().isoformat(),
        },
    )

    assert answer.status_code == 422
    assert "reset for everybody" in shown(answer)
    assert "guide-one" in shown(answer)


def test_the_change_form_shows_what_a_request_of_its_kind_asks(browser, new_request):
    request = new_request(
        kind=Kind.OFFBOARDING,
        law="",
        things=[Thing(AskedKind.ACCOUNT, "Harbour Ltd"), Thing(AskedKind.VISITOR, "visitor-one")],
        with_visitors=False,
    )
    as_previewed(request, {"kind": TargetKind.ACCOUNT, "name": "Harbour Ltd"})
    address = reverse("request_change", args=[request.reference])

    form = browser.get(address).context["form"]
    browser.post(
        address,
        {
            "accounts": "Harbour Ltd\nQuay",
            "with_visitors": "go",
            "subscriptions": [request.subscriptions.get().pk],
        },
    )

    request.refresh_from_db()
    assert (form["accounts"].value(), form["visitors"].value()) == ("Harbour Ltd", "visitor-one")
    assert form["with_visitors"].value() == "stay"
    assert asked_values(request) == ["Harbour Ltd", "Quay"]
    assert request.with_visitors


def test_a_request_of_a_file_is_not_changed_in_a_form(browser, previewed_request, monkeypatch):
    monkeypatch.setattr(views, "MOST_ASKED", 2)
    request = previewed_request()

    answer = browser.get(reverse("request_change", args=[request.reference]), follow=True)

    assert "upload what is meant as a file" in words(answer)


# -- Too few who approve -------------------------------------------------------------------------------------


@pytest.mark.parametrize("with_officer", [True, False])
def test_beside_the_form_stands_whether_too_few_can_approve(
    client_of, analyst, make_person, silent_subscription, with_officer
):
    if with_officer:
        make_person(Role.OFFICER)
    subscription = silent_subscription()

    answer = client_of(analyst).get("/requests/new/approvers/", {"subscriptions": subscription.pk})

    assert ("Too few can approve." in answer.content.decode()) is not with_officer


@pytest.mark.parametrize("query", [{}, {"subscriptions": "x"}, {"subscriptions": "0"}, {"kind": "wish"}])
def test_where_nothing_is_chosen_nothing_is_said(client_of, analyst, query):
    answer = client_of(analyst).get("/requests/new/approvers/", query)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("kind", Kind)
def test_the_link_to_upload_a_file_keeps_the_kind_and_is_offered_where_a_file_says_all(
    analyst, client_of, kind
):
    page = client_of(analyst).get(f"/requests/new/?kind={kind}").content.decode()

    assert (f'?kind={kind}">Upload a file' in page) == (kind != Kind.GUIDE_RESET)
    assert ("Upload a file" in page) == (kind != Kind.GUIDE_RESET)


# -- Asked already -------------------------------------------------------------------------------------------


def page_text(answer):
    return " ".join(answer.content.decode().split())


def test_who_seems_to_have_asked_already_is_shown_and_nothing_recorded(client_of, analyst, filled):
    browser = client_of(analyst)
    browser.post(NEW, filled)
    first = Request.objects.get()

    answer = browser.post(NEW, filled | {"visitors": "another"})

    assert answer.status_code == 422
    assert f'value="{first.reference}"' in page_text(answer)
    assert "the same person" in page_text(answer)
    assert "another</textarea>" in page_text(answer)
    assert Request.objects.count() == 1


def test_the_same_wish_is_linked_to_the_first_request(client_of, analyst, filled):
    browser = client_of(analyst)
    browser.post(NEW, filled)
    first = Request.objects.get()

    answer = browser.post(NEW, filled | {"same": first.reference, "note": "She asks again."}, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("request", args=[first.reference])
    assert "its dates stay" in page_text(answer)
    assert "She asks again." in page_text(answer)
    assert Request.objects.count() == 1


def test_what_only_the_later_message_says_is_not_lost(client_of, analyst, filled):
    browser = client_of(analyst)
    browser.post(NEW, filled)
    first = Request.objects.get()
    later = filled | {"visitors": "visitor-new", "access_asked": "on", "same": first.reference}
    browser.post("/requests/new/draft/", later)

    answer = browser.post(NEW, later, follow=True)

    assert "What you typed is still in your draft" in page_text(answer)
    assert "Access comes first." in page_text(answer)
    assert read_draft(analyst)["visitors"] == "visitor-new"


def test_another_wish_gets_a_request_of_its_own(client_of, analyst, filled):
    browser = client_of(analyst)
    browser.post(NEW, filled)

    browser.post(NEW, filled | {"same": "new"})

    assert Request.objects.count() == 2


@pytest.mark.parametrize("said", ["ED-00000000", "yes"])
def test_a_choice_that_is_not_offered_is_none(client_of, analyst, filled, said):
    browser = client_of(analyst)
    browser.post(NEW, filled)

    assert browser.post(NEW, filled | {"same": said}).status_code == 422
    assert Request.objects.count() == 1


def test_access_asked_in_the_same_message_is_a_warning_on_the_page(client_of, analyst, filled):
    answer = client_of(analyst).post(NEW, filled | {"access_asked": "on"}, follow=True)

    assert "Access comes first." in page_text(answer)
