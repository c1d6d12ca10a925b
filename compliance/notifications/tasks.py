"""What the queue calls."""

from __future__ import annotations

from . import delivery


def deliver() -> None:
    """Mail that is due was tried once."""
    delivery.deliver()
