"""What the queue calls."""

from __future__ import annotations

from . import idempotency


def forget_answers() -> None:
    """Answers to calls of the API are kept for a day."""
    idempotency.forget_answers()
