"""Reminders to review a hold: each once."""

import datetime as dt

import pytest
import time_machine

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.workflow.hold_placing import lift_hold, review_hold
from compliance.workflow.hold_reminders import stage_began
from compliance.workflow.tasks import look_after_holds

REVIEW = dt.date(2027, 3, 31)


def reminders(hold):
    return [
        entry.body["facts"]["days"] * (-1 if entry.event.endswith("overdue") else 1)
        for entry in entries_of(hold.reference)
        if ":review:" in entry.event
    ]


def look_after_every_day(start, days):
    for day in range(days):
        with time_machine.travel(dt.datetime.combine(start, dt.time(12), dt.UTC) + dt.timedelta(days=day)):
            look_after_holds()
            look_after_holds()


@pytest.mark.parametrize(
    ("left", "began"),
    [
        (15, None),
        (14, -14),
        (4, -14),
        (3, -3),
        (1, -3),
        (0, 0),
        (-1, 0),
        (-6, 0),
        (-7, 7),
        (-13, 7),
        (-14, 14),
    ],
)
def test_stages_lie_before_the_review_on_it_and_every_week_after(left, began):
    expected = None if began is None else REVIEW + dt.timedelta(days=began)

    assert stage_began(REVIEW, REVIEW - dt.timedelta(days=left)) == expected


def test_each_reminder_goes_out_once(hold):
    placed = hold(visitors=["a"], review_on=clock.today() + dt.timedelta(days=20))

    look_after_every_day(clock.today(), 43)

    assert reminders(placed) == [14, 3, 0, -7, -14, -21]


def test_a_day_that_was_missed_is_made_up_for(hold):
    placed = hold(visitors=["a"], review_on=clock.today() + dt.timedelta(days=20))

    look_after_every_day(placed.review_on + dt.timedelta(days=2), 6)

    assert reminders(placed) == [-2, -7]


def test_after_a_review_it_begins_anew(hold, legal, later):
    placed = hold(visitors=["a"], review_on=clock.today() + dt.timedelta(days=3))
    look_after_holds()

    review_hold(hold=placed, owner=legal, review_on=clock.today() + dt.timedelta(days=2), by=legal)
    later(days=1)
    look_after_holds()

    assert reminders(placed) == [3, 1]


def test_a_lifted_hold_reminds_nobody(hold, legal):
    placed = hold(visitors=["a"], review_on=clock.today() + dt.timedelta(days=3))
    lift_hold(hold=placed, reason="Settled.", by=legal)

    look_after_holds()

    assert reminders(placed) == []
