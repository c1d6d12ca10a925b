"""What was posted about which id, and what was asked before it was posted again: for trials.

Bulk deletion has no idempotency key. Whoever posts an id once more, although the first post may have been
taken, must have asked in between; the trail tells of each such repetition whether that was so.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import deque
from dataclasses import asdict, dataclass
from itertools import count
from math import inf
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from compliance.sandbox.books import Entry
    from compliance.sandbox.records import JsonObject, Kind

#: Pendo documents that a call answered with one of these was not taken.
NOT_TAKEN = frozenset({401, 402, 403, 404, 429})
KEPT = 200_000

#: The open deletion requests, the Do-Not-Process list, or the records themselves.
About = Literal["open", "marked", "records"]


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked, and answered: about one id, or about all beyond `after` up to `until` (None: all)."""

    about: About
    kind: Kind | None = None
    only: str | None = None
    after: str = ""
    until: str | None = None

    def tells_of(self, kind: Kind, record_id: str) -> bool:
        """Say whether the answer told of this id."""
        if self.kind not in (None, kind):
            return False
        if self.only is not None:
            return self.only == record_id
        return self.after < record_id and (self.until is None or record_id <= self.until)


@dataclass(frozen=True, slots=True)
class Post:
    """A bulk delete that arrived; `marked` are those of its ids that were Do Not Process before."""

    step: int
    entry: Entry
    kind: Kind
    ids: list[str]
    marked: frozenset[str]


@dataclass(frozen=True, slots=True)
class Repetition:
    """Ids posted in call `first`, which may have been taken, and again, next, in call `then`.

    `at` is when the two calls came, in seconds since 1970.
    """

    first: int
    then: int
    status: int | None
    seconds: float
    asked: bool
    ids: list[str]
    at: tuple[float, float]


class Trail:
    """Posts, questions and completions of one subscription in the order in which they happened."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps = count(1)
        self._posts: list[Post] = []
        self._questions: deque[tuple[int, Question]] = deque(maxlen=KEPT)
        self._completed: list[tuple[int, Kind, list[str]]] = []

    def post(self, *, entry: Entry, kind: Kind, ids: list[str], marked: Collection[str]) -> None:
        """A bulk delete has arrived."""
        with self._lock:
            self._posts.append(Post(next(self._steps), entry, kind, ids, frozenset(marked)))

    def ask(self, question: Question) -> None:
        """A question is being answered."""
        with self._lock:
            self._questions.append((next(self._steps), question))

    def complete(self, kind: Kind, ids: list[str]) -> None:
        """A deletion request was completed."""
        with self._lock:
            self._completed.append((next(self._steps), kind, ids))

    def repetitions(self, *, leave_out: Collection[str] = ()) -> list[Repetition]:
        """Return each pair of calls with what they have in common, in the order of the second.

        Ids to `leave_out` are those that somebody wanted deleted twice.
        """
        with self._lock:
            history = _History(list(self._questions), list(self._completed))
            posts = list(self._posts)
        found: dict[tuple[int, int, bool], tuple[Post, Post, list[str]]] = {}
        for first, then, record_id in _pairs(posts):
            if record_id in leave_out:
                continue
            asked = history.asked_between(first, then, record_id)
            key = (then.entry.number, first.entry.number, asked)
            found.setdefault(key, (first, then, []))[2].append(record_id)
        return [_repetition(*found[key], asked=key[2]) for key in sorted(found)]


class _History:
    """What was asked and completed, ready to be searched."""

    def __init__(
        self, questions: list[tuple[int, Question]], completed: list[tuple[int, Kind, list[str]]]
    ) -> None:
        self._questions = questions
        self._completed: dict[tuple[Kind, str], list[int]] = {}
        for step, kind, ids in completed:
            for record_id in ids:
                self._completed.setdefault((kind, record_id), []).append(step)

    def asked_between(self, first: Post, then: Post, record_id: str) -> bool:
        """Say whether an answer told of the id what the first post came to.

        The Do-Not-Process list does, unless the id stood there before; then nothing is left to ask for but
        the open requests. The record does once the deletion is said to be completed.
        """
        begin = bisect_right(self._questions, first.step, key=itemgetter(0))
        end = bisect_right(self._questions, then.step, key=itemgetter(0))
        done = self._done_after(first, record_id)
        since = {"marked": first.step, "records": done}
        if record_id in first.marked:
            since["open"] = first.step
        return any(
            step > since.get(question.about, then.step) and question.tells_of(first.kind, record_id)
            for step, question in self._questions[begin:end]
        )

    def _done_after(self, first: Post, record_id: str) -> float:
        steps = self._completed.get((first.kind, record_id), ())
        return min((step for step in steps if step > first.step), default=inf)


def _pairs(posts: list[Post]) -> Iterator[tuple[Post, Post, str]]:
    """Yield each post of an id with the last one before it that may have been taken."""
    last: dict[tuple[Kind, str], Post] = {}
    for post in posts:
        for record_id in post.ids:
            former = last.get((post.kind, record_id))
            if former is not None:
                yield former, post, record_id
            if post.entry.status not in NOT_TAKEN:
                last[post.kind, record_id] = post


def _repetition(first: Post, then: Post, ids: list[str], *, asked: bool) -> Repetition:
    return Repetition(
        first=first.entry.number,
        then=then.entry.number,
        status=first.entry.status,
        seconds=then.entry.monotonic - first.entry.monotonic,
        asked=asked,
        ids=ids,
        at=(first.entry.time, then.entry.time),
    )


def repetition_object(repetition: Repetition) -> JsonObject:
    """Return a repetition, ready for JSON."""
    return asdict(repetition)
