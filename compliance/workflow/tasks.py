"""What the queue calls."""

from __future__ import annotations

from . import hold_reminders


def look_after_holds() -> None:
    """Reminders to review holds that are due stand in the ledger."""
    hold_reminders.remind()
