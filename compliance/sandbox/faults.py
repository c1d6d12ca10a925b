"""Faults that can be switched on while the sandbox runs, for all calls or for some."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from compliance.sandbox.answers import Answer, refusal
from compliance.sandbox.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.sandbox.records import JsonObject

HTML = b"<!doctype html><html><head><title>Maintenance</title></head><body>We'll be back soon</body></html>"

CANNED: dict[str, Answer] = {
    "status_429": refusal(Problem(429, "too many requests")),
    "status_500": refusal(Problem(500, "internal error")),
    "status_502": Answer(502, HTML, "text/html; charset=utf-8"),
    "status_503": refusal(Problem(503, "service unavailable")),
    "html": Answer(200, HTML, "text/html; charset=utf-8"),
    "garbage": Answer(200, b'{"id": "9f3', "application/json"),
    "empty_200": Answer(200, b"", "application/json"),
    "forbidden": refusal(Problem(403, empty=True)),
    "unauthorized": refusal(Problem(401, "no valid key")),
    "payment": refusal(Problem(402, "the parameters were valid but the request failed")),
    "missing_404": refusal(Problem(404, "page not found")),
    "timeout_408": refusal(Problem(408, "request timeout")),
}

MEANINGS: dict[str, str] = {
    "drop_before": "closes the connection without having acted",
    "drop_after": "acts, then closes the connection without an answer",
    "hang": "keeps the caller waiting, then acts and answers",
    "slow": "acts, then answers in drips",
    "foreign": "answers as if the key belonged to another subscription",
    "status_429": "429, without Retry-After",
    "status_500": "500",
    "status_502": "502 with an HTML page",
    "status_503": "503",
    "html": "200 with an HTML page",
    "garbage": "200 with broken JSON",
    "empty_200": "200 with an empty body",
    "forbidden": "403 with an empty body, as for a revoked key",
    "unauthorized": "401",
    "payment": "402",
    "missing_404": "404, as for a call that isn't there",
    "timeout_408": "408",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: for which calls, and how many more (None: until switched off).

    `seconds` is how long `hang` and `slow` take. `acts` makes a canned answer come after the call was
    carried out, as when a proxy fails on the way back; usually it comes in place of acting.
    """

    number: int
    kind: str
    remaining: int | None = None
    method: str | None = None
    prefix: str = "/api/"
    subscription: str | None = None
    seconds: float = 30.0
    acts: bool = False

    def hits(self, *, method: str, path: str, subscription: str | None) -> bool:
        """Say whether a call is one of those meant."""
        return (
            (self.method is None or self.method == method)
            and path.startswith(self.prefix)
            and (self.subscription is None or self.subscription == subscription)
        )


class Faults:
    """The faults that are on; the oldest that fits a call is the one it meets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []
        self._made = 0

    def switch_on(
        self,
        *,
        kind: str,
        times: int | None = None,
        method: str | None = None,
        prefix: str = "/api/",
        subscription: str | None = None,
        seconds: float = 30.0,
        acts: bool = False,
    ) -> Fault:
        """Afterwards the next `times` such calls (None: all of them) meet this fault."""
        if kind not in MEANINGS:
            raise Problem(400, f"unknown fault; there are {', '.join(MEANINGS)}")
        with self._lock:
            self._made += 1
            fault = Fault(self._made, kind, times, method, prefix, subscription, seconds, acts)
            self._on.append(fault)
        return fault

    def switch_off(self, number: int | None = None) -> None:
        """Afterwards the fault with this number is off; without a number, all are."""
        with self._lock:
            self._on = [fault for fault in self._on if number is not None and fault.number != number]

    def take(self, *, method: str, path: str, subscription: str | None) -> Fault | None:
        """Return the fault that this call meets, and count it."""
        with self._lock:
            for place, fault in enumerate(self._on):
                if fault.hits(method=method, path=path, subscription=subscription):
                    self._count_down(place, fault)
                    return fault
        return None

    def _count_down(self, place: int, fault: Fault) -> None:
        if fault.remaining is None:
            return
        if fault.remaining > 1:
            self._on[place] = replace(fault, remaining=fault.remaining - 1)
        else:
            del self._on[place]

    def on(self) -> list[Fault]:
        """Return the faults that are on, oldest first."""
        with self._lock:
            return list(self._on)


def answer_under(
    fault: Fault | None, *, act: Callable[[], Answer], wait: Callable[[float], object]
) -> Answer | None:
    """Return the answer to a call that meets this fault; None means to close the connection without one."""
    if fault is None or fault.kind == "foreign":
        return act()
    if fault.kind == "hang":
        wait(fault.seconds)
        return act()
    if fault.kind == "slow":
        return replace(act(), drip_seconds=fault.seconds)
    if fault.acts or fault.kind == "drop_after":
        act()
    return CANNED.get(fault.kind)


def fault_object(fault: Fault) -> JsonObject:
    """Return a fault, ready for JSON."""
    return asdict(fault)
