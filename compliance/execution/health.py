"""Whether a worker works."""

from __future__ import annotations

import os

from django.conf import settings

from compliance.core import clock

from .models import Heartbeat

WORKER = "worker"
#: When a worker was seen again after a silence.
WOKE = "woke"
#: The environment variable by which a supervisor names its worker group.
GROUP_VARIABLE = "ERASURE_DESK_WORKER_GROUP"
#: A tick comes every TIMINGS.tick seconds, and may wait behind two slices.
TICKS_MISSED = 10


def own_group() -> str:
    """The worker group that this process belongs to; empty outside of one."""
    return os.environ.get(GROUP_VARIABLE, "")


def beat() -> None:
    """A worker was seen to work now, and so was its group."""
    for name in {WORKER, own_group() or WORKER}:
        Heartbeat.objects.update_or_create(name=name, defaults={"at": clock.now()})


def heartbeat_age(name: str = WORKER) -> float | None:
    """Seconds since a worker (of this group) was seen to work, or None if none ever was."""
    last = Heartbeat.objects.filter(name=name).first()
    return (clock.now() - last.at).total_seconds() if last else None


def is_hung(group: str, *, running: float) -> bool:
    """Whether nobody of a group that runs for so many seconds works, whatever groups elsewhere do."""
    age = heartbeat_age(group)
    return running > settings.TIMINGS.stale and (age is None or age > settings.TIMINGS.stale)


def forget_group(group: str) -> None:
    """A group that has ended leaves no heartbeat behind."""
    Heartbeat.objects.filter(name=group).delete()


def is_silent(age: float | None) -> bool:
    """Whether a heartbeat of this age (seconds) is older than a working worker lets it be."""
    return age is None or age > settings.TIMINGS.tick * TICKS_MISSED + settings.TIMINGS.slice
