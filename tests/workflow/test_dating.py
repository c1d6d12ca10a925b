"""What is learnt later, and moves dates: the law, and proof of identity."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel
from compliance.workflow.changers import is_changer
from compliance.workflow.dating import name_law, note_identity
from compliance.workflow.enabled_laws import enable_law
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.proof import proof_of
from compliance.workflow.states import Kind
from tests.request_fixtures import events_of, give_approval

RECEIVED = dt.date(2026, 11, 2)
ASKED, PROVEN = dt.date(2026, 11, 3), dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _late_november(time_machine):
    time_machine.move_to("2026-11-26T12:00:00Z")


@pytest.fixture
def request_under(new_request):
    """`request_under("UK_GDPR")`: received on 2 November."""
    return lambda law, **wish: new_request(law=law, received_on=RECEIVED, **wish)


def dates_of(request):
    """Of each clock its lawful and its safe day, as they stand in the database."""
    request.refresh_from_db()
    return {clock.kind: (clock.legal.isoformat(), clock.safe.isoformat()) for clock in request.clocks.all()}


# -- The law -------------------------------------------------------------------------------------------------


def test_naming_the_law_counts_its_clocks(request_under, officer):
    request = request_under("")
    assert "acknowledgement" in dates_of(request)

    name_law(request=request, law="EU_GDPR", calendar="DE", by=officer)

    assert dates_of(request) == {
        "extension_notice": ("2026-12-02", "2026-12-01"),
        "answer": ("2026-12-02", "2026-12-01"),
        "extended_answer": ("2027-02-02", "2027-02-01"),
    }
    assert (request.law, request.law_version, request.calendar) == ("EU_GDPR", "2026-11-22", "DE")
    assert (request.send_by, request.legal_by) == (dt.date(2026, 11, 10), dt.date(2026, 12, 2))
    assert is_changer(request, officer)


def test_naming_the_law_stands_in_the_ledger(request_under, analyst):
    request = request_under("")

    name_law(request=request, law="US_CA", calendar="", by=analyst)

    entry = entries_of(request.chain).last()
    assert (entry.event, entry.body["actor"]) == ("request:law:named", analyst.reference)
    assert entry.body["facts"] == {
        "law": "California (CCPA)",
        "law_version": "2026-11-22",
        "calendar": "nobody",
        "send_by": "2026-11-25",
        "before": "2026-11-10",
    }


def test_a_wrong_law_is_corrected(request_under, analyst, make_person):
    enable_law(code="KR_PIPA", by=make_person(Role.ADMINISTRATOR))
    request = request_under("EU_GDPR")

    name_law(request=request, law="KR_PIPA", calendar="", by=analyst)

    assert dates_of(request) == {"answer": ("2026-11-12", "2026-11-11")}
    assert request.send_by == RECEIVED


def test_clocks_of_other_events_run_on(request_under, analyst):
    request = request_under("EU_GDPR")
    day = dt.date(2026, 12, 10)
    request.clocks.create(kind="appeal_answer", legal=day, safe=day, send_by=day, article="s. 1")

    name_law(request=request, law="US_CA", calendar="", by=analyst)

    assert "appeal_answer" in dates_of(request)


@pytest.mark.parametrize(
    ("law", "calendar", "why"),
    [
        ("XX", "", "can't be chosen"),
        ("KR_PIPA", "", "can't be chosen"),
        ("", "", "can't be chosen"),
        ("US_CA", "DE-XX", "no such calendar"),
        ("EU_GDPR", "", "Nothing would change"),
    ],
)
def test_a_law_that_can_not_be_meant_is_refused(request_under, analyst, law, calendar, why):
    request = request_under("EU_GDPR")
    before, events = dates_of(request), events_of(request)

    with pytest.raises(Refused, match=why):
        name_law(request=request, law=law, calendar=calendar, by=analyst)
    assert (dates_of(request), events_of(request)) == (before, events)


# -- Identity ------------------------------------------------------------------------------------------------


def test_under_british_law_the_proof_starts_the_clocks_anew(request_under, analyst):
    request = request_under("UK_GDPR")

    note_identity(request=request, asked_on=ASKED, by=analyst)
    waiting = dates_of(request)
    note_identity(request=request, asked_on=ASKED, proven_on=PROVEN, by=analyst)

    assert waiting["answer"] == ("2026-12-02", "2026-12-01")
    assert dates_of(request) == {
        "extension_notice": ("2026-12-20", "2026-12-19"),
        "answer": ("2026-12-20", "2026-12-19"),
        "extended_answer": ("2027-02-20", "2027-02-19"),
    }
    assert (request.send_by, request.legal_by) == (dt.date(2026, 11, 28), dt.date(2026, 12, 20))


@pytest.mark.parametrize("law", ["EU_GDPR", "US_CA", "US_CO", "KR_PIPA", ""])
def test_under_other_laws_no_date_moves(request_under, analyst, make_person, law):
    for code in ("US_CO", "KR_PIPA"):
        enable_law(code=code, by=make_person(Role.ADMINISTRATOR))
    request = request_under(law)
    before = dates_of(request)

    note_identity(request=request, asked_on=ASKED, proven_on=PROVEN, by=analyst)

    assert dates_of(request) == before
    assert (request.identity_asked_on, request.identity_proven_on) == (ASKED, PROVEN)


def test_proof_asked_for_late_moves_no_date(request_under, analyst):
    request = request_under("UK_GDPR")
    before = dates_of(request)

    note_identity(request=request, asked_on=dt.date(2026, 11, 16), proven_on=PROVEN, by=analyst)

    assert dates_of(request) == before
    assert "too late" in proof_of(request).words


def test_before_article_12a_no_date_moves(new_request, analyst):
    request = new_request(law="UK_GDPR", received_on=dt.date(2026, 1, 5))
    before = dates_of(request)

    note_identity(request=request, asked_on=dt.date(2026, 1, 6), proven_on=dt.date(2026, 1, 20), by=analyst)

    assert dates_of(request) == before


def test_a_slip_of_the_keyboard_is_corrected(request_under, analyst):
    request = request_under("UK_GDPR")
    note_identity(request=request, asked_on=ASKED, proven_on=PROVEN, by=analyst)

    note_identity(request=request, asked_on=ASKED, proven_on=dt.date(2026, 11, 10), by=analyst)

    assert dates_of(request)["answer"] == ("2026-12-10", "2026-12-09")


def test_proof_stands_in_the_ledger(request_under, officer):
    request = request_under("UK_GDPR")

    note_identity(request=request, asked_on=ASKED, by=officer)
    note_identity(request=request, asked_on=ASKED, proven_on=PROVEN, by=officer)

    asked, proven = list(entries_of(request.chain))[-2:]
    assert asked.event == proven.event == "request:identity:noted"
    assert asked.body["facts"]["proven_on"] == "not yet"
    assert proven.body["facts"] == {
        "asked_on": "2026-11-03",
        "proven_on": "2026-11-20",
        "send_by": "2026-11-28",
        "before": "2026-11-10",
    }
    assert is_changer(request, officer)


@pytest.mark.parametrize(
    ("asked_on", "proven_on", "why"),
    [
        (dt.date(2026, 11, 1), None, "before the request was received"),
        (dt.date(2026, 11, 27), None, "future"),
        (ASKED, dt.date(2026, 11, 27), "future"),
        (PROVEN, ASKED, "before it was asked"),
    ],
)
def test_days_that_can_not_be_meant_are_refused(request_under, analyst, asked_on, proven_on, why):
    request = request_under("UK_GDPR")

    with pytest.raises(Refused, match=why):
        note_identity(request=request, asked_on=asked_on, proven_on=proven_on, by=analyst)
    request.refresh_from_db()
    assert request.identity_asked_on is None


def test_noting_the_same_again_is_refused(request_under, analyst):
    request = request_under("UK_GDPR")
    note_identity(request=request, asked_on=ASKED, by=analyst)

    with pytest.raises(Refused, match="Nothing would change"):
        note_identity(request=request, asked_on=ASKED, by=analyst)


# -- Who, and when -------------------------------------------------------------------------------------------


def name(request, by):
    name_law(request=request, law="US_CA", calendar="", by=by)


def note(request, by):
    note_identity(request=request, asked_on=ASKED, by=by)


both_verbs = pytest.mark.parametrize("verb", [name, note])


@both_verbs
def test_who_enters_no_requests_dates_none(request_under, make_person, verb):
    with pytest.raises(NotThisPerson):
        verb(request_under("EU_GDPR"), make_person(Role.LEGAL))


@both_verbs
def test_an_ended_request_is_dated_no_more(request_under, analyst, verb):
    request = request_under("EU_GDPR")
    cancel(request=request, by=analyst, reason="No.")

    with pytest.raises(StateChanged):
        verb(request, analyst)


@both_verbs
def test_a_kind_without_a_law_has_no_dates_of_one(new_request, analyst, verb):
    request = new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None)

    with pytest.raises(Refused, match="No law sets dates"):
        verb(request, analyst)


@both_verbs
def test_who_has_approved_the_preview_does_not_date_it_meanwhile(
    previewed_request, officer, second_officer, analyst, verb
):
    visitors = [f"visitor-{number}" for number in range(101)]
    request = previewed_request(production=True, received_on=RECEIVED, visitors=visitors)
    assert not give_approval(request, officer)

    with pytest.raises(NotThisPerson, match="somebody else"):
        verb(request, officer)
    verb(request, analyst)
    assert give_approval(request, second_officer)


@both_verbs
def test_who_has_dated_a_request_does_not_approve_it(previewed_request, officer, verb):
    request = previewed_request(received_on=RECEIVED)
    verb(request, officer)

    with pytest.raises(NotThisPerson):
        give_approval(request, officer)


# -- What it means -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "proven_on", "words", "arguable_until"),
    [
        ("EU_GDPR", PROVEN, "No date has moved.", dt.date(2026, 12, 19)),
        ("EU_GDPR", None, "No date has moved.", dt.date(2026, 12, 25)),
        ("UK_GDPR", PROVEN, "started anew", None),
        ("UK_GDPR", None, "run from receipt", None),
        ("US_CA", PROVEN, "regardless of time required to verify", None),
        ("", PROVEN, "isn't known", None),
    ],
)
def test_it_is_said_what_the_proof_does(request_under, analyst, law, proven_on, words, arguable_until):
    request = request_under(law)

    note_identity(request=request, asked_on=ASKED, proven_on=proven_on, by=analyst)

    request.refresh_from_db()
    assert words in proof_of(request).words
    assert proof_of(request).arguable_until == arguable_until


def test_where_nobody_asked_it_is_said_what_asking_would_do(request_under):
    assert "start anew" in proof_of(request_under("UK_GDPR")).words
    assert proof_of(request_under("EU_GDPR")).arguable_until is None
