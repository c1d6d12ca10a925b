"""Every duration of the engine, in seconds, in one place. Trials and the demo shorten them."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from django.core.exceptions import ImproperlyConfigured

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclasses.dataclass(frozen=True)
class Timings:
    """Durations in seconds. They must satisfy call_deadline < task_timeout < lease."""

    #: The supervisor sends a tick this often.
    tick: float = 2.0
    #: A worker that has written no heartbeat for this long is taken to hang, and restarted.
    stale: float = 150.0
    #: After a longer silence of all workers, Pendo is asked before what stands ready is sent: a restored
    #: backup can't be told from a machine that was off. It is longer than the restart of a worker takes.
    silence: float = 5 * MINUTE
    #: A lane's task works this long before it gives the lane back.
    slice: float = 8.0
    #: One HTTP call, from the first byte sent to the last byte read.
    call_deadline: float = 30.0
    #: django-q2 ends a task after this long. Whole seconds.
    task_timeout: int = 60
    #: A lane belongs to its sender this long, unless given back.
    lease: float = 120.0
    #: An upload belongs to its reader this long after each part of it.
    reader: float = 30.0
    #: The least time between two bulk calls of one subscription (Pendo support 13857784403611).
    bulk_interval: float = 1.0
    #: The least time between two calls that act on one target each: 2,000 take less than two minutes.
    reset_interval: float = 0.05
    #: The least time between two look-ups of one subscription.
    read_interval: float = 0.02
    #: Waits before a call that Pendo refused for a while is tried again; the last one repeats.
    retry: tuple[float, ...] = (5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE)
    #: Waits before Pendo is asked again whether it has what was sent without an answer; the last one repeats.
    ask: tuple[float, ...] = (5, 20, MINUTE, 5 * MINUTE, 30 * MINUTE)
    #: A lost bulk delete that Pendo does not know is sent again no sooner than this after it was sent.
    settle_after: float = 10 * MINUTE
    #: While the answer to a lost call stays inconclusive, it is sent once more after this long.
    inconclusive_after: float = DAY
    #: Waits between two questions after a receipt; the last one repeats.
    receipt: tuple[float, ...] = (30, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR)
    #: Waits before targets that Pendo says are done, yet are still there, are looked for again.
    recheck: tuple[float, ...] = (10 * MINUTE, HOUR, 6 * HOUR, DAY)
    #: A receipt still open after this long is shown to a person.
    receipt_overdue: float = 21 * DAY
    #: Keys are looked after this often: reminders, checks, what expires.
    key_care: float = 10 * MINUTE
    #: Holds are looked after this often: reminders.
    hold_care: float = 10 * MINUTE
    #: A replaced key is retired after two refusals that lie so far apart.
    key_refusals_apart: float = HOUR
    #: A refused key that nobody has replaced for this long is escalated.
    key_unanswered: float = 4 * HOUR
    #: A key of another subscription waits this long for a second person.
    key_proposal: float = DAY

    def __post_init__(self) -> None:
        """Refuse durations that would let two senders hold one lane."""
        if not self.call_deadline < self.task_timeout < self.lease:
            raise ImproperlyConfigured("TIMINGS: call_deadline < task_timeout < lease must hold.")

    @classmethod
    def from_json(cls, text: str) -> Timings:
        """Timings with the durations that `text` names changed. Raises `ImproperlyConfigured`."""
        try:
            given = json.loads(text)
            changes: dict[str, Any] = {name: _hashable(value) for name, value in given.items()}
            return cls(**changes)
        except (ValueError, TypeError, AttributeError) as error:
            raise ImproperlyConfigured(f"TIMINGS is not a JSON object of known durations: {error}") from error


#: Somebody is trying things out: the sandbox takes seconds where Pendo takes days.
DEMO = json.dumps(
    {
        "retry": [5, 15, 60],
        "ask": [3, 10, 30],
        "settle_after": 30,
        "receipt": [5, 5, 10, 30],
        "recheck": [10, 30, 60],
    }
)


def step(waits: tuple[float, ...], attempt: int) -> float:
    """The wait after the given attempt (counted from 1); the last wait repeats for ever."""
    return waits[min(max(attempt, 1), len(waits)) - 1]


def _hashable(value: float | list[float]) -> float | tuple[float, ...]:
    return tuple(value) if isinstance(value, list) else value
