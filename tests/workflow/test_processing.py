"""The company as processor: nothing is carried out without the customer's instruction."""

import datetime as dt

import pytest
from django.core import mail
from django.urls import reverse

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.notifications.tasks import deliver
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel
from compliance.workflow.customers import CustomerFacts, keep_customer
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.models import Customer, Request
from compliance.workflow.opening import revise_request
from compliance.workflow.processing import (
    accounts_found,
    customer_of,
    forward,
    instruction_of,
    name_customer,
    name_role,
    processing_of,
    record_instruction,
    wants_instruction,
)
from compliance.workflow.queries import asked_things, open_requests, waiting_for
from compliance.workflow.sealing import Subject
from compliance.workflow.states import CompanyRole, Kind, State
from compliance.workflow.texts import texts_of
from tests.request_fixtures import VISITORS, events_of, give_approval, look_up

pytestmark = pytest.mark.django_db

PROCESSOR = CompanyRole.PROCESSOR


@pytest.fixture
def make_customer(officer):
    def make(name="Harbour Ltd", **facts):
        values = {"days": 5, "account_id": "Harbour Ltd"} | facts
        return keep_customer(customer=None, facts=CustomerFacts(name=name, **values), by=officer)

    return make


@pytest.fixture
def processed(previewed_request, analyst):
    """A previewed request of a customer, which the register doesn't know."""
    request = previewed_request(company_role=PROCESSOR, subject=Subject("Jane Doe", "jane@person.example"))
    name_customer(request=request, name="Quokka & Sons", days=10, by=analyst)
    request.refresh_from_db()
    return request


@pytest.fixture
def instruct(analyst):
    def record(request, **changes):
        values = {"who": "Wanda Wombat, DPO", "instructed_on": clock.today(), "evidence": "Her mail of today"}
        record_instruction(request=request, by=analyst, **(values | changes))
        request.refresh_from_db()

    return record


# -- The role ------------------------------------------------------------------------------------------------


def test_a_request_is_our_own_unless_somebody_says_otherwise(new_request):
    request = new_request()

    assert request.company_role == CompanyRole.CONTROLLER
    assert not wants_instruction(request)
    assert "request:company:role" not in events_of(request)


def test_said_at_entry_it_stands_in_the_ledger(new_request):
    assert events_of(new_request(company_role=PROCESSOR))[:2] == ["request:opened", "request:company:role"]


def test_the_role_is_named_later_and_corrected(previewed_request, officer, processed):
    request = previewed_request()
    name_role(request=request, role=PROCESSOR, by=officer)
    request.refresh_from_db()
    assert wants_instruction(request)
    with pytest.raises(NotThisPerson, match="changed"):
        give_approval(request, officer)

    name_role(request=processed, role=CompanyRole.CONTROLLER, by=officer)

    processed.refresh_from_db()
    assert processing_of(processed) is None
    assert (processed.customer_due_on, processed.send_by) == (None, request.send_by)


def test_only_an_erasure_has_a_customer_to_ask(new_request, analyst):
    with pytest.raises(Refused, match="law"):
        new_request(kind=Kind.TEST_DATA, law="", channel=None, identity=None, company_role=PROCESSOR)


# -- The customer --------------------------------------------------------------------------------------------


def test_the_customer_is_found_among_the_accounts_of_the_preview(processed, make_customer):
    customer = make_customer()

    [found] = accounts_found(processed)

    assert (found.account, found.count, found.customer) == ("Harbour Ltd", 3, customer)


def test_chosen_by_its_account_the_register_says_the_rest(processed, make_customer, analyst):
    make_customer(name="Harbour Holding", days=5)

    name_customer(request=processed, name="", account="Harbour Ltd", by=analyst)

    processed.refresh_from_db()
    assert customer_of(processing_of(processed)).name == "Harbour Holding"
    assert processed.customer_due_on == processed.received_on + dt.timedelta(days=5)


def test_a_typed_name_is_found_in_the_register_whatever_its_case(processed, make_customer, analyst):
    customer = make_customer(account_id="")

    name_customer(request=processed, name="harbour ltd", by=analyst)

    assert processing_of(processed).customer == customer


def test_whom_the_register_does_not_know_has_to_have_days(processed, analyst):
    with pytest.raises(Refused, match="days"):
        name_customer(request=processed, name="Somebody else", by=analyst)


def test_lists_sort_by_the_day_of_the_contract_where_it_is_earlier(processed, previewed_request, analyst):
    other = previewed_request()

    name_customer(request=processed, name="Quokka & Sons", days=1, by=analyst)

    assert list(open_requests()) == [processed, other]
    name_customer(request=processed, name="Quokka & Sons", days=300, by=analyst)
    processed.refresh_from_db()
    assert processed.send_by == other.send_by


def test_the_customer_is_sealed(processed):
    assert b"Quokka" not in bytes(processing_of(processed).sealed_customer)
    assert "Quokka" not in "".join(entry.text for entry in entries_of(processed.chain))


# -- Forwarding ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("absent", [(), VISITORS])
def test_forwarded_it_waits_for_the_instruction_and_is_looked_up_anew(
    previewed_request, analyst, instruct, absent
):
    request = previewed_request(company_role=PROCESSOR, absent=absent)
    name_customer(request=request, name="Quokka", days=10, by=analyst)

    forward(request=request, by=analyst)
    request.refresh_from_db()
    assert request.state == State.FORWARDED

    instruct(request)
    assert request.state == State.PREVIEWING
    look_up(request)
    assert request.state == State.PREVIEWED
    assert not wants_instruction(request)


def test_without_a_customer_nothing_is_forwarded(previewed_request, analyst):
    with pytest.raises(Refused, match="customer"):
        forward(request=previewed_request(company_role=PROCESSOR), by=analyst)
    with pytest.raises(Refused, match="controller"):
        forward(request=previewed_request(), by=analyst)


def test_a_forwarded_request_can_be_cancelled(processed, analyst):
    forward(request=processed, by=analyst)

    cancel(request=processed, by=analyst, reason="The customer keeps the data")

    processed.refresh_from_db()
    assert processed.state == State.CANCELLED


def test_forwarded_it_is_turned_back_if_it_is_our_own_and_looked_up_anew(processed, analyst, officer):
    forward(request=processed, by=analyst)

    name_role(request=processed, role=CompanyRole.CONTROLLER, by=analyst)

    processed.refresh_from_db()
    assert (processed.state, processing_of(processed)) == (State.PREVIEWING, None)
    look_up(processed)
    give_approval(processed, officer)
    assert Request.objects.get(pk=processed.pk).state == State.APPROVED


# -- The instruction -----------------------------------------------------------------------------------------


def test_nothing_is_approved_before_the_customer_has_instructed_it(processed, officer, instruct):
    with pytest.raises(Refused, match="instruction"):
        give_approval(processed, officer)
    assert not waiting_for(officer).exists()

    instruct(processed)

    assert list(waiting_for(officer)) == [processed]
    assert give_approval(processed, officer)


def test_officers_get_mail_once_it_is_instructed_and_not_before(processed, officer, instruct):
    def told():
        deliver()
        return [message.to for message in mail.outbox if processed.reference in message.subject]

    assert told() == []

    instruct(processed)

    assert told() == [[officer.email]]


def test_who_instructed_and_what_shows_it_is_sealed(processed, instruct):
    instruct(processed)

    processing = processing_of(processed)
    assert instruction_of(processing).who == "Wanda Wombat, DPO"
    assert b"Wombat" not in bytes(processing.sealed_instruction)
    assert "Wombat" not in "".join(entry.text for entry in entries_of(processed.chain))


@pytest.mark.parametrize(
    "changes",
    [{"who": " "}, {"evidence": ""}, {"instructed_on": clock.today() + dt.timedelta(days=2)}],
)
def test_an_instruction_says_who_when_and_what_shows_it(processed, instruct, changes):
    with pytest.raises(Refused):
        instruct(processed, **changes)

    assert wants_instruction(processed)


def test_whoever_records_it_does_not_approve(processed, instruct, officer):
    record_instruction(
        request=processed, who="Wanda", instructed_on=clock.today(), evidence="Mail", by=officer
    )

    with pytest.raises(NotThisPerson):
        give_approval(processed, officer)


def test_what_is_asked_changed_the_instruction_counts_no_more(processed, instruct, analyst):
    instruct(processed)

    revise_request(
        request=processed,
        things=asked_things(processed)[:1],
        subscriptions=list(processed.subscriptions.all()),
        by=analyst,
    )

    assert wants_instruction(processed)
    assert "request:instruction:void" in events_of(processed)


def test_another_customer_has_to_instruct_anew(processed, instruct, analyst):
    instruct(processed)

    name_customer(request=processed, name="Somebody else", days=10, by=analyst)

    assert wants_instruction(processed)


def test_legal_changes_nothing(processed, make_person):
    with pytest.raises(NotThisPerson):
        forward(request=processed, by=make_person(Role.LEGAL))


# -- Texts, and the register ---------------------------------------------------------------------------------


def test_the_texts_are_for_the_person_and_for_the_customer(processed):
    person, customer, _ = texts_of(processed)

    assert (person.to, customer.to) == ("the person", "Quokka & Sons")
    assert "Hello Jane Doe" in person.text
    assert "on behalf of Quokka & Sons" in person.text
    assert "jane@person.example" in customer.text


def test_no_two_customers_share_a_name_or_an_account(make_customer):
    make_customer()

    with pytest.raises(Refused, match="name"):
        make_customer(name="HARBOUR LTD", account_id="")
    with pytest.raises(Refused, match="account"):
        make_customer(name="Other")


def test_an_analyst_does_not_keep_the_register(analyst):
    with pytest.raises(NotThisPerson):
        keep_customer(customer=None, facts=CustomerFacts(name="Harbour", days=5), by=analyst)


# -- On screen -----------------------------------------------------------------------------------------------


def test_from_the_form_to_the_approval(previewed_request, make_customer, client_of, analyst, officer):
    make_customer()
    request, browser = previewed_request(), client_of(analyst)

    def send(name, **values):
        return browser.post(reverse(name, args=[request.reference]), values).status_code

    assert send("request_role") == 302
    assert (
        "in the register: Harbour Ltd, 5 days"
        in browser.get(reverse("request_processing", args=[request.reference])).content.decode()
    )
    assert send("request_processing") == 422
    assert send("request_processing", account="Harbour Ltd") == 302
    assert send("request_forwarded") == 302
    assert "Forwarded to the customer" in browser.get(f"/requests/{request.reference}/").content.decode()
    assert send("request_instructed", who="Wanda") == 422
    assert send("request_instructed", who="Wanda", instructed_on=clock.today(), evidence="Mail") == 302
    look_up(request)
    page = client_of(officer).get(reverse("request_decide", args=[request.reference])).content.decode()
    assert "Instructed on" in page


def test_the_list_is_filtered_by_role(previewed_request, processed, client_of, analyst):
    own = previewed_request()
    browser = client_of(analyst)

    assert browser.get("/requests/?role=processor").context["page"].rows == [processed]
    assert browser.get("/requests/?role=controller").context["page"].rows == [own]


def test_an_officer_keeps_the_register_on_screen(client_of, officer):
    browser = client_of(officer)

    assert browser.post("/customers/add/", {"name": "Harbour Ltd"}).status_code == 422
    assert browser.post("/customers/add/", {"name": "Harbour Ltd", "days": "7"}).status_code == 302
    customer = Customer.objects.get()
    assert browser.post(f"/customers/{customer.pk}/", {"name": "Harbour Ltd", "days": "9"}).status_code == 302
    assert "Harbour Ltd" in browser.get("/customers/").content.decode()
