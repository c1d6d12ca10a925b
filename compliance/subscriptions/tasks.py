"""What the queue calls."""

from __future__ import annotations

from django_q.tasks import async_task

from . import care, checks, foreign

CHECK_KEY = "compliance.subscriptions.tasks.check_key"


def look_after_keys() -> None:
    """Reminders that are due are on their way, what is over has expired, and due checks are in the queue."""
    care.remind()
    care.escalate_unanswered()
    foreign.expire_proposals()
    for pk in checks.due_keys().values_list("pk", flat=True):
        async_task(CHECK_KEY, pk, ack_failure=True, save=False)


def check_key(key_id: int) -> None:
    """One key was tried, if that was due."""
    checks.check_key(key_id)
