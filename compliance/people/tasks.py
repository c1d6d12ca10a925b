"""What the queue calls."""

from __future__ import annotations

from . import expiry


def end_expired_roles() -> None:
    """Roles whose last day is over stand in the ledger as ended."""
    expiry.end_expired_roles()
