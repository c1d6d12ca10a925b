"""Stores of records and of marks by id: two million fit, and pages in the order of ids cost no sorting."""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

Record = TypeVar("Record")


class Order:
    """The ids of a collection by rising code points.

    A sorted list is never changed once made, so a reader goes on without a lock while writers work; ids that
    have left the collection are skipped when met.
    """

    def __init__(self, members: Collection[str]) -> None:
        self._members = members
        self._sorted: list[str] | None = None
        self._new: list[str] = []
        self._lock = threading.Lock()

    def add(self, record_ids: Iterable[str]) -> None:
        """Afterwards these ids have their place in the order."""
        with self._lock:
            if self._sorted is not None:
                self._new.extend(record_ids)

    def walk(
        self, *, after: str | None = None, at_least: str | None = None, falling: bool = False
    ) -> Iterator[str]:
        """Yield ids, rising or falling, only those beyond `after` and not below `at_least`."""
        ordered = self._current()
        start = 0 if after is None else bisect_right(ordered, after)
        if at_least is not None:
            start = max(start, bisect_left(ordered, at_least))
        places = range(start, len(ordered))
        places = places[::-1] if falling else places
        return (ordered[place] for place in places if ordered[place] in self._members)

    def _current(self) -> list[str]:
        with self._lock:
            if self._sorted is None:
                self._sorted = sorted(self._members)
            elif self._new:
                self._sorted = _merged(self._sorted, set(self._new))
            self._new = []
            return self._sorted


def _merged(ordered: list[str], new: set[str]) -> list[str]:
    # An id that left and came back still has its place. Two sorted runs are merged in one pass.
    return sorted([*ordered, *sorted(each for each in new if not _holds(ordered, each))])


def _holds(ordered: list[str], record_id: str) -> bool:
    place = bisect_left(ordered, record_id)
    return place < len(ordered) and ordered[place] == record_id


class Shelf(Generic[Record]):
    """Records by id, case sensitive.

    An invented record is stored as the number it is invented from, so that it takes little more room than
    its id. Whoever changes a shelf holds the world's lock.
    """

    def __init__(
        self, numbered: dict[str, int] | None = None, *, invent: Callable[[str, int], Record]
    ) -> None:
        self._rows: dict[str, int | Record] = dict(numbered or {})
        self._order = Order(self._rows)
        self._invent = invent

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._rows

    def get(self, record_id: str) -> Record | None:
        """Return the record with exactly this id."""
        row = self._rows.get(record_id)
        if isinstance(row, int):
            return self._invent(record_id, row)
        return row

    def add(self, records: dict[str, Record]) -> None:
        """Afterwards these records are here, in the place of any earlier ones with the same ids."""
        self._rows.update(records)
        self._order.add(records)

    def remove(self, record_id: str) -> None:
        """Afterwards there is no record with this id."""
        self._rows.pop(record_id, None)

    def ids(self) -> list[str]:
        """Return all ids in no promised order."""
        return list(self._rows)

    def sample(self, size: int) -> list[str]:
        """Return some ids."""
        return list(islice(self._rows, size))

    def in_order(
        self, *, after: str | None = None, at_least: str | None = None, falling: bool = False
    ) -> Iterator[str]:
        """Yield ids by code points, rising or falling, only those beyond `after` and not below `at_least`."""
        return self._order.walk(after=after, at_least=at_least, falling=falling)


class Marks:
    """A set of ids, such as those marked Do Not Process; it remembers ids whose records are gone."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._order = Order(self._ids)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._ids

    def add(self, record_ids: Iterable[str]) -> None:
        """Afterwards these ids are marked."""
        new = dict.fromkeys(record_ids)
        self._ids.update(new)
        self._order.add(new)

    def remove(self, record_id: str) -> None:
        """Afterwards this id isn't marked."""
        self._ids.pop(record_id, None)

    def ids(self) -> list[str]:
        """Return all ids in no promised order."""
        return list(self._ids)

    def in_order(
        self, *, after: str | None = None, at_least: str | None = None, falling: bool = False
    ) -> Iterator[str]:
        """Yield ids by code points, rising or falling, only those beyond `after` and not below `at_least`."""
        return self._order.walk(after=after, at_least=at_least, falling=falling)
