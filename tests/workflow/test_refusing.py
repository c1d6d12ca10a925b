"""Refusing the right: two people, with reasons of the law, wholly or in part."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel
from compliance.workflow.choosing import choose_targets
from compliance.workflow.dating import name_law
from compliance.workflow.enabled_laws import enable_law
from compliance.workflow.errors import NoFurtherApproval, NotThisPerson, StateChanged
from compliance.workflow.models import RefusalScope, RefusedTarget
from compliance.workflow.previews import current_preview, look_again
from compliance.workflow.processing import forward, name_customer
from compliance.workflow.queries import outcome_counts, refusals_waiting_for
from compliance.workflow.refusing import (
    Case,
    agree_to_refusal,
    case_of,
    decline_refusal,
    propose_refusal,
    waiting_refusal,
    word_of,
)
from compliance.workflow.states import CompanyRole, Kind, Outcome, Spared, State
from compliance.workflow.wordings import refusal_notice
from tests.request_fixtures import events_of, give_approval, look_up

WHOLE, TARGETS, NAMED = RefusalScope.WHOLE, RefusalScope.TARGETS, RefusalScope.NAMED
FACTS = "Forty identical letters arrived since March; each was answered, nothing was stored between them."
UNFOUNDED = Case("R_12_5_EXCESSIVE", FACTS)


def claims(**changes):
    """Data kept for legal claims, with all that the code wants."""
    values = {
        "code": "X_E_LEGAL_CLAIMS",
        "facts": "An action about unpaid invoices is pending; usage records prove delivery of service.",
        "statute": "Section 195 BGB",
        "kept_until": clock.today() + dt.timedelta(days=400),
    }
    return Case(**(values | changes))


def propose(request, by, *, scope=WHOLE, case=UNFOUNDED, targets=()):
    return propose_refusal(request=request, scope=scope, case=case, by=by, targets=targets)


def partly(request, by, count=1):
    keys = request.targets.order_by("pk").values_list("pk", flat=True)[:count]
    return propose(request, by, scope=TARGETS, case=claims(), targets=list(keys))


def fresh(request):
    request.refresh_from_db()
    return request


# -- The whole -----------------------------------------------------------------------------------------------


def test_two_people_refuse_and_nothing_is_sent(previewed_request, analyst, officer):
    request = previewed_request()

    agree_to_refusal(refusal=propose(request, analyst), by=officer)

    assert fresh(request).state == State.REFUSED
    assert request.ended
    assert request.closed_at
    assert outcome_counts(request) == {Outcome.CANCELLED: 3}


def test_the_ledger_names_both_and_how_it_ended(previewed_request, analyst, officer):
    request = previewed_request()

    refusal = propose(request, analyst)
    agree_to_refusal(refusal=refusal, by=officer)

    proposed, refused = (
        next(entry for entry in entries_of(request.chain) if entry.event == event)
        for event in ("request:refusal:proposed", "request:refused")
    )
    assert proposed.body["actor"] == analyst.reference
    facts = proposed.body["facts"]
    assert len(facts.pop("reason")) == 64
    assert facts == {
        "scope": "the whole request",
        "count": 0,
        "code": "R_12_5_EXCESSIVE",
        "law": "EU GDPR",
        "kept_until": "no day",
    }
    assert refused.body["actor"] == officer.reference
    assert refused.body["facts"] == {
        "code": "R_12_5_EXCESSIVE",
        "ending": "refused",
    }
    assert FACTS.encode() not in bytes(refusal.sealed_case)


@pytest.mark.parametrize(
    ("law", "code", "ending"),
    [
        ("EU_GDPR", "R_11_2_NOT_IDENTIFIABLE", "the person can't be identified in the data"),
        ("EU_GDPR", "R_12_6_ID_NOT_CONFIRMED", "it could not be confirmed who asks"),
        ("US_CA", "CA_NOT_VERIFIED", "it could not be confirmed who asks"),
        ("US_VA", "ST_NOT_AUTHENTICATED", "it could not be confirmed who asks"),
        ("KR_PIPA", "KR_NOT_IDENTIFIED", "it could not be confirmed who asks"),
    ],
)
def test_endings_are_told_apart(previewed_request, analyst, officer, make_person, law, code, ending):
    if law in {"US_VA", "KR_PIPA"}:
        enable_law(code=law, by=make_person(Role.ADMINISTRATOR))
    request = previewed_request(law=law)

    agree_to_refusal(refusal=propose(request, analyst, case=Case(code, FACTS, evidence="T-1")), by=officer)

    entry = next(each for each in entries_of(request.chain) if each.event == "request:refused")
    assert entry.body["facts"]["ending"] == ending


@pytest.mark.parametrize("absent", [(), ("visitor-one", "visitor-two", "visitor-three")])
def test_it_is_possible_whatever_was_found(previewed_request, analyst, officer, absent):
    request = previewed_request(absent=absent)

    agree_to_refusal(refusal=propose(request, analyst), by=officer)

    assert fresh(request).state == State.REFUSED


def test_it_is_possible_while_pendo_is_asked(new_request, analyst, officer):
    request = new_request()

    agree_to_refusal(refusal=propose(request, analyst), by=officer)

    assert fresh(request).state == State.REFUSED


def test_proposing_takes_an_approval_back(approved_in_grace, analyst):
    propose(approved_in_grace, analyst)

    assert fresh(approved_in_grace).state == State.PREVIEWING


def test_nobody_approves_while_it_waits(previewed_request, analyst, officer, second_officer):
    request = previewed_request()
    refusal = propose(request, analyst)

    with pytest.raises(NoFurtherApproval, match="refusal is proposed"):
        give_approval(request, officer)
    decline_refusal(refusal=refusal, by=second_officer, reason="They aren't excessive.")
    assert give_approval(request, officer)


# -- Who -----------------------------------------------------------------------------------------------------


def test_nobody_agrees_to_their_own_proposal(previewed_request, officer, second_officer):
    request = previewed_request()
    refusal = propose(request, officer)

    with pytest.raises(NotThisPerson, match="You proposed"):
        agree_to_refusal(refusal=refusal, by=officer)
    agree_to_refusal(refusal=refusal, by=second_officer)


def test_who_entered_the_request_does_not_agree(previewed_request, officer, analyst):
    request = previewed_request(by=officer)

    with pytest.raises(NotThisPerson, match="entered or changed"):
        agree_to_refusal(refusal=propose(request, analyst), by=officer)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.LEGAL, Role.ADMINISTRATOR])
def test_only_an_officer_agrees(previewed_request, analyst, make_person, role):
    with pytest.raises(NotThisPerson):
        agree_to_refusal(refusal=propose(previewed_request(), analyst), by=make_person(role))


@pytest.mark.parametrize("role", [Role.LEGAL, Role.QA, Role.ADMINISTRATOR])
def test_who_enters_no_requests_proposes_none(previewed_request, make_person, role):
    with pytest.raises(NotThisPerson):
        propose(previewed_request(), make_person(role))


def test_it_waits_for_those_who_may_decide(previewed_request, officer, second_officer, analyst):
    request = previewed_request(by=analyst)
    propose(request, officer)

    assert list(refusals_waiting_for(second_officer)) == [request]
    assert not refusals_waiting_for(officer).exists()


# -- Declined ------------------------------------------------------------------------------------------------


def test_declined_with_a_reason_the_request_goes_on(previewed_request, analyst, officer):
    request = previewed_request()
    refusal = propose(request, analyst)

    with pytest.raises(Refused, match="Give a reason"):
        decline_refusal(refusal=refusal, by=officer)
    decline_refusal(refusal=refusal, by=officer, reason="Two of them were about access.")

    refusal.refresh_from_db()
    assert (refusal.agreed, word_of(refusal)) == (False, "Two of them were about access.")
    assert fresh(request).state == State.PREVIEWED
    assert waiting_refusal(request) is None


def test_who_proposed_takes_it_back_without_one(previewed_request, analyst):
    request = previewed_request()

    decline_refusal(refusal=propose(request, analyst), by=analyst)

    assert waiting_refusal(request) is None


def test_decided_is_decided(previewed_request, analyst, officer):
    refusal = propose(previewed_request(), analyst)
    decline_refusal(refusal=refusal, by=officer, reason="No.")

    with pytest.raises(StateChanged):
        agree_to_refusal(refusal=refusal, by=officer)


# -- What it wants -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (Case("CA_NOT_CONSUMER", FACTS), "knows no such reason"),
        (Case("G_A_NOT_NECESSARY", FACTS), "knows no such reason"),
        (Case("H_LITIGATION", FACTS), "knows no such reason"),
        (Case("R_12_5_UNFOUNDED", ""), "Give a reason"),
        (Case("R_12_5_UNFOUNDED", "Disproportionate."), "any request"),
        (Case("R_12_5_UNFOUNDED", "No staff, holidays"), "no reason towards the person"),
        (Case("R_11_2_NOT_IDENTIFIABLE", FACTS), "evidence"),
        (Case("X_E_LEGAL_CLAIMS", FACTS, kept_until=dt.date(2999, 1, 1)), "provision"),
        (Case("X_E_LEGAL_CLAIMS", FACTS, statute="Section 195 BGB"), "the day on which the data goes"),
        (
            Case("X_E_LEGAL_CLAIMS", FACTS, statute="Section 195 BGB", kept_until=dt.date(2020, 1, 1)),
            "in the past",
        ),
    ],
    ids=str,
)
def test_what_the_code_wants_is_asked_for(previewed_request, analyst, case, why):
    request = previewed_request()
    events = events_of(request)

    with pytest.raises(Refused, match=why):
        propose(request, analyst, case=case)
    assert events_of(request) == events


def test_the_law_has_to_be_known(previewed_request, analyst):
    with pytest.raises(Refused, match="Name the law first"):
        propose(previewed_request(law=""), analyst)


def test_a_wish_without_a_law_is_cancelled_instead(new_request, analyst):
    request = new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None)

    with pytest.raises(Refused, match="cancel it instead"):
        propose(request, analyst)


def test_what_has_ended_is_refused_no_more(previewed_request, analyst):
    request = previewed_request()
    cancel(request=request, by=analyst, reason="No.")

    with pytest.raises(StateChanged):
        propose(request, analyst)


def test_one_waits_at_a_time(previewed_request, analyst):
    request = previewed_request()
    propose(request, analyst)

    with pytest.raises(StateChanged, match="already"):
        propose(request, analyst)


def test_under_another_law_its_reasons_count_no_more(previewed_request, analyst, officer):
    request = previewed_request()
    refusal = propose(request, analyst)
    name_law(request=request, law="US_CA", calendar="", by=analyst)

    with pytest.raises(Refused, match="named anew"):
        agree_to_refusal(refusal=refusal, by=officer)


# -- A part --------------------------------------------------------------------------------------------------


def test_a_part_is_spared_and_the_rest_wants_its_own_approval(
    previewed_request, analyst, officer, second_officer
):
    request = previewed_request()
    before = current_preview(request)

    agree_to_refusal(refusal=partly(request, analyst), by=officer)

    preview = current_preview(fresh(request))
    assert request.state == State.PREVIEWED
    assert outcome_counts(request) == {Outcome.PENDING: 2, Outcome.SPARED: 1}
    assert request.targets.get(outcome=Outcome.SPARED).spared_because == Spared.REFUSED
    assert (preview.number, preview.found, preview.spared) == (before.number + 1, 2, 1)
    assert preview.digest != before.digest
    assert "request:refused:partly" in events_of(request)
    assert give_approval(request, officer)


def test_who_proposed_the_part_does_not_approve_the_rest(previewed_request, officer, second_officer):
    request = previewed_request()
    agree_to_refusal(refusal=partly(request, officer), by=second_officer)

    with pytest.raises(NotThisPerson):
        give_approval(request, officer)
    assert give_approval(request, second_officer)


def test_looked_up_again_it_stays_refused(previewed_request, analyst, officer):
    request = previewed_request()
    agree_to_refusal(refusal=partly(request, analyst), by=officer)
    name = request.targets.get(outcome=Outcome.SPARED).commitment

    look_again(request=request, by=analyst)
    look_up(request)

    spared = request.targets.get(outcome=Outcome.SPARED)
    assert (bytes(spared.commitment), spared.spared_because) == (bytes(name), Spared.REFUSED)
    assert current_preview(request).found == 2


def test_nobody_ticks_it_again(previewed_request, analyst, officer):
    request = previewed_request()
    agree_to_refusal(refusal=partly(request, analyst), by=officer)

    with pytest.raises(Refused, match="two people have refused"):
        choose_targets(request=request, by=analyst, include=[request.targets.get(outcome=Outcome.SPARED).pk])


def test_of_everything_the_whole_is_refused(previewed_request, analyst):
    with pytest.raises(Refused, match="refuse the whole request"):
        partly(previewed_request(), analyst, count=3)


def test_targets_of_another_request_are_none(previewed_request, analyst):
    stranger = previewed_request()
    keys = list(stranger.targets.values_list("pk", flat=True))

    with pytest.raises(Refused, match="Tick"):
        propose(previewed_request(), analyst, scope=TARGETS, case=claims(), targets=keys)


def test_a_part_that_is_not_found_any_more_is_not_agreed_to(previewed_request, analyst, officer):
    request = previewed_request()
    refusal = partly(request, analyst)
    RefusedTarget.objects.update(commitment=b"x" * 32)

    with pytest.raises(Refused, match="has changed"):
        agree_to_refusal(refusal=refusal, by=officer)
    assert waiting_refusal(request)


def test_data_named_in_words_stays_and_nothing_else_changes(previewed_request, analyst, officer):
    request = previewed_request()
    preview = current_preview(request)
    with pytest.raises(Refused, match="Name the data"):
        propose(request, analyst, scope=NAMED, case=claims())

    refusal = propose(request, analyst, scope=NAMED, case=claims(what="invoices since 2020"))
    agree_to_refusal(refusal=refusal, by=officer)

    assert current_preview(request) == preview
    assert case_of(refusal).what == "invoices since 2020"
    assert give_approval(request, officer)


# -- What the person reads -----------------------------------------------------------------------------------


def test_the_text_says_what_the_law_wants(previewed_request, analyst):
    text = refusal_notice(propose(previewed_request(), analyst, case=claims()))

    for part in (
        "legal claims, made or defended (Art. 17(3)(e))",
        "usage records prove delivery",
        "under Section 195 BGB, until",
        "We keep a record",
        "the right to a judicial remedy",
        "a complaint to a supervisory authority; a court",
    ):
        assert part in text
    assert "appeal to us" not in text


def test_where_the_law_gives_an_appeal_the_text_says_so(previewed_request, analyst, make_person):
    enable_law(code="US_VA", by=make_person(Role.ADMINISTRATOR))
    request = previewed_request(law="US_VA")

    text = refusal_notice(propose(request, analyst, case=Case("ST_NOT_AUTHENTICATED", FACTS)))

    assert "We decide about an appeal within 60 days." in text
    assert "how to appeal" in text


def test_what_was_forwarded_to_a_customer_is_refused_too(previewed_request, analyst, officer):
    """The customer may say no, for reasons of the law."""
    request = previewed_request(company_role=CompanyRole.PROCESSOR)
    name_customer(request=request, name="Quokka & Sons", days=10, by=analyst)
    forward(request=request, by=analyst)

    agree_to_refusal(refusal=propose(request, analyst), by=officer)

    assert fresh(request).state == State.REFUSED
