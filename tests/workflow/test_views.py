"""The pages on which something is decided."""

import json

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from compliance.people.membership import deactivate
from compliance.people.roles import Role
from compliance.workflow import views
from compliance.workflow.approvals import cancel
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Approval, Attention
from compliance.workflow.opening import revise_request
from compliance.workflow.previews import current_preview, look_again
from compliance.workflow.sealing import reason_of, targets_vault
from compliance.workflow.states import AskedKind, Kind, Outcome, Spared, State, TargetKind, Why
from compliance.workflow.summaries import PURPOSE
from compliance.workflow.templatetags.ways import ways_on
from compliance.workflow.things import named
from tests.request_fixtures import add_target, count_anew, give_approval, look_up


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
def test_who_has_approved_is_not_asked_again(wiping_request, officer, officers_browser, method):
    request = wiping_request("guide-one")
    give_approval(request, officer)

    answer = getattr(officers_browser, method)(decide_url(request), yes(request), follow=True)

    assert answer.redirect_chain == [(url("request", request), 302)]
    assert "You have decided about this preview already; somebody else is wanted." in shown(answer)
    assert Approval.objects.count() == 1


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


# -- Large ones, wipes, what is spared ----------------------------------------------------------------------

TWELVE = [f"visitor-{number}" for number in range(12)]


@pytest.mark.parametrize("typed", ["", "11", "twelve"])
def test_from_ten_on_a_click_is_not_enough(previewed_request, officers_browser, typed):
    request = previewed_request(visitors=TWELVE)

    answer = officers_browser.post(decide_url(request), yes(request, typed=typed))

    assert answer.status_code == 422
    assert 'id="id_approve-typed_error"' in shown(answer)
    assert not Approval.objects.exists()


def test_who_types_the_number_approves(previewed_request, officers_browser):
    request = previewed_request(visitors=TWELVE)

    officers_browser.post(decide_url(request), yes(request, typed="12"))

    request.refresh_from_db()
    assert request.state == State.APPROVED


def test_a_wipe_says_so_and_wants_the_guides_id_and_a_second_person(wiping_request, officers_browser):
    request = wiping_request("guide-one")

    page = shown(officers_browser.get(decide_url(request)))
    refused = officers_browser.post(decide_url(request), yes(request, typed="1"))
    officers_browser.post(decide_url(request), yes(request, typed="guide-one"))

    request.refresh_from_db()
    assert "This resets guides for everybody." in page
    assert "Approve: reset 1 guide for everybody" in page
    assert "2 approvals wanted" in page
    assert refused.status_code == 422
    assert (request.state, Approval.objects.count()) == (State.PREVIEWED, 1)


def test_the_page_says_what_is_spared_and_why(previewed_request, officers_browser):
    request = previewed_request()
    add_target(request, name="match", outcome=Outcome.SPARED, spared_because=Spared.SEVERAL_ACCOUNTS)
    count_anew(request)

    page = shown(officers_browser.get(decide_url(request)))

    assert "1: Belongs to another account, too" in page


def test_the_page_counts_what_contradicts(previewed_request, officers_browser):
    request = previewed_request(visitors=["jane@person.example", "joe@person.example"])

    assert "<strong>1</strong> of them has another e-mail" in shown(officers_browser.get(decide_url(request)))


def test_a_large_preview_shows_its_numbers(previewed_request, officers_browser):
    request = previewed_request()
    summary = {
        "visitors": 3,
        "accounts": [["Harbour Ltd", 2]],
        "other_accounts": 0,
        "no_account": 1,
        "last_visit": [["within 30 days", 3]],
        "email_domains": [["person.example", 2]],
        "other_domains": 1,
        "no_email": 0,
        "seen_last_90_days": 3,
    }
    preview = current_preview(request)
    preview.sealed_summary = targets_vault(request).seal(json.dumps(summary), purpose=PURPOSE)
    preview.save()

    page = shown(officers_browser.get(decide_url(request)))

    assert "<strong>3</strong> of them were seen in the last 90 days" in page
    assert all(words in page for words in ("Harbour Ltd", "within 30 days", "person.example"))


def test_each_account_shows_its_visitors_counted_and_its_child_accounts(previewed_request, officers_browser):
    request = previewed_request(kind=Kind.OFFBOARDING, law="")
    request.asked.update(kind=AskedKind.ACCOUNT)
    details = {"name": "Harbour Limited", "children": ["Harbour North"], "children_count": 1}
    sealed = targets_vault(request).seal(json.dumps(details), purpose="target details")
    add_target(request, kind=TargetKind.ACCOUNT, name="Harbour Ltd", sealed_details=sealed)
    request.targets.filter(kind=TargetKind.VISITOR).update(why=Why.OF_ACCOUNT)
    add_target(
        request,
        name="both",
        why=Why.OF_ACCOUNT,
        asked=request.asked.first(),
        outcome=Outcome.SPARED,
        spared_because=Spared.SEVERAL_ACCOUNTS,
    )
    count_anew(request)

    answer = officers_browser.get(decide_url(request))

    (account,) = answer.context["accounts"]
    assert (account.going, account.spared) == (1, 1)
    assert "delete 1 account and 3 visitors" in shown(answer)
    assert all(words in shown(answer) for words in ("Harbour Limited", "Harbour North"))


# -- The sample ----------------------------------------------------------------------------------------------


def test_the_sample_opens_each_target_and_ticks_are_told_where_one_decides(
    previewed_request, officers_browser
):
    request = previewed_request(visitors=TWELVE)
    page = shown(officers_browser.get(url("request_sample", request)))
    ticked = [target.pk for target in request.targets.all()[:5]]

    answer = officers_browser.post(url("request_sample", request), {"target": [*ticked, "nonsense"]})

    assert all(name in page for name in TWELVE)
    assert "jane@person.example" in page
    assert answer.url == decide_url(request)
    assert "5 of 12" in shown(officers_browser.get(decide_url(request)))
    assert shown(officers_browser.get(url("request_sample", request))).count(" checked") == 5


def test_what_contradicts_stands_first_in_the_sample(previewed_request, officers_browser):
    request = previewed_request(visitors=[*TWELVE, "joe@person.example"])

    page = shown(officers_browser.get(url("request_sample", request)))

    assert page.index("What contradicts") < page.index("joe@person.example") < page.index("Drawn at random")


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_waiting_has_no_sample(new_request, officers_browser, method):
    request = new_request()

    answer = getattr(officers_browser, method)(url("request_sample", request))

    assert answer.url == url("request", request)


# -- Choosing ------------------------------------------------------------------------------------------------


@pytest.fixture
def matched(previewed_request):
    request = previewed_request()
    for number in range(60):
        add_target(
            request, name=f"match-{number}", outcome=Outcome.SPARED, spared_because=Spared.MANY_MATCHES
        )
    count_anew(request)
    return request


def test_what_is_spared_is_listed_by_reason_and_page_by_page(matched, analyst, client_of):
    browser = client_of(analyst)

    first = browser.get(url("request_choose", matched))
    second = browser.get(
        f"{url('request_choose', matched)}?list=many_matches&after={first.context['further']}"
    )

    assert first.context["listed"] == Spared.MANY_MATCHES
    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 10)
    assert "60 spared" in shown(first)
    assert second.context["further"] is None


def test_ticked_they_are_taken_in(matched, analyst, client_of):
    spared = matched.targets.filter(outcome=Outcome.SPARED)
    ticked = list(spared.values_list("pk", flat=True)[:2])

    client_of(analyst).post(f"{url('request_choose', matched)}?list=many_matches", {"target": ticked})

    assert spared.count() == 58
    assert current_preview(matched).found == 5


def test_all_of_a_reason_are_taken_in_at_once(matched, analyst, client_of):
    client_of(analyst).post(f"{url('request_choose', matched)}?list=many_matches", {"all": "on"})

    assert current_preview(matched).found == 63


def test_of_very_many_some_are_taken_in_with_each_click(matched, analyst, client_of, monkeypatch):
    monkeypatch.setattr(views, "MOST_AT_ONCE", 40)
    browser, address = client_of(analyst), f"{url('request_choose', matched)}?list=many_matches"

    page = shown(browser.get(address))
    browser.post(address, {"all": "on"})

    assert "The first 40 of 60 of this reason" in page
    assert current_preview(matched).found == 43


def test_what_would_be_acted_on_is_left_out(matched, analyst, client_of):
    pending = list(matched.targets.filter(outcome=Outcome.PENDING).values_list("pk", flat=True))

    client_of(analyst).post(f"{url('request_choose', matched)}?list=pending", {"target": pending[:1]})

    assert current_preview(matched).found == 2


def test_a_refused_choice_says_why(matched, analyst, client_of):
    answer = client_of(analyst).post(url("request_choose", matched), {}, follow=True)

    assert "Nothing is ticked." in shown(answer)


# -- Going on without a subscription -------------------------------------------------------------------------


@pytest.fixture
def held(new_request, silent_subscription):
    working, broken = silent_subscription(), silent_subscription()
    working.keys.create(sealed=b"sealed", fingerprint="abcdef01")
    return new_request(subscriptions=[working, broken]), broken


def test_a_click_goes_on_without_it_and_both_pages_name_each_other(held, analyst, client_of):
    (request, broken), browser = held, client_of(analyst)
    address = reverse("request_without", args=[request.reference, broken.pk])

    asked = browser.get(address)
    answer = browser.post(address)

    other = request.continued_by.get()
    assert f"Go on without {broken.name}" in shown(asked)
    assert answer.url == url("request", request)
    assert other.reference in ways(request, analyst)
    assert request.reference in ways(other, analyst)


def ways(request, person):
    return render_to_string("workflow/ways.html", ways_on(request, person))


def test_the_request_offers_to_go_on_and_says_whom_it_waits_for(held, analyst, make_person):
    request, broken = held

    assert f"Go on without {broken.name}" in ways(request, analyst)
    assert "Go on without" not in ways(request, make_person(Role.LEGAL))
    assert broken.name in ways(request, make_person(Role.LEGAL))


@pytest.mark.parametrize("method", ["get", "post"])
def test_where_nothing_holds_it_nothing_is_split(
    previewed_request, silent_subscription, analyst, client_of, method
):
    request = previewed_request(subscriptions=[silent_subscription(), silent_subscription()])
    address = reverse("request_without", args=[request.reference, request.subscriptions.first().pk])

    answer = getattr(client_of(analyst), method)(address)

    assert answer.url == url("request", request)
    assert not request.continued_by.exists()


def test_a_waiting_request_offers_to_choose_and_officers_the_sample(
    matched, previewed_request, analyst, officer
):
    large = previewed_request(visitors=TWELVE)

    assert url("request_choose", matched) in ways(matched, analyst)
    assert url("request_sample", large) in ways(large, officer)
    assert url("request_sample", large) not in ways(large, analyst)


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
