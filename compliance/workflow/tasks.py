"""What the queue calls."""

from __future__ import annotations

from . import hold_reminders, suspending
from .date_reminders import remind_of_dates
from .incidents import remind_of_incidents
from .kept_data import tell_of_kept_data
from .recipients import remind_of_tasks


def look_after_holds() -> None:
    """Reminders to review holds that are due stand in the ledger; who needn't be known is forgotten."""
    hold_reminders.remind()
    suspending.forget_erased()


def remind() -> None:
    """Reminders that are due are on their way."""
    remind_of_dates()
    remind_of_tasks()
    remind_of_incidents()
    tell_of_kept_data()
