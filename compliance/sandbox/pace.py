"""How fast a subscription may be called: one bulk delete an interval, and a leaky bucket for the rest."""

from __future__ import annotations

from dataclasses import dataclass

NETWORK_JITTER = 0.95
"""Who keeps the interval exactly may arrive a little early: only what is clearly faster is refused."""


def too_soon(*, last: float | None, now: float, interval: float) -> bool:
    """Say whether a bulk delete comes too fast (Pendo, Bulk Delete: about one call a second)."""
    return last is not None and now - last < interval * NETWORK_JITTER


@dataclass(slots=True)
class Bucket:
    """A leaky bucket that holds one second's worth of calls."""

    level: float = 0.0
    at: float = 0.0

    def takes(self, *, now: float, rate: float) -> bool:
        """Say whether one more call fits, and count it if so; a rate of 0 takes every call."""
        if rate <= 0:
            return True
        self.level = max(0.0, self.level - (now - self.at) * rate)
        self.at = now
        if self.level + 1 > max(rate, 1.0):
            return False
        self.level += 1
        return True
