"""Whether a worker works."""

from __future__ import annotations

from django.conf import settings

from compliance.core import clock

from .models import Heartbeat

WORKER = "worker"
#: When a worker was seen again after a silence.
WOKE = "woke"
#: A tick comes every TIMINGS.tick seconds, and may wait behind two slices.
TICKS_MISSED = 10


def beat() -> None:
    """A worker was seen to work now."""
    Heartbeat.objects.update_or_create(name=WORKER, defaults={"at": clock.now()})


def heartbeat_age() -> float | None:
    """Seconds since a worker was seen to work, or None if none ever was."""
    last = Heartbeat.objects.filter(name=WORKER).first()
    return (clock.now() - last.at).total_seconds() if last else None


def is_silent(age: float | None) -> bool:
    """Whether a heartbeat of this age (seconds) is older than a working worker lets it be."""
    return age is None or age > settings.TIMINGS.tick * TICKS_MISSED + settings.TIMINGS.slice
