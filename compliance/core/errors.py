"""How a verb says no."""

from __future__ import annotations


class Refused(Exception):
    """What was asked is not done, and nothing was changed. Its text says why, and what to do, to a person."""
