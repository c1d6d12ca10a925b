"""The ledger says once that a request's day is near."""

import datetime as dt

import pytest

from compliance.audit.events import Event
from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.workflow.date_reminders import NEAR_DAYS, remind_of_date, remind_of_dates
from compliance.workflow.models import Request
from compliance.workflow.states import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_due(new_request):
    """`request_due(days=..., **changes)`: a request that has so many days left."""

    def make(days, **changes):
        request = new_request()
        send_by = clock.today() + dt.timedelta(days=days)
        Request.objects.filter(pk=request.pk).update(send_by=send_by, **changes)
        request.refresh_from_db()
        return request

    return make


def told(request):
    entries = entries_of(request.chain).filter(event=Event.REQUEST_DATE_NEAR.value)
    return [entry.body["facts"] for entry in entries]


@pytest.mark.parametrize("days", [NEAR_DAYS, 0, -5])
def test_a_day_that_is_near_or_past_is_told_once(request_due, days):
    request = request_due(days)

    remind_of_dates()
    remind_of_dates()

    assert told(request) == [{"send_by": request.send_by.isoformat(), "days": days}]


def test_another_day_is_told_of_again(request_due):
    request = request_due(2)
    remind_of_dates()
    Request.objects.filter(pk=request.pk).update(send_by=clock.today() + dt.timedelta(days=1))

    remind_of_dates()

    assert [facts["days"] for facts in told(request)] == [2, 1]


@pytest.mark.parametrize(
    ("days", "changes"),
    [
        (NEAR_DAYS + 1, {}),
        (1, {"state": State.CONFIRMING}),
        (1, {"state": State.CLOSED, "closed_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}),
        (1, {"state": State.CHECKING}),
    ],
)
def test_nothing_is_said_of_what_is_far_or_sent_or_ended_or_not_recorded_yet(request_due, days, changes):
    request = request_due(days, **changes)

    remind_of_dates()

    assert told(request) == []


def test_two_at_the_same_moment_write_one_entry(request_due):
    request = request_due(1)

    assert [remind_of_date(request), remind_of_date(request)] == [True, False]
