"""Schedules: cron expressions in a time zone, on ordinary nights and on those on which clocks change."""

import datetime as dt
from itertools import islice

import pytest

from compliance.cleanup.schedule import moments, next_moment, refuse_bad_schedule
from compliance.core.errors import Refused

BERLIN = "Europe/Berlin"


def utc(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


def some(cron, zone, after, count):
    return list(islice(moments(cron, zone, after), count))


def test_a_moment_is_in_the_time_zone_of_the_rule():
    assert next_moment("30 2 * * *", BERLIN, utc(2026, 7, 1, 12)) == utc(2026, 7, 2, 0, 30)
    assert next_moment("30 2 * * *", "America/New_York", utc(2026, 7, 1, 12)) == utc(2026, 7, 2, 6, 30)


def test_half_past_two_comes_once_on_the_night_that_skips_it():
    found = some("30 2 * * *", BERLIN, utc(2026, 3, 28, 12), 2)

    assert found == [utc(2026, 3, 29, 1, 0), utc(2026, 3, 30, 0, 30)]


def test_half_past_two_comes_once_on_the_night_that_has_it_twice():
    found = some("30 2 * * *", BERLIN, utc(2026, 10, 24, 12), 2)

    assert found == [utc(2026, 10, 25, 0, 30), utc(2026, 10, 26, 1, 30)]


def test_asked_between_the_two_it_comes_the_next_night():
    assert next_moment("30 2 * * *", BERLIN, utc(2026, 10, 25, 0, 45)) == utc(2026, 10, 26, 1, 30)


@pytest.mark.parametrize("after", [utc(2026, 3, 28, 22), utc(2026, 10, 24, 21)])
def test_every_hour_is_every_hour_on_both_nights(after):
    found = some("0 * * * *", BERLIN, after, 6)

    assert found == [after + dt.timedelta(hours=number) for number in range(1, 7)]


@pytest.mark.parametrize(
    "cron",
    [
        "",
        "nightly",
        "30 2 * *",
        "0 30 2 * * *",
        "61 2 * * *",
        "30 2 31 2 *",
        "R R * * *",
        "H 2 * * *",
        "@daily",
        "30 2 * * 1#2",
        "30 2 L * *",
    ],
)
def test_what_is_no_schedule_or_never_comes_is_refused(cron):
    with pytest.raises(Refused, match="no cron expression"):
        refuse_bad_schedule(cron, BERLIN)


@pytest.mark.parametrize("cron", ["* * * * *", "*/2 * * * *", "0,1 3 * * *"])
def test_a_rule_is_not_run_every_few_moments(cron):
    with pytest.raises(Refused, match="every 5 minutes"):
        refuse_bad_schedule(cron, BERLIN)


@pytest.mark.parametrize("zone", ["", "Berlin", "Europe/Nowhere", "../etc/passwd"])
def test_a_zone_is_one_that_there_is(zone):
    with pytest.raises(Refused, match="time zone"):
        refuse_bad_schedule("30 2 * * *", zone)


@pytest.mark.parametrize("cron", ["30 2 * * 1-5", "*/5 * * * *", "0 4 1 jan,jul *", "15 3 * * mon-fri"])
def test_ordinary_schedules_are_taken(cron):
    refuse_bad_schedule(cron, BERLIN)
