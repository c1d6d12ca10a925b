"""What the queue calls."""

from __future__ import annotations

from .incidents import remind_of_incidents
from .recipients import remind_of_tasks


def remind() -> None:
    """Reminders that are due are on their way."""
    remind_of_tasks()
    remind_of_incidents()
