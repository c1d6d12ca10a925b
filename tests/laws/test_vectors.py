"""The published examples and awkward days that the clocks of each law have to meet."""

from datetime import date

import pytest

from compliance.laws.clocks import IdentityDates, clock_for, clocks_for, keep_record_until
from compliance.laws.law import ClockKind
from compliance.laws.registry import get_law

# id, law, calendar, day the clock starts, kind, plain, legal, safe
VECTORS = [
    # ICO: Monday 25 November to Friday 27 December
    ("V01", "UK_GDPR", "ENG", "2024-11-25", "answer", "2024-12-25", "2024-12-27", "2024-12-24"),
    # ICO: received on a bank holiday
    ("V02", "UK_GDPR", "ENG", "2027-01-01", "answer", "2027-02-01", "2027-02-01", "2027-01-31"),
    # ICO and Reg. 1182/71 Art. 3(2)(c): leap year
    ("V04", "EU_GDPR", "DE", "2028-01-31", "answer", "2028-02-29", "2028-02-29", "2028-02-28"),
    # ICO's check-list: a Saturday
    ("V06", "UK_GDPR", "ENG", "2026-09-03", "answer", "2026-10-03", "2026-10-05", "2026-10-02"),
    # EDPB 01/2022: Easter Sunday and Monday
    ("V07", "EU_GDPR", "DE", "2026-03-05", "answer", "2026-04-05", "2026-04-07", "2026-04-04"),
    # EDPB 01/2022: a shorter month
    ("V09", "EU_GDPR", "DE", "2026-08-31", "answer", "2026-09-30", "2026-09-30", "2026-09-29"),
    ("V10", "EU_GDPR", "DE", "2026-11-30", "answer", "2026-12-30", "2026-12-30", "2026-12-29"),
    # ICO: three months from the original start; chained months would give 28 April
    ("V12", "UK_GDPR", "ENG", "2027-01-31", "extended_answer", "2027-04-30", "2027-04-30", "2027-04-29"),
    # 28 December is a working day in Germany
    ("V14", "EU_GDPR", "DE", "2026-11-25", "answer", "2026-12-25", "2026-12-28", "2026-12-24"),
    # New Year on a Friday
    ("V15", "UK_GDPR", "ENG", "2026-12-01", "answer", "2027-01-01", "2027-01-04", "2026-12-31"),
    # Summer bank holiday
    ("V17", "UK_GDPR", "ENG", "2026-07-31", "answer", "2026-08-31", "2026-09-01", "2026-08-30"),
    # The end of a month does not stick; a Saturday
    ("V20", "EU_GDPR", "DE", "2026-02-28", "answer", "2026-03-28", "2026-03-30", "2026-03-27"),
    # Received on a Sunday
    ("V21", "EU_GDPR", "DE", "2026-11-22", "answer", "2026-12-22", "2026-12-22", "2026-12-21"),
    # Art. 12(3): notice inside the first month
    ("V22", "EU_GDPR", "DE", "2026-11-22", "extension_notice", "2026-12-22", "2026-12-22", "2026-12-21"),
    ("V23", "EU_GDPR", "DE", "2026-11-22", "extended_answer", "2027-02-22", "2027-02-22", "2027-02-21"),
    # Legal without Saturdays and Thanksgiving; safe with Saturdays
    ("V26", "US_CA", "US", "2026-11-22", "acknowledgement", "2026-12-04", "2026-12-07", "2026-12-04"),
    # 11 CCR 7021(b)
    ("V27", "US_CA", "US", "2026-11-22", "answer", "2027-01-06", "2027-01-06", "2027-01-05"),
    # 541.052(b): the 45th day after receipt
    ("V32", "US_TX", "US", "2026-11-22", "answer", "2027-01-06", "2027-01-06", "2027-01-05"),
    # Va. Code 59.1-577(B)(1)
    ("V33", "US_VA", "US", "2026-11-22", "extended_answer", "2027-02-20", "2027-02-20", "2027-02-19"),
    # Iowa Code 715D.3
    ("V35", "US_IA", "US", "2026-11-22", "answer", "2027-02-20", "2027-02-20", "2027-02-19"),
    # From the appeal
    ("V37", "US_VA", "US", "2027-01-10", "appeal_answer", "2027-03-11", "2027-03-11", "2027-03-10"),
    ("V38", "US_OR", "US", "2027-01-10", "appeal_answer", "2027-02-24", "2027-02-24", "2027-02-23"),
    # s. 8(3) PIPEDA
    ("V40", "CA_PIPEDA", "CA", "2026-11-22", "answer", "2026-12-22", "2026-12-22", "2026-12-21"),
    # s. 32 P-39.1
    ("V42", "CA_QC", "QC", "2026-11-22", "answer", "2026-12-22", "2026-12-22", "2026-12-21"),
    # Art. 43(3) of the decree
    ("V43", "KR_PIPA", "KR", "2026-11-22", "answer", "2026-12-02", "2026-12-02", "2026-12-01"),
    # A policy of 15 days
    ("V44", "BR_LGPD", "BR", "2026-11-22", "answer", "2026-12-07", "2026-12-07", "2026-12-06"),
    # Art. 18(1) DPO by analogy
    ("V45", "CH_FADP", "CH", "2026-11-22", "answer", "2026-12-22", "2026-12-22", "2026-12-21"),
    # Civ. Code 1798.99.86(c)
    ("V47", "US_CA_DROP", "US", "2026-09-15", "answer", "2026-10-30", "2026-10-30", "2026-10-29"),
    # s. 164A DPA 2018, from the complaint
    (
        "V49",
        "UK_GDPR",
        "ENG",
        "2026-11-22",
        "complaint_acknowledgement",
        "2026-12-22",
        "2026-12-22",
        "2026-12-21",
    ),
]


@pytest.mark.parametrize(
    ("code", "calendar", "started_on", "kind", "plain", "legal", "safe"),
    [pytest.param(*row[1:], id=row[0]) for row in VECTORS],
)
def test_clock_of_published_example_gives_its_dates(code, calendar, started_on, kind, plain, legal, safe):
    clock = clock_for(
        get_law(code), ClockKind(kind), started_on=date.fromisoformat(started_on), calendar=calendar
    )

    assert [day.isoformat() for day in (clock.plain, clock.legal, clock.safe)] == [plain, legal, safe]


def test_verification_never_moves_the_californian_answer():
    """V29: verified on 20 December."""
    received_on = date(2026, 11, 22)
    verified = IdentityDates(asked_on=received_on, proven_on=date(2026, 12, 20))

    clocks = clocks_for(get_law("US_CA"), received_on=received_on, calendar="US", identity=verified)

    answer = next(clock for clock in clocks if clock.kind is ClockKind.ANSWER)
    assert [day.isoformat() for day in (answer.plain, answer.legal, answer.safe)] == [
        "2027-01-06",
        "2027-01-06",
        "2027-01-05",
    ]


def test_quebec_gives_no_extension():
    """V42."""
    kinds = [clock.kind for clock in clocks_for(get_law("CA_QC"), received_on=date(2026, 11, 22))]

    assert kinds == [ClockKind.ANSWER]


def test_record_of_californian_request_is_kept_24_months_from_the_answer():
    """V48."""
    kept_until = keep_record_until(get_law("US_CA"), answered_on=date(2026, 12, 15))

    assert kept_until == date(2028, 12, 15)


@pytest.mark.parametrize("code", ["EU_GDPR", "UK_GDPR"])
def test_record_has_no_fixed_end_where_law_names_no_period(code):
    assert keep_record_until(get_law(code), answered_on=date(2026, 12, 15)) is None
