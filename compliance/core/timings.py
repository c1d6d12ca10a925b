"""Every duration of the engine, in seconds, in one place. Trials and the demo shorten them."""

from __future__ import annotations

import dataclasses
import json
import math
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
    #: Between two calls of a lane that finds its own rate (`execution/rate.py`): at most, at first, at least.
    slowest_interval: float = 1.0
    first_interval: float = 0.1
    fastest_interval: float = 0.01
    #: The first pause of such a lane after a call that Pendo refused; it doubles with each further one.
    refusal_pause: float = 0.2
    #: Waits before a call that Pendo refused for a while is tried again; the last one repeats.
    retry: tuple[float, ...] = (5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE)
    #: A subscription for which Pendo has given no usable answer for this long is told of as an outage.
    outage_after: float = MINUTE
    #: While there is an outage, one lane asks this often whether it is over.
    outage_probe: float = MINUTE
    #: After an outage, or a pause that nobody could end, of this length a person may end the waiting.
    unreachable: float = 3 * DAY
    #: Waits before Pendo is asked again whether it has what was sent without an answer; the last one repeats.
    ask: tuple[float, ...] = (5, 20, MINUTE, 5 * MINUTE, 30 * MINUTE)
    #: A lost bulk delete that Pendo does not know is sent again no sooner than this after it was sent.
    settle_after: float = 10 * MINUTE
    #: While the answer to a lost call stays inconclusive, it is sent once more after this long, and after as
    #: many questions as take so long one after the other: time in which nobody asked doesn't count.
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

    #: Whether a pass of the re-appearance watch is due is looked at this often.
    watch_care: float = 10 * MINUTE
    #: A pass begins so long after the one before, and reads the whole list so long after the last that did.
    watch: float = DAY
    watch_whole: float = 7 * DAY
    #: So long after midnight, at the controller's establishment, a pass begins; None: it waits for no night.
    watch_night: float | None = 2 * HOUR
    #: A pass goes back by so much behind the beginning of the one before: Pendo shows what is new late.
    watch_overlap: float = HOUR

    def __post_init__(self) -> None:
        """Refuse what is no duration, and durations that would let two senders hold one lane."""
        values = dataclasses.asdict(self)
        # The one moment that may be none.
        if values["watch_night"] is None:
            del values["watch_night"]
        if not all(map(_are_durations, values.values())):
            raise ImproperlyConfigured("TIMINGS: every duration is a number of seconds, 0 or more.")
        if not 0 < self.fastest_interval <= self.first_interval <= self.slowest_interval:
            raise ImproperlyConfigured(
                "TIMINGS: 0 < fastest_interval <= first_interval <= slowest_interval must hold."
            )
        if not self.call_deadline < self.task_timeout < self.lease:
            raise ImproperlyConfigured("TIMINGS: call_deadline < task_timeout < lease must hold.")

    @property
    def questions_of_doubt(self) -> int:
        """So many questions about a lost call, with the waits before them, fill `inconclusive_after`."""
        last = self.ask[-1]
        rest = max(0, self.inconclusive_after - sum(self.ask))
        return len(self.ask) + (math.ceil(rest / last) if last else 0)

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
        "outage_after": 15,
        "outage_probe": 5,
        "ask": [3, 10, 30],
        "settle_after": 30,
        "receipt": [5, 5, 10, 30],
        "recheck": [10, 30, 60],
        "watch_care": 15,
        "watch": 300,
        "watch_whole": 1800,
        "watch_night": None,
    }
)


def step(waits: tuple[float, ...], attempt: int) -> float:
    """The wait after the given attempt (counted from 1); the last wait repeats for ever."""
    return waits[min(max(attempt, 1), len(waits)) - 1]


def _are_durations(value: object) -> bool:
    """Without this, a lane whose interval is no number would keep no pace at all."""
    several = value if isinstance(value, tuple) else (value,)
    return all(isinstance(each, int | float) and 0 <= each < math.inf for each in several)


def _hashable(value: float | list[float] | None) -> float | tuple[float, ...] | None:
    return tuple(value) if isinstance(value, list) else value
