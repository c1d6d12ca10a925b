"""Working days of nations and Laender, by the `holidays` library.

A holiday too many makes a legal date later than the law's, one too few only earlier. So days that are
holidays in some towns, for some confessions, or by custom of a trade are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from holidays import country_holidays

if TYPE_CHECKING:
    from datetime import date

    from compliance.laws.counting import Counts

_MONDAY_TO_FRIDAY = frozenset(range(5))
_MONDAY_TO_SATURDAY = frozenset(range(6))

CALIFORNIA_STRICT = "US-CA-STRICT"
"""Counts most days, for a safe date in California; see its row below."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are working days. `country` and `region` are ISO 3166 codes."""

    name: str
    country: str
    region: str | None = None
    weekdays: frozenset[int] = _MONDAY_TO_FRIDAY
    moves_holidays: bool = True
    """Whether a holiday at the weekend takes another day with it, where the country's law says so."""

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is one of the weekdays and no public holiday."""
        return day.weekday() in self.weekdays and day not in _holidays_of(self, day.year)


_MEMBER_STATES = {
    "AT": Calendar("Austria", "AT"),
    "BE": Calendar("Belgium", "BE"),
    "BG": Calendar("Bulgaria", "BG"),
    "CY": Calendar("Cyprus", "CY"),
    "CZ": Calendar("Czechia", "CZ"),
    "DE": Calendar("Germany", "DE"),
    "DK": Calendar("Denmark", "DK"),
    "EE": Calendar("Estonia", "EE"),
    "ES": Calendar("Spain", "ES"),
    "FI": Calendar("Finland", "FI"),
    "FR": Calendar("France", "FR"),
    "GR": Calendar("Greece", "GR"),
    "HR": Calendar("Croatia", "HR"),
    "HU": Calendar("Hungary", "HU"),
    "IE": Calendar("Ireland", "IE"),
    "IT": Calendar("Italy", "IT"),
    "LT": Calendar("Lithuania", "LT"),
    "LU": Calendar("Luxembourg", "LU"),
    "LV": Calendar("Latvia", "LV"),
    "MT": Calendar("Malta", "MT"),
    "NL": Calendar("Netherlands", "NL"),
    "PL": Calendar("Poland", "PL"),
    "PT": Calendar("Portugal", "PT"),
    "RO": Calendar("Romania", "RO"),
    "SE": Calendar("Sweden", "SE"),
    "SI": Calendar("Slovenia", "SI"),
    "SK": Calendar("Slovakia", "SK"),
}

_LAENDER = {
    "DE-BB": Calendar("Germany, Brandenburg", "DE", "BB"),
    "DE-BE": Calendar("Germany, Berlin", "DE", "BE"),
    "DE-BW": Calendar("Germany, Baden-Württemberg", "DE", "BW"),
    "DE-BY": Calendar("Germany, Bavaria", "DE", "BY"),
    "DE-HB": Calendar("Germany, Bremen", "DE", "HB"),
    "DE-HE": Calendar("Germany, Hesse", "DE", "HE"),
    "DE-HH": Calendar("Germany, Hamburg", "DE", "HH"),
    "DE-MV": Calendar("Germany, Mecklenburg-Western Pomerania", "DE", "MV"),
    "DE-NI": Calendar("Germany, Lower Saxony", "DE", "NI"),
    "DE-NW": Calendar("Germany, North Rhine-Westphalia", "DE", "NW"),
    "DE-RP": Calendar("Germany, Rhineland-Palatinate", "DE", "RP"),
    "DE-SH": Calendar("Germany, Schleswig-Holstein", "DE", "SH"),
    "DE-SL": Calendar("Germany, Saarland", "DE", "SL"),
    "DE-SN": Calendar("Germany, Saxony", "DE", "SN"),
    "DE-ST": Calendar("Germany, Saxony-Anhalt", "DE", "ST"),
    "DE-TH": Calendar("Germany, Thuringia", "DE", "TH"),
}

_UK = {
    "ENG": Calendar("England", "GB", "ENG"),
    "NIR": Calendar("Northern Ireland", "GB", "NIR"),
    "SCT": Calendar("Scotland", "GB", "SCT"),
    "WLS": Calendar("Wales", "GB", "WLS"),
}

_US = {
    "US": Calendar("United States, federal", "US"),
    # Civ. Code 7 and 9 count Saturdays. Of the holidays of Gov. Code 6700 only those are taken off that are
    # federal ones too, on their own date: the list has changed several times, and fewer is the safe side.
    CALIFORNIA_STRICT: Calendar(
        "California, strict reading", "US", weekdays=_MONDAY_TO_SATURDAY, moves_holidays=False
    ),
}

CALENDARS: dict[str, Calendar] = {**_MEMBER_STATES, **_LAENDER, **_UK, **_US}

EU_CALENDARS = (*_MEMBER_STATES, *_LAENDER)
UK_CALENDARS = tuple(_UK)


def working_days(code: str | None) -> Counts | None:
    """Return the test for working days of the calendar `code`; None where that calendar is not known."""
    calendar = CALENDARS.get(code or "")
    return calendar.is_working_day if calendar else None


@cache
def _holidays_of(calendar: Calendar, year: int) -> frozenset[date]:
    # A frozen set a year: the library's own object fills itself while it is read, so two threads of one
    # process could see a year that is only half there.
    return frozenset(
        country_holidays(
            calendar.country,
            subdiv=calendar.region,
            years=year,
            observed=calendar.moves_holidays,
            expand=False,
        )
    )
