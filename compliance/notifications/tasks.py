"""What the queue calls."""

from __future__ import annotations

from . import delivery, endpoints, posting, spreading


def deliver() -> None:
    """Mail that is due was tried once."""
    delivery.deliver()


def tell() -> None:
    """Other programs were told of what is new, and of what they haven't taken yet and is due again."""
    posting.end_orphans()
    spreading.spread()
    posting.post_due()


def forget_messages() -> None:
    """Messages of long ago are gone, and secrets that sign no more."""
    spreading.forget_messages()
    endpoints.forget_former_secrets()
