"""Requests whose correspondence another system handles."""

import datetime as dt

import pytest
from django.urls import reverse

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.approvals import confirm_nothing_found
from compliance.workflow.changers import is_changer
from compliance.workflow.dating import name_law
from compliance.workflow.elsewhere import handle_elsewhere, handle_here, whom_to_answer
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.queries import open_requests
from compliance.workflow.states import Kind
from compliance.workflow.texts import texts_of
from tests.request_fixtures import VISITORS, events_of

pytestmark = pytest.mark.django_db

CASE = "TRUST-2026/118"


@pytest.fixture
def soon():
    return clock.today() + dt.timedelta(days=2)


@pytest.fixture
def handled(new_request, analyst, soon):
    """One that another system wants in two days."""
    request = new_request()
    handle_elsewhere(request=request, case=CASE, due_on=soon, by=analyst)
    request.refresh_from_db()
    return request


def test_lists_sort_by_the_day_of_the_other_system_where_it_is_earlier(new_request, handled, soon):
    other = new_request()

    assert handled.send_by == soon
    assert list(open_requests()) == [handled, other]


def test_a_later_day_moves_nothing(new_request, analyst):
    request = new_request()
    before = request.send_by

    handle_elsewhere(request=request, case=CASE, due_on=clock.today() + dt.timedelta(days=300), by=analyst)

    request.refresh_from_db()
    assert request.send_by == before


def test_our_own_clocks_run_on(new_request, handled):
    values = ("kind", "legal", "safe", "send_by")

    assert list(handled.clocks.values(*values)) == list(new_request().clocks.values(*values))


def test_the_day_of_the_other_system_outlives_another_law(handled, analyst, soon):
    name_law(request=handled, law="US_CA", calendar="", by=analyst)

    handled.refresh_from_db()
    assert handled.send_by == soon


def test_taken_back_only_our_own_clocks_count(new_request, handled, analyst):
    handle_here(request=handled, by=analyst)

    handled.refresh_from_db()
    assert handled.send_by == new_request().send_by
    assert (handled.elsewhere_case, handled.elsewhere_due_on) == ("", None)
    assert events_of(handled)[-1] == "request:elsewhere:ended"


def test_no_text_for_a_letter_is_offered(handled, analyst):
    assert texts_of(handled) == []
    assert whom_to_answer(handled) == f"whoever handles case {CASE}"

    handle_here(request=handled, by=analyst)

    handled.refresh_from_db()
    assert texts_of(handled)
    assert whom_to_answer(handled) == "the person"


def test_its_closing_stands_in_the_ledger_all_the_same(previewed_request, analyst, soon):
    request = previewed_request(absent=VISITORS)
    handle_elsewhere(request=request, case=CASE, due_on=soon, by=analyst)

    confirm_nothing_found(request=request, by=analyst)

    assert events_of(request)[-2:] == ["request:elsewhere:named", "request:nothing:confirmed"]


@pytest.mark.parametrize("case", ["", "jane@person.example", "Jane Doe", "x" * 81])
def test_the_number_of_a_case_names_nobody(new_request, analyst, soon, case):
    with pytest.raises(Refused, match="number"):
        handle_elsewhere(request=new_request(), case=case, due_on=soon, by=analyst)


def test_it_was_not_due_before_it_came(new_request, analyst):
    with pytest.raises(Refused, match="received"):
        handle_elsewhere(
            request=new_request(), case=CASE, due_on=clock.today() - dt.timedelta(days=1), by=analyst
        )


def test_whoever_moves_the_dates_does_not_approve(new_request, officer, soon):
    request = new_request()

    handle_elsewhere(request=request, case=CASE, due_on=soon, by=officer)

    assert is_changer(request, officer)


def test_only_who_enters_requests_says_so_and_only_of_an_erasure(new_request, make_person, analyst, soon):
    with pytest.raises(NotThisPerson):
        handle_elsewhere(request=new_request(), case=CASE, due_on=soon, by=make_person(Role.LEGAL))
    offboarding = new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None)
    with pytest.raises(Refused):
        handle_elsewhere(request=offboarding, case=CASE, due_on=soon, by=analyst)


def test_on_screen(new_request, client_of, analyst, soon):
    request, browser = new_request(), client_of(analyst)
    address = reverse("request_elsewhere", args=[request.reference])

    assert browser.post(address, {"case": "no good", "due_on": soon}).status_code == 422
    assert browser.post(address, {"case": CASE, "due_on": soon}).status_code == 302

    page = browser.get(reverse("request", args=[request.reference])).content.decode()
    assert CASE in page
    assert "Ready texts" not in page
    browser.post(reverse("request_here", args=[request.reference]))
    assert "Ready texts" in browser.get(reverse("request", args=[request.reference])).content.decode()
