"""The keys of rows that a browser names: whatever is sent, a database is never asked what it can't take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Digits of a key that any database takes.
LONGEST_KEY = 18
NO_ROW = 0


def row_key(text: str) -> int:
    """The key; 0, which no row has, for what can be none."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_KEY else NO_ROW


def row_keys(texts: Iterable[str]) -> list[int]:
    """As `row_key`, for each: something named that can be no key isn't nothing named."""
    return [row_key(text) for text in texts]
