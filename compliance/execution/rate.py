"""How many calls a second a lane makes where nobody knows what Pendo allows: it finds out, and remembers.

Additive increase, multiplicative decrease. Until the first refusal the rate doubles each second; after it,
each call that Pendo takes raises it by the same small step, and a refusal lowers it at once. Far above the
last refusal without a new one, Pendo must allow more than it did, and the rate doubles again. Pure: the
moments, on one monotonic clock, come from outside. The numbers are chosen by simulation against a leaky
bucket of 5 to 90 calls a second, with 5 to 100 ms for an answer (tests/execution/test_rate.py).
"""

from __future__ import annotations

from typing import NamedTuple

#: What a refusal leaves of the rate.
CUT = 0.75
#: What a call that was taken adds, as a share of the rate at the last refusal; and all of them in a second.
STEP = 0.005
MOST_STEPS_A_SECOND = 0.15
#: So far above the last refusal, it tells nothing about what Pendo allows now.
BEYOND = 1.2
#: What a call that was taken adds while the rate doubles: e to the power of 0.7 is 2.
DOUBLING = 0.7
#: Slots that nobody used, as when answers were being written down, are made good for so many seconds.
MADE_GOOD = 0.5
#: After so many refusals with nothing taken between them, it isn't the rate.
MOST_REFUSALS = 6
#: No pause within a slice is longer, in seconds: for what takes longer, the lane waits.
LONGEST_PAUSE = 2.0


class Bounds(NamedTuple):
    """Calls a second: the fewest, those to begin with, and the most; and the first pause in seconds."""

    slowest: float
    first: float
    fastest: float
    pause: float


class Sent(NamedTuple):
    """A call under way. `paced`: it waited for its slot, so the rate is what limits the lane."""

    at: float
    paced: bool


class Rate:
    """The rate of a lane during a slice, and when its next call may go."""

    def __init__(
        self, bounds: Bounds, *, a_second: float | None = None, ceiling: float | None = None
    ) -> None:
        """As remembered: the rate, and the one at the last refusal (none yet, or long outdone)."""
        self.a_second = self._within(bounds, bounds.first if a_second is None else a_second)
        self.ceiling = ceiling
        #: Refusals with nothing taken between them; those of calls that were under way count as one.
        self.refusals = 0
        self._bounds = bounds
        self._next: float | None = None
        self._lowered_at = float("-inf")

    @staticmethod
    def _within(bounds: Bounds, a_second: float) -> float:
        return min(max(a_second, bounds.slowest), bounds.fastest)

    @property
    def hopeless(self) -> bool:
        """Whether slower wouldn't help: Pendo takes nothing at all."""
        return self.refusals >= MOST_REFUSALS

    def quiet_since(self, moment: float) -> None:
        """Nothing was sent after this moment."""
        self._next = moment + 1 / self.a_second

    def slot(self, now: float) -> float:
        """The moment from which on the next call may go."""
        return now if self._next is None else max(self._next, now - MADE_GOOD)

    def sent(self, now: float) -> Sent:
        """A call goes in its slot, which has come; the next one has its slot after it."""
        slot = self.slot(now)
        paced = slot == self._next
        self._next = slot + 1 / self.a_second
        return Sent(now, paced)

    def taken(self, sent: Sent) -> None:
        """Pendo wasn't asked too much by this call."""
        if sent.at <= self._lowered_at:
            return
        self.refusals = 0
        if sent.paced:
            self.a_second = self._within(self._bounds, self.a_second + self._step())

    def _step(self) -> float:
        if self.ceiling is None or self.a_second > self.ceiling * BEYOND:
            self.ceiling = None
            return DOUBLING
        return self.ceiling * min(STEP, MOST_STEPS_A_SECOND / self.a_second)

    def refused(self, sent: Sent, now: float, *, retry_after: float | None = None) -> None:
        """Pendo was asked too much, or is in trouble: slower from now on, after a pause that doubles.

        What was under way when the rate was lowered is refused for the same reason, and changes nothing. A
        pause that Pendo asked for is kept, unless it is longer than any here.
        """
        if retry_after:
            self._wait_until(now + min(LONGEST_PAUSE, retry_after))
        if sent.at <= self._lowered_at:
            return
        if not self.refusals:
            self.ceiling = self.a_second
        self.refusals += 1
        self.a_second = self._within(self._bounds, self.a_second * CUT)
        self._lowered_at = now
        self._wait_until(now + min(LONGEST_PAUSE, self._bounds.pause * 2 ** (self.refusals - 1)))

    def _wait_until(self, moment: float) -> None:
        self._next = moment if self._next is None else max(self._next, moment)
