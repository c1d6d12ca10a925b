from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.laws.counting import add_business_days, add_months, is_weekday, roll_forward

days = st.dates(min_value=date(2018, 1, 1), max_value=date(2090, 12, 31))


@pytest.mark.parametrize(
    ("start", "number", "end"),
    [
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2027-01-31", 3, "2027-04-30"),
        ("2027-02-28", 1, "2027-03-28"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(start, number, end):
    assert add_months(date.fromisoformat(start), number) == date.fromisoformat(end)


@given(start=days, number=st.integers(1, 36))
def test_months_never_leave_the_month_they_lead_to(start, number):
    end = add_months(start, number)

    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == number
    assert end.day <= start.day


@given(start=days, number=st.integers(1, 60))
def test_business_days_count_the_days_that_count(start, number):
    end = add_business_days(start, number, counts=is_weekday)

    counted = [
        day
        for day in map(date.fromordinal, range(start.toordinal() + 1, end.toordinal() + 1))
        if is_weekday(day)
    ]
    assert (len(counted), counted[-1]) == (number, end)


def test_roll_of_a_saturday_goes_to_monday():
    assert roll_forward(date(2026, 11, 21), working=is_weekday) == date(2026, 11, 23)


def test_roll_of_a_working_day_stays():
    assert roll_forward(date(2026, 11, 20), working=is_weekday) == date(2026, 11, 20)


@given(day=days)
def test_roll_without_a_calendar_stays(day):
    assert roll_forward(day, working=None) == day
