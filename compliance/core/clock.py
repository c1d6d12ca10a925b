"""Now and today, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    import datetime as dt


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def today() -> dt.date:
    """The present day at the controller's establishment (setting TIME_ZONE)."""
    return timezone.localdate()


def day_of(moment: dt.datetime) -> dt.date:
    """The day at the controller's establishment on which the moment lies."""
    return timezone.localdate(moment)
