"""Refusals of the workflow that callers tell apart."""

from __future__ import annotations

from compliance.core.errors import Refused


class SetHasChanged(Refused):
    """The preview is not the one that was looked at."""


class NoFurtherApproval(Refused):
    """The request isn't waiting for an approval."""


class NotThisPerson(Refused):
    """Somebody else has to do this."""


class StateChanged(Refused):
    """Somebody or something was faster: the row isn't in the state that the caller saw."""


class IllegalMove(Exception):
    """A move that the table doesn't have: a fault of the program, never of its user."""
