"""Now and today."""

import datetime as dt

import time_machine
from django.utils import timezone

from compliance.core import clock


@time_machine.travel("2026-03-01T23:30:00Z", tick=False)
def test_now_is_aware_and_in_utc():
    assert clock.now() == dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)


@time_machine.travel("2026-03-01T23:30:00Z", tick=False)
def test_today_is_the_day_at_the_controllers_establishment():
    with timezone.override("Europe/Vienna"):
        assert clock.today() == dt.date(2026, 3, 2)
