"""The slots of a lane, on the monotonic clock of its one sender."""

from __future__ import annotations

import time


class Pace:
    """Calls at least an interval (seconds) apart.

    It begins with a full interval: what another sender did just before the hand-over isn't known here.
    """

    def __init__(self, interval: float) -> None:
        """The first slot comes after one interval."""
        self._interval = interval
        self._last = time.monotonic()

    def wait(self) -> None:
        """Returns when the next slot has come."""
        time.sleep(max(0.0, self._last + self._interval - time.monotonic()))

    def sent(self) -> None:
        """The next slot is a full interval after the moment of sending, which is now."""
        self._last = time.monotonic()
