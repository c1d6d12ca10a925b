"""The log of what the sandbox was asked: routes without ids, so that it can be shown and compared."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from itertools import count, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.sandbox.records import JsonObject

KEPT = 200_000


@dataclass(slots=True)
class Entry:
    """One call. `status` is None while it is under way, and 0 when the connection was dropped instead."""

    number: int
    time: float
    monotonic: float
    method: str
    route: str
    subscription: str | None
    ids: int
    fault: str | None
    status: int | None = None


class Books:
    """The last calls, numbered from 1 in the order of arrival."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._numbers = count(1)
        self._lock = threading.Lock()

    def open(
        self,
        *,
        time: float,
        monotonic: float,
        method: str,
        route: str,
        subscription: str | None,
        ids: int,
        fault: str | None,
    ) -> Entry:
        """Return the new entry of a call that has arrived; its status is written when it is answered."""
        with self._lock:
            entry = Entry(next(self._numbers), time, monotonic, method, route, subscription, ids, fault)
            self._entries.append(entry)
        return entry

    def since(self, number: int) -> list[Entry]:
        """Return the kept entries with higher numbers, oldest first."""
        with self._lock:
            newest_first = list(takewhile(lambda entry: entry.number > number, reversed(self._entries)))
        return newest_first[::-1]

    def last(self, size: int) -> list[Entry]:
        """Return the newest entries, newest first."""
        with self._lock:
            return [entry for entry, _ in zip(reversed(self._entries), range(size), strict=False)]


def entry_object(entry: Entry) -> JsonObject:
    """Return an entry, ready for JSON."""
    return asdict(entry)
