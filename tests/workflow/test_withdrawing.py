"""The person concerned takes the request back."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.models import Request
from compliance.workflow.moves import MOVES
from compliance.workflow.processing import forward, name_customer
from compliance.workflow.queries import outcome_counts
from compliance.workflow.sealing import end_reason_of
from compliance.workflow.states import BEFORE_SENDING, Channel, CompanyRole, Kind, Outcome, State
from compliance.workflow.withdrawing import withdraw_request


def withdraw(request, by, **changes):
    values = {"withdrawn_on": clock.today(), "channel": Channel.EMAIL} | changes
    withdraw_request(request=request, by=by, **values)
    request.refresh_from_db()


def test_it_ends_as_withdrawn_and_nothing_is_sent(previewed_request, analyst):
    request = previewed_request()

    withdraw(request, analyst, note="She changed her mind.")

    assert (request.state, request.ended) == (State.WITHDRAWN, True)
    assert outcome_counts(request) == {Outcome.CANCELLED: 3}
    assert end_reason_of(request) == "She changed her mind."


def test_the_ledger_tells_it_from_a_cancellation(previewed_request, analyst):
    request = previewed_request()

    withdraw(request, analyst)

    entry = next(each for each in entries_of(request.chain) if each.event == "request:withdrawn")
    assert entry.body["facts"] == {
        "withdrawn_on": clock.today().isoformat(),
        "channel": "e-mail",
        "note": "none",
    }


def test_within_the_grace_period_it_is_possible(approved_in_grace, analyst):
    withdraw(approved_in_grace, analyst)

    assert approved_in_grace.state == State.WITHDRAWN


@pytest.mark.parametrize("state", [State.EXECUTING, State.CONFIRMING])
def test_after_that_it_is_said_what_may_still_be_stopped(approved_in_grace, analyst, state):
    Request.objects.filter(pk=approved_in_grace.pk).update(state=state)

    with pytest.raises(StateChanged, match="3 of its targets may not have been sent yet: cancel the rest"):
        withdraw(approved_in_grace, analyst)
    approved_in_grace.targets.update(outcome=Outcome.ACCEPTED)
    with pytest.raises(StateChanged, match="Nothing is left"):
        withdraw(approved_in_grace, analyst)


def test_what_has_ended_is_not_withdrawn(previewed_request, analyst):
    request = previewed_request()
    withdraw(request, analyst)

    with pytest.raises(StateChanged, match="ended already"):
        withdraw(request, analyst)


def test_only_a_person_withdraws(new_request, analyst):
    with pytest.raises(Refused, match="Cancel it instead"):
        withdraw(new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None), analyst)


@pytest.mark.parametrize("days", [-1, 1])
def test_a_day_that_can_not_be_meant_is_refused(previewed_request, analyst, days):
    with pytest.raises(Refused, match="day lies"):
        withdraw(previewed_request(), analyst, withdrawn_on=clock.today() + dt.timedelta(days=days))


def test_who_only_reads_records_none(previewed_request, make_person):
    with pytest.raises(NotThisPerson):
        withdraw(previewed_request(), make_person(Role.LEGAL))


def test_the_page_records_it(client_of, analyst, previewed_request):
    request, browser = previewed_request(), client_of(analyst)
    address = f"/requests/{request.reference}/withdraw/"
    assert "The person withdraws it" in browser.get(f"/requests/{request.reference}/").content.decode()

    assert browser.post(address, {"withdrawn_on": "", "channel": ""}).status_code == 422
    answer = browser.post(address, {"withdrawn_on": clock.today(), "channel": "phone"}, follow=True)

    assert "Withdrawn: nothing was sent to Pendo" in answer.content.decode()


def test_what_was_forwarded_to_a_customer_is_withdrawn_too(previewed_request, analyst):
    request = previewed_request(company_role=CompanyRole.PROCESSOR)
    name_customer(request=request, name="Quokka & Sons", days=10, by=analyst)
    forward(request=request, by=analyst)

    withdraw(request, analyst)

    assert request.state == State.WITHDRAWN


@pytest.mark.parametrize("state", sorted(BEFORE_SENDING))
def test_wherever_nothing_was_sent_yet_the_person_can_take_it_back(state):
    assert (state, State.WITHDRAWN) in {(move.source, move.target) for move in MOVES}
