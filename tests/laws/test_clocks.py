from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.laws.calendars import CALENDARS, working_days
from compliance.laws.clocks import (
    PROMPT_DAYS,
    IdentityDates,
    arguable_answer,
    asked_promptly,
    clock_for,
    clocks_for,
    send_by,
)
from compliance.laws.eu_gdpr import EU_GDPR
from compliance.laws.law import ClockKind, IdentityCheck, Start
from compliance.laws.registry import all_laws, texts_of
from compliance.laws.uk_gdpr import UK_GDPR, UK_GDPR_UNTIL_2026
from compliance.laws.us_ca import US_CA
from compliance.laws.us_co import US_CO
from compliance.laws.us_fl import US_FL

days = st.dates(min_value=date(2018, 1, 1), max_value=date(2060, 12, 31))
ALL_TEXTS = [text for law in all_laws() for text in texts_of(law.code)]
any_law = st.sampled_from(ALL_TEXTS)
with_extension = st.sampled_from([law for law in ALL_TEXTS if law.rule(ClockKind.EXTENDED_ANSWER)])
with_appeal = st.sampled_from([law for law in ALL_TEXTS if law.rule(ClockKind.APPEAL_ANSWER)])
waits = st.integers(0, 60)
any_calendar = st.sampled_from([None, *CALENDARS])


def by_kind(clocks):
    return {clock.kind: clock for clock in clocks}


# -- What holds on every day -------------------------------------------------------------------------------


@given(law=any_law, received_on=days, calendar=any_calendar)
def test_safe_date_is_never_later_than_legal_date(law, received_on, calendar):
    clocks = clocks_for(law, received_on=received_on, calendar=calendar)

    assert all(clock.safe <= clock.legal for clock in clocks)


@given(law=any_law, received_on=days, calendar=any_calendar)
def test_legal_date_is_never_earlier_than_bare_count(law, received_on, calendar):
    clocks = clocks_for(law, received_on=received_on, calendar=calendar)

    assert all(clock.plain <= clock.legal for clock in clocks)


@given(law=any_law, received_on=days, later_by=st.integers(0, 40), calendar=any_calendar)
def test_later_receipt_never_gives_an_earlier_date(law, received_on, later_by, calendar):
    sooner = clocks_for(law, received_on=received_on, calendar=calendar)
    later = clocks_for(law, received_on=received_on + timedelta(days=later_by), calendar=calendar)

    for first, second in zip(sooner, later, strict=True):
        assert first.safe <= second.safe
        assert first.plain <= second.plain
        assert first.legal <= second.legal


@given(law=with_extension, received_on=days, calendar=any_calendar)
def test_extended_answer_is_later_than_answer(law, received_on, calendar):
    clocks = by_kind(clocks_for(law, received_on=received_on, calendar=calendar))

    answer, extended = clocks[ClockKind.ANSWER], clocks[ClockKind.EXTENDED_ANSWER]
    assert answer.safe < extended.safe
    assert answer.plain < extended.plain
    assert answer.legal < extended.legal


@given(law=with_extension, received_on=days, calendar=any_calendar)
def test_notice_of_extension_is_never_due_after_the_answer_it_extends(law, received_on, calendar):
    clocks = by_kind(clocks_for(law, received_on=received_on, calendar=calendar))

    notice, answer = clocks[ClockKind.EXTENSION_NOTICE], clocks[ClockKind.ANSWER]
    assert notice.safe <= answer.safe
    assert notice.legal <= answer.legal


@given(law=with_appeal, appealed_on=days)
def test_appeal_is_decided_after_it_came_and_no_later_than_with_more_time(law, appealed_on):
    answer = clock_for(law, ClockKind.APPEAL_ANSWER, started_on=appealed_on)
    extended = clock_for(law, ClockKind.EXTENDED_APPEAL_ANSWER, started_on=appealed_on)

    assert appealed_on < answer.safe <= answer.legal
    assert extended is None or answer.legal < extended.safe


@given(
    law=st.sampled_from([EU_GDPR, UK_GDPR]),
    received_on=days,
    code=st.sampled_from([None, "", "XX", "US", "de"]),
)
def test_clock_with_unknown_calendar_never_rolls(law, received_on, code):
    clocks = clocks_for(law, received_on=received_on, calendar=code)

    assert all(clock.legal == clock.plain for clock in clocks)


@given(received_on=days, calendar=st.sampled_from(EU_GDPR.calendars))
def test_clock_with_calendar_of_its_law_ends_on_a_working_day(received_on, calendar):
    is_working_day = working_days(calendar)

    clocks = clocks_for(EU_GDPR, received_on=received_on, calendar=calendar)

    assert all(is_working_day(clock.legal) for clock in clocks)


@given(received_on=days, calendar=any_calendar)
def test_californian_clock_in_calendar_days_never_rolls(received_on, calendar):
    clocks = by_kind(clocks_for(US_CA, received_on=received_on, calendar=calendar))

    assert clocks[ClockKind.ANSWER].legal == received_on + timedelta(days=45)
    assert clocks[ClockKind.EXTENDED_ANSWER].legal == received_on + timedelta(days=90)


# -- Identity ----------------------------------------------------------------------------------------------


@given(law=any_law, received_on=days, asked=waits, took=waits, calendar=any_calendar)
def test_check_of_identity_moves_a_clock_only_where_law_says_so(law, received_on, asked, took, calendar):
    identity = asked_and_proven(received_on, asked, took)

    plain = clocks_for(law, received_on=received_on, calendar=calendar)
    checked = clocks_for(law, received_on=received_on, calendar=calendar, identity=identity)

    moved = law.identity is IdentityCheck.RESTARTS and asked_promptly(received_on, identity)
    assert {clock.started_on for clock in checked} == {identity.proven_on if moved else received_on}
    for before, after in zip(plain, checked, strict=True):
        assert before.safe <= after.safe
        assert before.legal <= after.legal
        assert moved or before == after


@given(law=any_law, received_on=days, asked=waits)
def test_no_clock_moves_while_the_proof_has_not_come(law, received_on, asked):
    identity = IdentityDates(asked_on=received_on + timedelta(days=asked))

    assert clocks_for(law, received_on=received_on, identity=identity) == clocks_for(
        law, received_on=received_on
    )


def test_british_clock_restarts_with_the_proof_and_is_never_chained():
    identity = IdentityDates(asked_on=date(2027, 1, 5), proven_on=date(2027, 1, 31))

    clocks = by_kind(clocks_for(UK_GDPR, received_on=date(2027, 1, 4), calendar="ENG", identity=identity))

    assert clocks[ClockKind.ANSWER].legal == date(2027, 3, 1)  # 28 February is a Sunday
    assert clocks[ClockKind.ANSWER].safe == date(2027, 2, 27)
    assert clocks[ClockKind.EXTENDED_ANSWER].legal == date(2027, 4, 30)


def test_before_article_12a_british_clock_did_not_restart():
    identity = IdentityDates(asked_on=date(2026, 1, 5), proven_on=date(2026, 1, 20))

    clocks = clocks_for(UK_GDPR_UNTIL_2026, received_on=date(2026, 1, 5), identity=identity)

    assert {clock.started_on for clock in clocks} == {date(2026, 1, 5)}


def test_proof_asked_for_late_does_not_restart_the_british_clock():
    received_on = date(2027, 1, 4)
    asked_on = received_on + timedelta(days=PROMPT_DAYS + 1)
    identity = IdentityDates(asked_on=asked_on, proven_on=asked_on + timedelta(days=3))

    clocks = clocks_for(UK_GDPR, received_on=received_on, identity=identity)

    assert {clock.started_on for clock in clocks} == {received_on}


@pytest.mark.parametrize(
    ("law", "arguable"),
    [(EU_GDPR, date(2027, 1, 4)), (UK_GDPR, None), (US_CA, None), (US_CO, None)],
    ids=lambda value: getattr(value, "code", str(value)),
)
def test_suspension_is_arguable_in_the_union_only(law, arguable):
    """Received on 22 November: answer by 22 December; ten days until the proof, then a holiday weekend."""
    identity = IdentityDates(asked_on=date(2026, 11, 23), proven_on=date(2026, 12, 3))

    until = arguable_answer(
        law,
        received_on=date(2026, 11, 22),
        identity=identity,
        today=date(2026, 12, 10),
        calendar="DE",
    )

    assert until == arguable


def test_arguable_date_grows_while_the_proof_is_awaited_and_needs_prompt_asking():
    received_on = date(2026, 11, 2)

    def until(asked_on, today):
        identity = IdentityDates(asked_on=asked_on)
        return arguable_answer(EU_GDPR, received_on=received_on, identity=identity, today=today)

    assert until(date(2026, 11, 3), date(2026, 11, 4)) == date(2026, 12, 3)
    assert until(date(2026, 11, 3), date(2026, 11, 8)) == date(2026, 12, 7)
    assert until(date(2026, 11, 20), date(2026, 11, 25)) is None


def asked_and_proven(received_on, asked, took):
    asked_on = received_on + timedelta(days=asked)
    return IdentityDates(asked_on=asked_on, proven_on=asked_on + timedelta(days=took))


# -- Which clocks run --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "kinds"),
    [
        (EU_GDPR, ["extension_notice", "answer", "extended_answer"]),
        (UK_GDPR, ["extension_notice", "answer", "extended_answer"]),
        (US_CA, ["acknowledgement", "extension_notice", "answer", "extended_answer"]),
        (US_CO, ["extension_notice", "answer", "extended_answer"]),
        (US_FL, ["extension_notice", "answer", "extended_answer", "compliance_notice"]),
    ],
    ids=lambda value: getattr(value, "code", ""),
)
def test_receipt_starts_the_clocks_of_a_request_only(law, kinds):
    clocks = clocks_for(law, received_on=date(2026, 11, 22))

    assert [clock.kind for clock in clocks] == kinds


def test_clock_names_its_start_and_its_article():
    clock = clock_for(EU_GDPR, ClockKind.ANSWER, started_on=date(2026, 11, 22))

    assert (clock.started_on, clock.article) == (date(2026, 11, 22), "Art. 12(3) GDPR")


@given(law=any_law, received_on=days)
def test_clocks_of_other_events_do_not_run_from_receipt(law, received_on):
    clocks = clocks_for(law, received_on=received_on)

    assert {clock.kind.start for clock in clocks} == {Start.RECEIPT}


def test_appeal_in_colorado_may_take_sixty_days_more():
    clock = clock_for(US_CO, ClockKind.EXTENDED_APPEAL_ANSWER, started_on=date(2027, 1, 10))

    assert clock.legal == date(2027, 1, 10) + timedelta(days=105)


def test_florida_tells_the_consumer_within_sixty_days():
    clocks = by_kind(clocks_for(US_FL, received_on=date(2026, 11, 22)))

    assert clocks[ClockKind.EXTENDED_ANSWER].legal == clocks[ClockKind.COMPLIANCE_NOTICE].legal
    assert send_by(clocks[ClockKind.COMPLIANCE_NOTICE]) == date(2027, 1, 20)


def test_clock_that_law_does_not_have_is_none():
    assert clock_for(EU_GDPR, ClockKind.ACKNOWLEDGEMENT, started_on=date(2026, 11, 22)) is None


def test_complaint_before_its_rule_was_law_starts_no_clock():
    complained_on = UK_GDPR.clocks[-1].since - timedelta(days=1)

    clock = clock_for(UK_GDPR, ClockKind.COMPLAINT_ACKNOWLEDGEMENT, started_on=complained_on)

    assert clock is None


@pytest.mark.parametrize(
    ("received_on", "legal", "safe"),
    [
        # A Monday is not counted; Saturdays count for the safe date alone.
        ("2026-03-02", "2026-03-16", "2026-03-13"),
        # 4 July on a Saturday: Friday is taken off for the legal date only.
        ("2026-06-30", "2026-07-15", "2026-07-13"),
        # Cesar Chavez Day (31 March) and the day after Thanksgiving make no date later.
        ("2026-03-30", "2026-04-13", "2026-04-10"),
        ("2026-11-23", "2026-12-08", "2026-12-05"),
    ],
)
def test_californian_acknowledgement_counts_ten_business_days(received_on, legal, safe):
    clock = clock_for(US_CA, ClockKind.ACKNOWLEDGEMENT, started_on=date.fromisoformat(received_on))

    assert (clock.legal.isoformat(), clock.safe.isoformat()) == (legal, safe)


# -- When to act -------------------------------------------------------------------------------------------


def test_send_by_leaves_the_vendor_its_days_before_the_safe_date():
    clock = clock_for(US_CA, ClockKind.ANSWER, started_on=date(2026, 11, 22))

    assert send_by(clock) == date(2026, 12, 15)
    assert send_by(clock, vendor_days=10) == date(2026, 12, 26)


def test_send_by_of_a_letter_is_its_safe_date():
    clock = clock_for(US_CA, ClockKind.ACKNOWLEDGEMENT, started_on=date(2026, 11, 22))

    assert send_by(clock) == clock.safe


def test_send_by_of_a_period_shorter_than_the_vendors_is_the_day_of_receipt():
    clock = clock_for(EU_GDPR, ClockKind.ANSWER, started_on=date(2026, 11, 22))

    assert send_by(clock, vendor_days=60) == date(2026, 11, 22)


def test_send_by_with_negative_days_is_refused():
    clock = clock_for(EU_GDPR, ClockKind.ANSWER, started_on=date(2026, 11, 22))

    with pytest.raises(ValueError, match="Set 0 or more"):
        send_by(clock, vendor_days=-1)


@given(law=any_law, received_on=days, vendor_days=st.integers(0, 120))
def test_send_by_lies_between_receipt_and_safe_date(law, received_on, vendor_days):
    clocks = clocks_for(law, received_on=received_on)

    assert all(received_on <= send_by(clock, vendor_days=vendor_days) <= clock.safe for clock in clocks)
