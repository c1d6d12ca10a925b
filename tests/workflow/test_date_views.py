"""The page on which dates are moved."""

import datetime as dt

import pytest

from compliance.core import clock
from compliance.workflow.approvals import cancel
from compliance.workflow.states import Kind


@pytest.fixture
def browser(client_of, analyst):
    return client_of(analyst)


@pytest.fixture
def old_request(new_request):
    """`old_request("UK_GDPR")`: received ten days ago."""
    return lambda law: new_request(law=law, received_on=clock.today() - dt.timedelta(days=10))


def address(request):
    return f"/requests/{request.reference}/dates/"


def text(answer):
    return " ".join(answer.content.decode().split())


def test_the_law_is_named(browser, old_request):
    request = old_request("")

    answer = browser.post(
        address(request), {"name_law": "1", "law": "EU_GDPR", "calendar": "DE-BY"}, follow=True
    )

    request.refresh_from_db()
    assert (request.law, request.calendar) == ("EU_GDPR", "DE-BY")
    assert "EU GDPR, version" in text(answer)


def test_proof_is_noted_and_its_effect_said(browser, old_request):
    request = old_request("UK_GDPR")
    day = clock.today() - dt.timedelta(days=9)
    proven = clock.today() - dt.timedelta(days=2)

    answer = browser.post(
        address(request), {"note_identity": "1", "asked_on": day, "proven_on": proven}, follow=True
    )

    request.refresh_from_db()
    assert (request.identity_asked_on, request.identity_proven_on) == (day, proven)
    assert "The clocks started anew on the day of the proof." in text(answer)


def test_a_request_page_links_to_it_and_tells_how_late_it_was_recorded(browser, old_request):
    request = old_request("EU_GDPR")

    page = text(browser.get(f"/requests/{request.reference}/"))

    assert f'href="{address(request)}"' in page
    assert "recorded 10 days later" in page


def test_an_arguable_date_is_shown_and_not_to_be_planned_by(browser, old_request):
    request = old_request("EU_GDPR")
    browser.post(address(request), {"asked_on": clock.today() - dt.timedelta(days=9)})

    for page in (f"/requests/{request.reference}/", address(request)):
        assert "don’t plan by that" in text(browser.get(page))


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({"name_law": "1", "law": ""}, "Choose a law."),
        ({"name_law": "1", "law": "KR_PIPA"}, "Select a valid choice."),
        ({"name_law": "1", "law": "EU_GDPR"}, "Nothing would change"),
        ({"asked_on": ""}, "Say on which day"),
        ({"asked_on": "2999-01-01"}, "future"),
        ({"asked_on": "soon"}, "Enter a valid date."),
    ],
    ids=str,
)
def test_a_refused_form_says_why_and_changes_nothing(browser, old_request, typed, complaint):
    request = old_request("EU_GDPR")

    answer = browser.post(address(request), typed)

    assert answer.status_code == 422
    assert complaint in text(answer)
    request.refresh_from_db()
    assert (request.law, request.identity_asked_on) == ("EU_GDPR", None)


def test_an_ended_request_and_one_without_a_law_have_no_such_page(browser, new_request, analyst):
    ended = new_request()
    cancel(request=ended, by=analyst, reason="No.")
    without = new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None)

    for request in (ended, without):
        answer = browser.get(address(request), follow=True)
        assert answer.redirect_chain[-1][0] == f"/requests/{request.reference}/"
