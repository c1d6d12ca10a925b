"""The clocks of a request."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.law import ClockKind
from compliance.laws.registry import all_laws
from compliance.workflow.deadlines import (
    counted_clocks,
    next_working_day,
    order_by_date,
    refuse_bad_receipt,
    rows_for,
)

CODES = [law.code for law in all_laws()]
RECEIVED = st.dates(dt.date(2021, 1, 1), dt.date(2030, 12, 31))


@given(RECEIVED, st.sampled_from(["", *CODES]), st.sampled_from(["", "DE", "DE-BY", "SCT", "US"]))
def test_every_law_has_dates_for_every_receipt(received_on, law, calendar):
    rows = rows_for(counted_clocks(law=law, calendar=calendar, received_on=received_on))

    assert {row.kind for row in rows} >= {ClockKind.ANSWER}
    assert all(received_on <= row.send_by <= row.safe <= row.legal for row in rows)
    assert received_on <= order_by_date(rows)


@given(RECEIVED)
def test_while_the_law_is_not_known_no_clock_is_later_than_any_laws(received_on):
    strictest = {one.kind: one for one in counted_clocks(law="", calendar="", received_on=received_on)}

    for law in CODES:
        for one in counted_clocks(law=law, calendar="", received_on=received_on):
            assert strictest[one.kind].safe <= one.safe


def test_each_kind_of_clock_stands_once():
    kinds = [one.kind for one in counted_clocks(law="", calendar="", received_on=clock.today())]

    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("days", [1, 3650])
def test_a_receipt_in_the_future_is_refused(days):
    with pytest.raises(Refused, match="future"):
        refuse_bad_receipt(clock.today() + dt.timedelta(days=days))


def test_a_receipt_many_years_back_is_a_slip():
    with pytest.raises(Refused, match="Check the year"):
        refuse_bad_receipt(clock.today() - dt.timedelta(days=366 * 7))


@pytest.mark.parametrize("days", [0, 1, 400])
def test_a_receipt_may_lie_before_today(days):
    refuse_bad_receipt(clock.today() - dt.timedelta(days=days))


@pytest.mark.parametrize(
    ("today", "calendar", "next_day"),
    [
        ("2026-11-26", "", "2026-11-27"),  # Thursday
        ("2026-11-27", "", "2026-11-30"),  # Friday
        ("2026-11-28", "", "2026-11-30"),
        ("2026-11-29", "", "2026-11-30"),
        ("2026-12-24", "", "2026-12-25"),
        ("2026-12-24", "DE", "2026-12-28"),  # Christmas and a weekend
        ("2027-03-25", "DE", "2027-03-30"),  # Good Friday to Easter Monday
        ("2026-11-27", "US-CA-STRICT", "2026-11-30"),  # a calendar that counts Saturdays
    ],
)
def test_next_working_day_leaves_out_weekends_and_holidays_of_a_known_calendar(today, calendar, next_day):
    found = next_working_day(dt.date.fromisoformat(today), calendar=calendar)

    assert found == dt.date.fromisoformat(next_day)
