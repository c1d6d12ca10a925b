"""The pages on which something is decided."""

import pytest
from django.urls import reverse

from compliance.people.membership import deactivate
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Approval, Attention
from compliance.workflow.opening import revise_request
from compliance.workflow.previews import current_preview, look_again
from compliance.workflow.sealing import reason_of
from compliance.workflow.states import AskedKind, State
from compliance.workflow.things import named
from tests.request_fixtures import look_up


def url(name, request):
    return reverse(name, args=[request.reference])


def decide_url(request):
    return url("request_decide", request)


def yes(request, **changes):
    preview = current_preview(request)
    values = {"digest": preview.digest, "count": preview.found, "reason": ""} | changes
    return {"approve": "1"} | {f"approve-{name}": value for name, value in values.items()}


def shown(answer):
    return answer.content.decode()


@pytest.fixture
def officers_browser(client_of, officer):
    return client_of(officer)


# -- Deciding ------------------------------------------------------------------------------------------------


def test_the_page_says_exactly_what_would_be_deleted(previewed_request, officers_browser):
    request = previewed_request(production=True, absent=["visitor-two"])

    page = shown(officers_browser.get(decide_url(request)))

    assert "Approve: delete 2 visitors" in page
    assert current_preview(request).digest in page
    assert "30 minutes" in page
    assert "1 approval wanted" in page


def test_a_click_approves_and_the_remark_is_kept_under_seal(previewed_request, officers_browser):
    request = previewed_request()

    answer = officers_browser.post(decide_url(request), yes(request, reason="Checked with Jane."))

    request.refresh_from_db()
    assert answer.url == url("request", request)
    assert request.state == State.APPROVED
    assert reason_of(Approval.objects.get()) == "Checked with Jane."


def test_a_set_that_changed_meanwhile_is_not_approved(previewed_request, officers_browser, make_person):
    request = previewed_request()
    old_click = yes(request, reason="I looked through it")
    change(request, make_person(Role.ANALYST))

    answer = officers_browser.post(decide_url(request), old_click)

    assert answer.status_code == 422
    assert "the preview that you looked at" in shown(answer)
    assert "I looked through it" in shown(answer)
    assert not Approval.objects.exists()


def test_who_looked_at_an_earlier_preview_is_sent_to_look_at_the_newer_one(
    previewed_request, officers_browser, analyst
):
    request = previewed_request()
    page = shown(officers_browser.get(url("request", request)))
    look_again(request=request, by=analyst)
    look_up(request)

    answer = officers_browser.get(f"{decide_url(request)}?preview=1")

    assert f"{decide_url(request)}?preview=1" in page
    assert answer.url == url("request", request)
    assert officers_browser.get(f"{decide_url(request)}?preview=2").status_code == 200


def test_sending_back_without_a_reason_says_so_beside_the_field(previewed_request, officers_browser):
    request = previewed_request()

    answer = officers_browser.post(decide_url(request), {"reject-reason": "  "})

    assert answer.status_code == 422
    assert 'id="id_reject-reason_error"' in shown(answer)
    request.refresh_from_db()
    assert request.state == State.PREVIEWED


def test_sending_back_with_a_reason_ends_on_the_requests_page(previewed_request, officers_browser):
    request = previewed_request()

    answer = officers_browser.post(decide_url(request), {"reject-reason": "Ids of two people."})

    request.refresh_from_db()
    assert answer.url == url("request", request)
    assert request.state == State.REJECTED


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_officers_own_request_is_not_theirs_to_decide(
    previewed_request, officer, officers_browser, method
):
    request = previewed_request(by=officer)

    answer = getattr(officers_browser, method)(decide_url(request), yes(request))

    assert answer.url == url("request", request)
    assert not Approval.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_waiting_is_not_decided(new_request, officers_browser, method):
    request = new_request()

    answer = getattr(officers_browser, method)(decide_url(request), yes(request))

    assert answer.url == url("request", request)


def test_a_deactivated_officers_next_click_decides_nothing(
    previewed_request, officer, officers_browser, make_person
):
    request = previewed_request()
    deactivate(person=officer, by=make_person(Role.ADMINISTRATOR))

    answer = officers_browser.post(decide_url(request), yes(request))

    assert answer.status_code in {302, 403}
    assert not Approval.objects.exists()


def test_a_remark_typed_while_the_log_in_grew_stale_is_not_kept_in_the_session(
    previewed_request, officer, stale_client_of
):
    request, browser = previewed_request(), stale_client_of(officer)

    answer = browser.post(decide_url(request), yes(request, reason="Checked with Jane."))

    assert answer.url.startswith("/account/reauthenticate/")
    assert "Jane" not in str(dict(browser.session))
    assert not Approval.objects.exists()


# -- Cancelling ----------------------------------------------------------------------------------------------


def test_within_grace_a_click_cancels(approved_in_grace, analyst, client_of):
    browser = client_of(analyst)

    page = browser.get(url("request_cancel", approved_in_grace))
    answer = browser.post(url("request_cancel", approved_in_grace), {"reason": "She changed her mind."})

    approved_in_grace.refresh_from_db()
    assert page.status_code == 200
    assert answer.url == url("request", approved_in_grace)
    assert approved_in_grace.state == State.CANCELLED


def test_cancelling_without_a_reason_says_so_beside_the_field(approved_in_grace, analyst, client_of):
    answer = client_of(analyst).post(url("request_cancel", approved_in_grace), {"reason": ""})

    assert answer.status_code == 422
    assert 'id="id_reason_error"' in shown(answer)


def test_what_has_ended_cannot_be_cancelled(new_request, analyst, client_of):
    request = new_request()
    cancel(request=request, by=analyst, reason="No.")

    answer = client_of(analyst).post(url("request_cancel", request), {"reason": "Again."})

    assert answer.url == url("request", request)


# -- Small clicks --------------------------------------------------------------------------------------------


def test_looking_again_makes_a_fresh_preview(previewed_request, analyst, client_of):
    request = previewed_request()

    client_of(analyst).post(url("request_preview", request))

    assert request.previews.count() == 2


def test_that_nothing_was_found_is_confirmed_by_a_click(previewed_request, analyst, client_of):
    request = previewed_request(visitors=["visitor-one"], absent=["visitor-one"])

    client_of(analyst).post(url("request_confirm_nothing", request))

    request.refresh_from_db()
    assert request.state == State.CLOSED


@pytest.mark.parametrize("name", ["request_preview", "request_confirm_nothing"])
def test_a_click_that_comes_too_late_is_told(approved_in_grace, analyst, client_of, name):
    answer = client_of(analyst).post(url(name, approved_in_grace), follow=True)

    assert "notice-error" in shown(answer)
    approved_in_grace.refresh_from_db()
    assert approved_in_grace.state == State.APPROVED


def test_what_needs_a_person_is_settled_where_it_is_shown(new_request, analyst, client_of):
    request, browser = new_request(), client_of(analyst)
    raise_attention(
        request=request,
        subscription=request.subscriptions.get(),
        reason=Attention.Reason.RECEIPT_OVERDUE,
    )
    settle = reverse("attention_settle", args=[Attention.objects.get().pk])

    pages = [shown(browser.get(address)) for address in ("/", url("request", request))]
    answers = [browser.post(settle, follow=True) for _ in range(2)]

    assert all(settle in page for page in pages)
    assert Attention.objects.get().settled_at is not None
    assert "settled this already" in shown(answers[1])


def change(request, person):
    revise_request(
        request=request,
        things=named(AskedKind.VISITOR, ["visitor-nine"]),
        subscriptions=request.subscriptions.all(),
        by=person,
    )
    look_up(request)
