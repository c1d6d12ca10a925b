"""The clocks of a request."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.clocks import clocks_for
from compliance.laws.law import ClockKind
from compliance.laws.registry import all_laws, get_law
from compliance.people.roles import Role
from compliance.workflow.deadlines import (
    counted_clocks,
    keep_dates,
    next_working_day,
    refuse_bad_receipt,
    rows_for,
    strictest_clocks,
)
from compliance.workflow.enabled_laws import enable_law
from compliance.workflow.models import Clock, Request

CODES = [law.code for law in all_laws()]
RECEIVED = st.dates(dt.date(2021, 1, 1), dt.date(2030, 12, 31))


@given(RECEIVED, st.sampled_from(CODES), st.sampled_from(["", "DE", "DE-BY", "SCT", "US"]))
def test_every_law_has_dates_for_every_receipt(received_on, law, calendar):
    rows = rows_for(counted_clocks(law=law, calendar=calendar, received_on=received_on))
    request = Request()
    keep_dates(request, rows)

    assert {row.kind for row in rows} >= {ClockKind.ANSWER}
    assert all(received_on <= row.send_by <= row.safe <= row.legal for row in rows)
    assert all(len(row.article) <= Clock._meta.get_field("article").max_length for row in rows)
    assert received_on <= request.send_by <= request.legal_by


@given(RECEIVED, st.sets(st.sampled_from(all_laws()), min_size=1))
def test_of_several_laws_no_clock_is_later_than_any_of_them(received_on, laws):
    strictest = {one.kind: one for one in strictest_clocks(laws, calendar="", received_on=received_on)}

    for law in laws:
        for one in clocks_for(law, received_on=received_on):
            assert one.kind.is_of_extension or strictest[one.kind].safe <= one.safe
    kinds = [one.kind for one in strictest_clocks(laws, calendar="", received_on=received_on)]
    assert len(kinds) == len(set(kinds))


def test_where_one_law_gives_no_more_time_nobody_may_take_any():
    laws = [get_law("EU_GDPR"), get_law("US_CA"), get_law("KR_PIPA")]

    clocks = strictest_clocks(laws, calendar="", received_on=dt.date(2026, 11, 22))

    assert {one.kind: one.legal.isoformat() for one in clocks} == {
        ClockKind.ANSWER: "2026-12-02",
        ClockKind.ACKNOWLEDGEMENT: "2026-12-07",
    }


@pytest.mark.django_db
def test_while_the_law_is_not_known_the_strictest_enabled_one_runs(make_person):
    received_on = dt.date(2026, 11, 22)

    def answer_by():
        clocks = counted_clocks(law="", calendar="", received_on=received_on)
        return next(one.legal for one in clocks if one.kind == ClockKind.ANSWER)

    assert answer_by() == dt.date(2026, 12, 22)
    enable_law(code="KR_PIPA", by=make_person(Role.ADMINISTRATOR))
    assert answer_by() == dt.date(2026, 12, 2)


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
