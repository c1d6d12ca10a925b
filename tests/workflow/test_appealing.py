"""Appeals and complaints: their own clocks, and somebody else who decides."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.subscriptions.limits import give_role
from compliance.workflow.appealing import (
    acknowledge_complaint,
    decide_appeal,
    extend_appeal,
    kinds_offered,
    record_appeal,
    text_of,
    why_longer,
)
from compliance.workflow.approvals import confirm_nothing_found
from compliance.workflow.enabled_laws import enable_law
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.models import AppealKind, AppealResult, RefusalScope, Request
from compliance.workflow.processing import wants_instruction
from compliance.workflow.queries import open_appeals, overdue_appeals
from compliance.workflow.refusing import Case, agree_to_refusal, propose_refusal
from compliance.workflow.states import Channel, CompanyRole, State
from compliance.workflow.wordings import appeal_answer, appeal_notice
from tests.api_fixtures import kind_of_problem
from tests.request_fixtures import VISITORS, asked_values, events_of, give_approval, look_up

TODAY = dt.date(2027, 1, 10)
FACTS = "The account that is named belongs to another consumer, and two messages to its mailbox bounced."
REASONS = "A driving licence number matched invoice 4411, so the account is the person's after all."


@pytest.fixture(autouse=True)
def _january(time_machine):
    time_machine.move_to("2027-01-10T12:00:00Z")


@pytest.fixture
def refused_request(previewed_request, analyst, officer, make_person):
    """`refused_request("US_VA")`: the analyst proposed it, the officer agreed."""

    def make(law, code="ST_NOT_AUTHENTICATED"):
        if law.startswith("US_") and law != "US_CA":
            enable_law(code=law, by=make_person(Role.ADMINISTRATOR))
        request = previewed_request(law=law, received_on=dt.date(2026, 12, 1))
        case = Case(code, FACTS)
        refusal = propose_refusal(request=request, scope=RefusalScope.WHOLE, case=case, by=analyst)
        agree_to_refusal(refusal=refusal, by=officer)
        request.refresh_from_db()
        return request

    return make


def appeal(request, by, **changes):
    values = {
        "kind": AppealKind.APPEAL,
        "received_on": TODAY,
        "channel": Channel.EMAIL,
        "text": "It is mine.",
    }
    return record_appeal(request=request, by=by, **(values | changes))


def decide(waiting, by, result=AppealResult.UPHELD, reason=REASONS):
    following = decide_appeal(appeal=waiting, result=result, reason=reason, by=by)
    waiting.refresh_from_db()
    return following


# -- Recorded ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "legal", "safe"),
    [
        ("US_VA", dt.date(2027, 3, 11), dt.date(2027, 3, 10)),
        ("US_OR", dt.date(2027, 2, 24), dt.date(2027, 2, 23)),
    ],
)
def test_an_appeal_runs_by_its_own_clock(refused_request, analyst, law, legal, safe):
    recorded = appeal(refused_request(law), analyst)

    assert (recorded.legal, recorded.safe) == (legal, safe)
    assert list(open_appeals()) == [recorded]
    assert text_of(recorded) == "It is mine."


def test_it_stands_in_the_ledger_without_its_words(refused_request, analyst):
    request = refused_request("US_VA")

    recorded = appeal(request, analyst)

    facts = entries_of(request.chain).last().body["facts"]
    assert len(facts.pop("text")) == 64
    assert facts == {
        "kind": "appeal",
        "appeal": str(recorded),
        "received_on": "2027-01-10",
        "channel": "e-mail",
        "answer_by": "2027-03-10",
    }


@pytest.mark.parametrize(
    ("law", "code"), [("EU_GDPR", "R_12_6_ID_NOT_CONFIRMED"), ("US_CA", "CA_NOT_VERIFIED")]
)
def test_a_law_without_an_appeal_names_the_other_ways(refused_request, analyst, law, code):
    request = refused_request(law, code)

    assert kinds_offered(request, TODAY) == []
    with pytest.raises(Refused, match="Open to the person: a complaint"):
        appeal(request, analyst)


def test_british_law_has_a_complaint_that_is_acknowledged(refused_request, analyst):
    request = refused_request("UK_GDPR", "R_12_6_ID_NOT_CONFIRMED")
    assert kinds_offered(request, TODAY) == [AppealKind.COMPLAINT]

    recorded = appeal(request, analyst, kind=AppealKind.COMPLAINT)

    assert (recorded.legal, recorded.safe) == (dt.date(2027, 2, 9), dt.date(2027, 2, 8))
    acknowledge_complaint(appeal=recorded, by=analyst)
    with pytest.raises(StateChanged):
        acknowledge_complaint(appeal=recorded, by=analyst)


def test_late_ones_are_overdue_until_they_are_answered_or_acknowledged(
    refused_request, analyst, second_officer, time_machine
):
    waiting = appeal(refused_request("US_OR"), analyst)
    complaint = appeal(
        refused_request("UK_GDPR", "R_12_6_ID_NOT_CONFIRMED"), analyst, kind=AppealKind.COMPLAINT
    )
    time_machine.move_to("2027-02-25T12:00:00Z")
    assert list(overdue_appeals()) == [complaint, waiting]

    acknowledge_complaint(appeal=complaint, by=analyst)
    decide(waiting, second_officer)

    assert not overdue_appeals().exists()
    assert list(open_appeals()) == [complaint]


def test_what_was_closed_may_be_appealed_against(previewed_request, analyst, make_person):
    enable_law(code="US_VA", by=make_person(Role.ADMINISTRATOR))
    request = previewed_request(law="US_VA", absent=VISITORS, received_on=dt.date(2026, 12, 1))
    with pytest.raises(StateChanged, match="no answer yet"):
        appeal(request, analyst)
    confirm_nothing_found(request=request, by=analyst)

    assert appeal(request, analyst)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"received_on": dt.date(2027, 1, 11)}, "in the future"),
        ({"received_on": dt.date(2026, 11, 30)}, "before the request"),
        ({"text": " "}, "what the person says"),
    ],
)
def test_what_can_not_be_meant_is_refused(refused_request, analyst, changes, why):
    with pytest.raises(Refused, match=why):
        appeal(refused_request("US_VA"), analyst, **changes)


# -- Decided -------------------------------------------------------------------------------------------------


def test_upheld_the_answer_stands(refused_request, analyst, second_officer):
    waiting = appeal(refused_request("US_VA"), analyst)

    assert decide(waiting, second_officer) is None

    assert not open_appeals().exists()
    text = appeal_answer(waiting)
    assert "Our answer stands." in text
    assert REASONS in text
    assert "Attorney General" in text


def test_granted_a_request_follows_with_its_own_preview_and_approval(
    refused_request, analyst, officer, second_officer
):
    request = refused_request("US_VA")
    waiting = appeal(request, analyst)

    following = decide(waiting, second_officer, AppealResult.OVERTURNED)

    assert request.state == State.REFUSED
    assert following.state == State.PREVIEWING
    assert (following.law, following.received_on) == ("US_VA", TODAY)
    assert asked_values(following) == asked_values(request)
    assert waiting.followed_by == following
    assert "request:appeal:followed" in events_of(following)
    assert following.reference in appeal_answer(waiting)
    look_up(following)
    with pytest.raises(NotThisPerson):
        give_approval(following, second_officer)
    assert give_approval(following, officer)


def test_who_had_a_hand_in_the_refusal_does_not_decide(refused_request, analyst, officer):
    with pytest.raises(NotThisPerson, match="hand in the refusal"):
        decide(appeal(refused_request("US_VA"), analyst), officer)


def test_who_recorded_it_does_not_decide(refused_request, second_officer):
    with pytest.raises(NotThisPerson, match="recorded it"):
        decide(appeal(refused_request("US_VA"), second_officer), second_officer)


def test_only_an_officer_decides(refused_request, analyst, make_person):
    with pytest.raises(NotThisPerson):
        decide(appeal(refused_request("US_VA"), analyst), make_person(Role.ANALYST, Role.LEGAL))


def test_it_is_decided_once_and_with_reasons(refused_request, analyst, second_officer):
    waiting = appeal(refused_request("US_VA"), analyst)
    with pytest.raises(Refused, match="any request"):
        decide(waiting, second_officer, reason="No.")
    decide(waiting, second_officer)

    with pytest.raises(StateChanged):
        decide(waiting, second_officer)


# -- The pages -----------------------------------------------------------------------------------------------


def words(answer):
    return " ".join(answer.content.decode().split())


def test_from_the_letter_to_the_request_that_follows(refused_request, client_of, analyst, second_officer):
    request, entering, judging = refused_request("US_VA"), client_of(analyst), client_of(second_officer)
    values = {"kind": "appeal", "received_on": TODAY, "channel": "letter", "text": "It is mine."}

    entering.post(f"/requests/{request.reference}/appeal/", values)
    waiting = request.appeals.get()
    assert "to be answered by 10 Mar 2027" in words(entering.get(f"/requests/{request.reference}/"))
    for page in ("/", "/appeals/"):
        assert "Table of appeals and complaints" in words(judging.get(page))
    address = f"/requests/appeals/{waiting.pk}/decide/"
    assert "It is mine." in words(judging.get(address))
    assert judging.post(address, {"result": "overturned", "reason": "Yes."}).status_code == 422
    answer = judging.post(address, {"result": "overturned", "reason": REASONS}, follow=True)

    assert "We grant it." in words(answer)
    following = Request.objects.get(follows__isnull=False)
    assert f"It is carried out by {following.reference}." in words(answer)
    page = words(entering.get(f"/requests/{following.reference}/"))
    assert "Follows from the appeal that was granted about" in page


def test_where_there_is_no_appeal_the_page_names_the_other_ways(refused_request, client_of, analyst):
    request = refused_request("US_CA", "CA_NOT_VERIFIED")

    page = words(client_of(analyst).get(f"/requests/{request.reference}/"))

    assert "Open to the person: a complaint to the California Privacy Protection Agency" in page


def test_where_we_are_processor_the_request_that_follows_waits_for_the_customer_as_well(
    refused_request, analyst, second_officer
):
    request = refused_request("US_VA")
    Request.objects.filter(pk=request.pk).update(company_role=CompanyRole.PROCESSOR)

    following = decide(appeal(request, analyst), second_officer, AppealResult.OVERTURNED)

    assert following.company_role == CompanyRole.PROCESSOR
    assert wants_instruction(following)


# -- More time -----------------------------------------------------------------------------------------------

WHY_LONGER = "Two invoices from an archive abroad have to be compared before it can be said whose data it is."


def test_where_the_law_gives_it_an_officer_takes_more_time_once(refused_request, analyst, second_officer):
    recorded = appeal(refused_request("US_CO"), analyst)
    assert recorded.safe == dt.date(2027, 2, 23)

    extend_appeal(appeal=recorded, reason=WHY_LONGER, by=second_officer)

    recorded.refresh_from_db()
    assert (recorded.safe, recorded.legal) == (dt.date(2027, 4, 24), dt.date(2027, 4, 25))
    assert why_longer(recorded) == WHY_LONGER
    assert "24 April 2027" in appeal_notice(recorded)
    assert WHY_LONGER in appeal_notice(recorded)
    with pytest.raises(Refused, match="once"):
        extend_appeal(appeal=recorded, reason=WHY_LONGER, by=second_officer)


def test_more_time_is_taken_inside_the_first_period_only(
    refused_request, analyst, second_officer, time_machine
):
    recorded = appeal(refused_request("US_CO"), analyst)
    time_machine.move_to("2027-02-25T12:00:00Z")

    with pytest.raises(Refused, match="first period ended"):
        extend_appeal(appeal=recorded, reason=WHY_LONGER, by=second_officer)


def test_other_laws_give_no_more_time_for_an_appeal(refused_request, analyst, second_officer):
    with pytest.raises(Refused, match="no more time"):
        extend_appeal(appeal=appeal(refused_request("US_VA"), analyst), reason=WHY_LONGER, by=second_officer)


def test_whoever_refused_takes_no_more_time_and_a_word_is_no_reason(
    refused_request, analyst, officer, second_officer
):
    recorded = appeal(refused_request("US_CO"), analyst)

    with pytest.raises(NotThisPerson, match="hand in the refusal"):
        extend_appeal(appeal=recorded, reason=WHY_LONGER, by=officer)
    with pytest.raises(Refused, match="longer"):
        extend_appeal(appeal=recorded, reason="busy", by=second_officer)


def test_more_time_is_taken_over_rest(refused_request, analyst, second_officer, program_of):
    url = f"/appeals/{appeal(refused_request('US_CO'), analyst).pk}"
    script = program_of(second_officer)

    vague, taken = (script.post(f"{url}/extend", {"reason": reason}) for reason in ("busy", WHY_LONGER))

    assert (kind_of_problem(vague), taken.status_code) == ("refused", 200)
    assert WHY_LONGER not in taken.content.decode()
    told = script.get(url).json()
    assert (told["extended_on"], told["safe"]) == (TODAY.isoformat(), "2027-04-24")
    assert told["why_longer"] == WHY_LONGER


def test_on_screen_an_appeal_out_of_reach_is_not_there(
    refused_request, analyst, make_person, silent_subscription, client_of
):
    recorded, person = appeal(refused_request("US_CO"), analyst), make_person()
    give_role(person=person, role=Role.OFFICER, within=[silent_subscription()], by=None)

    assert client_of(person).get(f"/requests/appeals/{recorded.pk}/extend/").status_code == 404


def test_more_time_is_taken_on_screen(refused_request, analyst, second_officer, client_of):
    recorded = appeal(refused_request("US_CO"), analyst)
    browser = client_of(second_officer)

    again = browser.post(f"/requests/appeals/{recorded.pk}/extend/", {"reason": "busy"})
    assert (again.status_code, "busy" in again.content.decode()) == (422, True)
    assert browser.post(f"/requests/appeals/{recorded.pk}/extend/", {"reason": WHY_LONGER}).status_code == 302

    page = browser.get(f"/requests/{recorded.request.reference}/").content.decode()
    assert "to be answered by 24 Apr 2027" in page
    assert "took more time" in page
