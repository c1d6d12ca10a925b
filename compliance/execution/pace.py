"""The slots of a lane, on the monotonic clock of its one sender."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.connectors.answers import Verdict
from compliance.subscriptions import lanes

from .rate import LONGEST_PAUSE, MADE_GOOD, Bounds, Rate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.connectors.answers import Answer

    from .rate import Sent

#: Seconds more than the interval: one call may be under way a little shorter than the one before.
JITTER = 0.02
#: After these, a lane that finds its own rate goes more slowly.
SLOWER = frozenset(
    {Verdict.RATE_LIMITED, Verdict.UNAVAILABLE, Verdict.GARBLED, Verdict.LOST, Verdict.NOT_SENT}
)


class Pace:
    """Calls at least an interval apart, whoever has sent the last one."""

    def __init__(self, interval: float, *, quiet_since: float | None) -> None:
        """Nothing was sent after `quiet_since`; where nobody knows, a full interval is waited first."""
        self._interval = interval
        self.quiet_since = time.monotonic() if quiet_since is None else quiet_since

    def wait(self) -> None:
        """Returns when the next slot has come."""
        while (left := self.quiet_since + self._interval - time.monotonic()) > 0:
            time.sleep(left)

    def sent(self, at: float) -> None:
        """The next slot is a full interval after the moment of sending."""
        self.quiet_since = at


def bulk_pace(lease: lanes.Lease) -> Pace:
    """The pace of a bulk lane, from where its former sender left it."""
    interval = settings.TIMINGS.bulk_interval
    return Pace(interval + JITTER if interval else 0, quiet_since=lanes.quiet_since(lease))


def rate_from(a_second: float | None = None, ceiling: float | None = None) -> Rate:
    """A rate as it was remembered, within the bounds of the settings."""
    timings = settings.TIMINGS
    bounds = Bounds(
        1 / timings.slowest_interval,
        1 / timings.first_interval,
        1 / timings.fastest_interval,
        timings.refusal_pause,
    )
    return Rate(bounds, a_second=a_second, ceiling=ceiling)


@contextmanager
def lane_rate(lease: lanes.Lease) -> Iterator[Rate]:
    """The rate that the lane has found so far; what this slice finds is kept at its end."""
    rate = rate_from(*lanes.rate_of(lease))
    if (quiet := lanes.quiet_since(lease)) is not None:
        rate.quiet_since(quiet)
    lanes.about_to_send(lease)
    try:
        yield rate
    finally:
        lanes.keep_rate(lease, rate.a_second, rate.ceiling)
        lanes.keep_quiet(lease, time.monotonic())


def first_rate() -> Rate:
    """The rate of a few questions in a lane that mostly sends: nobody remembers it, and none came lately."""
    rate = rate_from()
    rate.quiet_since(time.monotonic() - MADE_GOOD)
    return rate


class Asking:
    """The tempo of questions (`pendo.Tempo`): at a rate, and again while Pendo is asked too much.

    Several threads may ask at a time: they share the slots.
    """

    def __init__(self, rate: Rate) -> None:
        """Several may share a rate, one after the other."""
        self._rate = rate
        self._one_by_one = threading.Lock()
        self._of_thread = threading.local()

    def wait(self) -> None:
        """Returns when the next slot has come."""
        while (left := self._take_slot()) > 0:
            time.sleep(left)

    def again(self, answer: Answer) -> bool:
        """Whether the question is to be asked once more: it came too early, and slower may help."""
        sent: Sent = self._of_thread.sent
        with self._one_by_one:
            if answer.verdict not in SLOWER:
                self._rate.taken(sent)
                return False
            self._rate.refused(sent, time.monotonic(), retry_after=answer.retry_after)
            soon = (answer.retry_after or 0) <= LONGEST_PAUSE
            return answer.verdict is Verdict.RATE_LIMITED and soon and not self._rate.hopeless

    def _take_slot(self) -> float:
        """Seconds until the next slot; 0 or less where it has come, and is this thread's."""
        with self._one_by_one:
            now = time.monotonic()
            left = self._rate.slot(now) - now
            if left <= 0:
                self._of_thread.sent = self._rate.sent(now)
            return left
