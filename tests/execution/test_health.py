import pytest

from compliance.execution.health import beat, heartbeat_age, is_silent
from compliance.execution.models import Heartbeat

pytestmark = pytest.mark.django_db


def test_worker_that_never_worked_is_silent():
    assert heartbeat_age() is None
    assert is_silent(heartbeat_age())


def test_worker_that_has_just_worked_is_not_silent():
    beat()
    beat()

    assert heartbeat_age() < 5
    assert not is_silent(heartbeat_age())
    assert Heartbeat.objects.count() == 1


def test_worker_is_silent_once_ticks_are_missed(later):
    beat()

    later(minutes=1)

    assert heartbeat_age() > 59
    assert is_silent(heartbeat_age())
