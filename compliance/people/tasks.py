"""What the queue calls."""

from __future__ import annotations

from . import expiry, idempotency


def end_expired_roles() -> None:
    """Roles whose last day is over stand in the ledger as ended."""
    expiry.end_expired_roles()


def forget_answers() -> None:
    """Answers to calls of the API are kept for a day."""
    idempotency.forget_answers()
