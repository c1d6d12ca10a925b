"""Cutting what is long into pieces."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Item = TypeVar("Item")


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in their order, so many at a time; the last piece may be shorter."""
    source = iter(items)
    while piece := list(islice(source, size)):
        yield piece
