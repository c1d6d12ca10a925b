"""What a supervisor does when the database is away. For its life with real children see tests/e2e."""

import pytest
from django.db import connection

from compliance.execution import leftovers
from compliance.execution.health import WORKER, heartbeat_age
from compliance.execution.models import Heartbeat
from compliance.execution.supervisor import free_leases
from compliance.subscriptions import lanes
from compliance.subscriptions.models import LaneKind
from tests.workflow_fixtures import end_our_connection, on_postgres


@pytest.fixture
def lane(silent_subscription, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return silent_subscription().lanes.get(kind=LaneKind.BULK)


@pytest.mark.django_db
def test_leases_and_heartbeat_of_a_dead_group_are_gone(lane):
    lanes.take(lane.pk, group="abc")
    Heartbeat.objects.create(name="abc", at=lane.next_at)
    leftovers.note_down("abc", 1)

    free_leases("abc")

    assert lanes.take(lane.pk, group="another")
    assert (heartbeat_age("abc"), heartbeat_age(WORKER)) == (None, None)
    assert not list(leftovers.end_leftovers())


@on_postgres
@pytest.mark.django_db(transaction=True)
def test_database_that_ends_the_connection_does_not_end_the_supervisor(lane, caplog):
    lanes.take(lane.pk, group="abc")
    end_our_connection()

    free_leases("abc")
    connection.close()

    assert "they run out" in caplog.text
