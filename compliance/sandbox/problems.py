"""What a sandbox function raises when the answer is a refusal."""

from __future__ import annotations


class Problem(Exception):
    """A refusal with its HTTP status; `empty` ones have no body, as Pendo's 403 and 404 have none."""

    def __init__(self, status: int, message: str = "", *, empty: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.empty = empty


def not_found() -> Problem:
    """Return Pendo's 404, which has an empty body."""
    return Problem(404, empty=True)


def forbidden() -> Problem:
    """Return Pendo's 403 for an unknown key or a read-only one, which has an empty body."""
    return Problem(403, empty=True)
