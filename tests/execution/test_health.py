import pytest

from compliance.execution.health import GROUP_VARIABLE, beat, heartbeat_age, is_hung, is_silent
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


def test_group_that_hangs_is_found_although_another_works(later, monkeypatch):
    for group in ("one", "other"):
        monkeypatch.setenv(GROUP_VARIABLE, group)
        beat()
    later(minutes=10)
    beat()

    assert not is_silent(heartbeat_age())
    assert is_hung("one", running=600)
    assert not is_hung("other", running=600)


def test_group_that_has_just_been_started_has_time_to_show_itself():
    assert not is_hung("new", running=10)
    assert is_hung("new", running=600)
