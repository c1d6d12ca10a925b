"""More time for the answer."""

import datetime as dt

import pytest

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.approvals import cancel
from compliance.workflow.dating import name_law
from compliance.workflow.deadlines import is_extended
from compliance.workflow.enabled_laws import enable_law
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.extending import extend_answer, refused_extension
from compliance.workflow.models import Extension, Request
from compliance.workflow.queries import overdue_among
from compliance.workflow.wordings import extension_notice
from tests.request_fixtures import give_approval

RECEIVED = dt.date(2026, 11, 2)
REASON = "Nine accounts in two workspaces share a mailbox; logs must be compared before anybody is named."


@pytest.fixture(autouse=True)
def _late_november(time_machine):
    time_machine.move_to("2026-11-26T12:00:00Z")


@pytest.fixture
def request_under(new_request, make_person):
    """`request_under("EU_GDPR")`: received on 2 November, whether the law was enabled or not."""

    def make(law, **wish):
        if law in {"KR_PIPA", "CH_FADP", "CA_PIPEDA"}:
            enable_law(code=law, by=make_person(Role.ADMINISTRATOR))
        return new_request(law=law, received_on=wish.pop("received_on", RECEIVED), **wish)

    return make


def extend(request, officer, **changes):
    values = {"ground": "COMPLEXITY", "reason": REASON} | changes
    extension = extend_answer(request=request, by=officer, **values)
    request.refresh_from_db()
    return extension


# -- Dates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "ground", "legal_by", "send_by"),
    [
        ("EU_GDPR", "NUMBER", dt.date(2027, 2, 2), dt.date(2027, 1, 11)),
        ("US_CA", "REASONABLY_NECESSARY", dt.date(2027, 1, 31), dt.date(2027, 1, 9)),
        ("CA_PIPEDA", "CONSULTATIONS", dt.date(2027, 1, 1), dt.date(2026, 12, 10)),
    ],
)
def test_the_extended_answer_is_what_lists_go_by(request_under, officer, law, ground, legal_by, send_by):
    request = request_under(law)

    extend(request, officer, ground=ground)

    assert (request.legal_by, request.send_by) == (legal_by, send_by)


def test_it_is_not_overdue_any_more(request_under, officer):
    request = request_under("EU_GDPR")
    assert overdue_among(Request.objects.all()).exists()

    extend(request, officer)

    assert not overdue_among(Request.objects.all()).exists()


def test_where_the_law_names_no_length_the_officer_does(request_under, officer):
    request = request_under("CH_FADP")
    day = dt.date(2027, 1, 15)

    with pytest.raises(Refused, match="names no length"):
        extend(request, officer, ground="NOT_POSSIBLE")
    with pytest.raises(Refused, match="names no length"):
        extend(request, officer, ground="NOT_POSSIBLE", until=dt.date(2026, 12, 2))
    extend(request, officer, ground="NOT_POSSIBLE", until=day)

    assert (request.legal_by, request.send_by) == (day, dt.date(2026, 12, 25))


def test_where_the_law_names_the_length_nobody_else_does(request_under, officer):
    with pytest.raises(Refused, match="says itself"):
        extend(request_under("EU_GDPR"), officer, until=dt.date(2027, 1, 1))


def test_counted_anew_it_stays_extended(request_under, officer, analyst):
    request = request_under("EU_GDPR", calendar="DE")
    extend(request, officer)

    name_law(request=request, law="EU_GDPR", calendar="", by=analyst)

    request.refresh_from_db()
    assert request.legal_by == dt.date(2027, 2, 2)


def test_under_a_law_that_gives_no_more_time_the_extension_does_not_count(request_under, officer, analyst):
    request_under("KR_PIPA")
    request = request_under("EU_GDPR")
    extend(request, officer)

    name_law(request=request, law="KR_PIPA", calendar="", by=analyst)

    request.refresh_from_db()
    assert request.legal_by == dt.date(2026, 11, 12)
    assert not is_extended(request, request.clocks.all())


def test_taken_after_the_first_period_of_the_law_that_is_named_later_it_does_not_count(
    request_under, officer, analyst
):
    request = request_under("US_CA", received_on=dt.date(2026, 10, 20))
    extend(request, officer, ground="REASONABLY_NECESSARY")

    name_law(request=request, law="EU_GDPR", calendar="", by=analyst)

    request.refresh_from_db()
    assert request.legal_by == dt.date(2026, 11, 20)


# -- When it can't be taken ----------------------------------------------------------------------------------


def test_a_law_that_gives_no_more_time_is_named(request_under, officer):
    with pytest.raises(Refused, match=r"Korea \(PIPA\) gives no more time"):
        extend(request_under("KR_PIPA"), officer)


def test_after_the_first_period_it_is_too_late(request_under, officer):
    request = request_under("EU_GDPR", received_on=dt.date(2026, 10, 25))

    with pytest.raises(Refused, match="ended on 25 Nov 2026"):
        extend(request, officer)


def test_on_the_last_lawful_day_it_is_not(request_under, officer):
    assert extend(request_under("EU_GDPR", received_on=dt.date(2026, 10, 26)), officer)


def test_it_is_possible_once(request_under, officer):
    request = request_under("EU_GDPR")
    extend(request, officer)

    with pytest.raises(Refused, match="once"):
        extend(request, officer)


def test_the_law_has_to_be_known(request_under, officer):
    with pytest.raises(Refused, match="Name the law first"):
        extend(request_under(""), officer)


def test_what_has_ended_is_not_extended(request_under, officer, analyst):
    request = request_under("EU_GDPR")
    cancel(request=request, by=analyst, reason="No.")

    with pytest.raises(Refused, match="any more"):
        extend(request, officer)


@pytest.mark.parametrize("roles", [[Role.ANALYST], [Role.LEGAL]])
def test_only_an_officer_takes_it(request_under, make_person, roles):
    with pytest.raises(NotThisPerson):
        extend(request_under("EU_GDPR"), make_person(*roles))


def test_a_ground_of_another_law_is_refused_with_those_there_are(request_under, officer):
    with pytest.raises(Refused, match="COMPLEXITY, NUMBER"):
        extend(request_under("EU_GDPR"), officer, ground="REASONABLY_NECESSARY")


# -- The reason ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "complaint"),
    [
        ("", "Give a reason"),
        ("Holidays", "no reason towards the person"),
        ("Due to the summer holiday season our team is understaffed.", "no reason towards the person"),
        ("We have a very high workload and a backlog in the department.", "no reason towards the person"),
        ("The request is complex.", "any request"),
        ("It is necessary.", "any request"),
    ],
)
def test_a_reason_that_fits_everybody_is_sent_back_with_what_to_write(
    request_under, officer, reason, complaint
):
    request = request_under("EU_GDPR")

    with pytest.raises(Refused, match=complaint) as refusal:
        extend(request, officer, reason=reason)
    assert "how many systems" in str(refusal.value)
    assert not Extension.objects.exists()


def test_a_specific_reason_may_mention_a_holiday(request_under, officer):
    reason = "Bookings of the holiday portal lie in three archives; pseudonymous ids are matched by hand."

    assert extend(request_under("EU_GDPR"), officer, reason=reason)


def test_it_is_sealed_and_stands_in_the_ledger_by_its_commitment(request_under, officer):
    request = request_under("EU_GDPR")

    extension = extend(request, officer)

    entry = entries_of(request.chain).last()
    assert entry.event == "request:extended"
    facts = entry.body["facts"]
    assert len(facts.pop("reason")) == 64
    assert facts == {
        "ground": "COMPLEXITY",
        "answer_by": "2027-02-01",
        "notice_by": "2026-12-01",
        "send_by": "2027-01-11",
        "before": "2026-11-10",
    }
    assert REASON.encode() not in bytes(extension.sealed_reason)


def test_who_extends_may_still_approve(previewed_request, officer):
    request = previewed_request(received_on=RECEIVED)
    extend(request, officer)

    assert give_approval(request, officer)


# -- The notice ----------------------------------------------------------------------------------------------


def test_the_notice_says_what_the_law_wants(request_under, officer):
    text = extension_notice(extend(request_under("CA_PIPEDA"), officer, ground="INTERFERENCE"))

    for part in (
        REASON,
        "31 December 2026",
        "unreasonably interfere",
        "2 November 2026",
        "the right to complain to the Privacy Commissioner about the extension",
    ):
        assert part in text


def test_it_is_said_why_none_can_be_taken(request_under):
    assert refused_extension(request_under("EU_GDPR")) == ""
    assert "gives no more time" in refused_extension(request_under("KR_PIPA"))
