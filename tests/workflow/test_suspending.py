"""Legal's word for Do Not Process while a hold lasts, on screen and as verbs."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.workflow.hold_placing import lift_hold
from compliance.workflow.models import Hold
from compliance.workflow.states import Outcome
from compliance.workflow.suspending import end_suspensions, open_suspensions, suspend_processing
from tests.hold_fixtures import MATTER


@pytest.fixture
def holding(db, legal, hold, previewed_request):
    """A hold that keeps one target of a request back, and that request."""
    request = previewed_request()
    target = request.targets.first()
    placed = hold(visitors=["somebody"])
    request.targets.filter(pk=target.pk).update(outcome=Outcome.HELD, held_by=placed)
    return placed, request


def test_nobody_but_legal_has_it_set_or_ended(holding, officer, analyst):
    hold, _ = holding

    for verb in suspend_processing, end_suspensions:
        for stranger in officer, analyst:
            with pytest.raises(Refused, match="Only legal"):
                verb(hold=hold, by=stranger)


def test_it_is_ordered_once_ended_once_and_never_for_a_lifted_hold(holding, legal):
    hold, _ = holding
    suspend_processing(hold=hold, by=legal)
    with pytest.raises(Refused, match="already"):
        suspend_processing(hold=hold, by=legal)
    end_suspensions(hold=hold, by=legal)
    with pytest.raises(Refused, match="Nothing is set"):
        end_suspensions(hold=hold, by=legal)
    lift_hold(hold=hold, reason="over", by=legal)
    with pytest.raises(Refused, match="lifted this hold"):
        suspend_processing(hold=hold, by=legal)


def test_the_ledger_says_by_whose_word_and_for_how_many(holding, legal):
    hold, _ = holding

    suspend_processing(hold=hold, by=legal)

    entry = entries_of(hold.reference).last()
    assert (entry.event, entry.body["facts"], entry.body["actor"]) == (
        "hold:suspends",
        {"count": 1},
        legal.reference,
    )


def test_a_hold_may_be_placed_with_it(legal, client_of):
    terms = {"reason": "H_LITIGATION", "matter": MATTER, "owner": legal.pk, "visitors": "ana"}
    review_on = clock.today() + dt.timedelta(days=90)

    page = client_of(legal).post("/holds/new/", terms | {"review_on": review_on, "suspends": "on"})

    assert (page.status_code, Hold.objects.get().suspends) == (302, True)


def test_the_page_wants_the_word_said(holding, legal, client_of):
    hold, _ = holding
    browser = client_of(legal)

    page = browser.post(f"/holds/{hold.pk}/do-not-process/")
    assert page.status_code == 422
    assert "Tick it" in page.content.decode()

    assert browser.post(f"/holds/{hold.pk}/do-not-process/", {"sure": "on"}).status_code == 302
    hold.refresh_from_db()
    assert hold.suspends


def test_hold_and_request_say_what_became_of_it(holding, legal, analyst, client_of):
    hold, request = holding
    suspend_processing(hold=hold, by=legal)
    open_suspensions()

    assert "1 visitor</dt><dd>To be set" in client_of(legal).get(f"/holds/{hold.pk}/").content.decode()
    shown = client_of(analyst).get(f"/requests/{request.reference}/").content.decode()
    assert "1 to be set" in shown
    assert MATTER not in shown


def test_the_lift_asks_what_becomes_of_it(holding, legal, client_of):
    hold, _ = holding
    suspend_processing(hold=hold, by=legal)
    browser = client_of(legal)

    page = browser.post(f"/holds/{hold.pk}/lift/", {"reason": "settled out of court"})
    assert (page.status_code, "Say what becomes of" in page.content.decode()) == (422, True)
    assert "settled out of court" in page.content.decode()

    browser.post(f"/holds/{hold.pk}/lift/", {"reason": "settled out of court", "leave": "yes"})
    hold.refresh_from_db()
    assert (hold.stands, hold.suspends) == (False, False)
