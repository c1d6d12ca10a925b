"""What the queue calls."""

from __future__ import annotations

from . import drafts


def expire_drafts() -> None:
    """Old drafts are gone."""
    drafts.expire_drafts()
