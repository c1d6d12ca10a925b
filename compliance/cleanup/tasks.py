"""What the queue calls: no arguments, no decisions."""

from __future__ import annotations

from .forgetting import forget_old_runs
from .progress import move_runs_on
from .reminders import look_after_standing_approvals
from .scheduled import start_due_runs


def move_on() -> None:
    """Every open run is where its request lets it be."""
    move_runs_on()


def start_due() -> None:
    """Every rule whose moment has come was started."""
    start_due_runs()


def look_after() -> None:
    """People were told of standing approvals that end, and old runs are forgotten."""
    look_after_standing_approvals()
    forget_old_runs()
