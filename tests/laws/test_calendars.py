from datetime import date

import pytest

from compliance.laws.calendars import CALENDARS, CALIFORNIA_STRICT, EU_CALENDARS, UK_CALENDARS, working_days


@pytest.mark.parametrize("code", CALENDARS)
def test_every_calendar_takes_off_new_year_and_the_weekend(code):
    is_working_day = working_days(code)

    assert not is_working_day(date(2026, 1, 1))
    assert not is_working_day(date(2026, 11, 22))
    assert is_working_day(date(2026, 11, 24))


@pytest.mark.parametrize("code", [None, "", "XX", "DE-XX", "de", "GB", "DE-Augsburg"])
def test_unknown_calendar_is_none(code):
    assert working_days(code) is None


@pytest.mark.parametrize(
    ("code", "day", "works"),
    [
        # Easter Monday, 2 January, St Patrick's Day, St Andrew's Day, summer bank holidays
        ("ENG", date(2026, 4, 6), False),
        ("WLS", date(2026, 4, 6), False),
        ("SCT", date(2026, 4, 6), True),
        ("SCT", date(2026, 1, 2), False),
        ("ENG", date(2026, 1, 2), True),
        ("NIR", date(2026, 3, 17), False),
        ("ENG", date(2026, 3, 17), True),
        ("SCT", date(2026, 8, 3), False),
        ("SCT", date(2026, 8, 31), True),
        # Epiphany and Reformation Day by Land
        ("DE-BY", date(2026, 1, 6), False),
        ("DE", date(2026, 1, 6), True),
        ("DE-HH", date(2025, 10, 31), False),
        ("DE-BY", date(2025, 10, 31), True),
        # National days
        ("FR", date(2026, 7, 14), False),
        ("DE", date(2026, 7, 14), True),
        ("IE", date(2026, 3, 17), False),
    ],
)
def test_calendar_knows_its_own_holidays(code, day, works):
    assert working_days(code)(day) is works


def test_holiday_moved_across_the_turn_of_the_year_is_taken_off():
    """1 January 2028 is a Saturday, so federal offices close on the Friday before."""
    assert not working_days("US")(date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 7, 3), True),
        (date(2026, 11, 21), True),
        (date(2026, 11, 26), False),
        (date(2026, 11, 27), True),
        (date(2026, 3, 31), True),
        (date(2026, 11, 22), False),
    ],
    ids=["day before 4 July", "Saturday", "Thanksgiving", "day after", "Cesar Chavez Day", "Sunday"],
)
def test_strict_californian_calendar_takes_off_least(day, works):
    assert working_days(CALIFORNIA_STRICT)(day) is works


def test_member_states_and_laender_are_complete():
    assert sum(len(code) == 2 for code in EU_CALENDARS) == 27
    assert sum(code.startswith("DE-") for code in EU_CALENDARS) == 16


def test_nations_of_the_united_kingdom_are_complete():
    assert set(UK_CALENDARS) == {"ENG", "NIR", "SCT", "WLS"}


def test_names_of_calendars_are_told_apart():
    assert len({calendar.name for calendar in CALENDARS.values()}) == len(CALENDARS)
