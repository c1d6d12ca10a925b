"""Several calls under way at a time, in threads that only talk to Pendo; their starter does all the rest."""

from __future__ import annotations

import queue
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from compliance.connectors.answers import Verdict

from .pace import SLOWER
from .rate import LONGEST_PAUSE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from compliance.connectors.answers import Answer

    from .rate import Rate, Sent

#: Enough for the fastest rate where an answer takes a sixth of a second.
MOST_AT_ONCE = 16
#: After these, no other call would fare better.
ENDS = frozenset({Verdict.KEY_REFUSED, Verdict.NOT_PAID})


class Calling:
    """Calls at a rate, which their answers raise and lower."""

    def __init__(self, rate: Rate, *, at_once: int = MOST_AT_ONCE) -> None:
        """At most `at_once` are under way at a time."""
        self._rate, self._at_once = rate, at_once
        self._ended: queue.SimpleQueue[tuple[int, Future[Answer]]] = queue.SimpleQueue()
        self._under_way: dict[int, Sent] = {}
        self._answers: dict[int, Answer] = {}
        #: The answer after which nothing more was sent.
        self.stopped_by: Answer | None = None

    def answers(
        self, calls: Sequence[Callable[[], Answer]], *, may_go_on: Callable[[], bool]
    ) -> list[Answer]:
        """The answers to the calls in their order, as far as they were sent; it is asked before each of them.

        None is under way any more.
        """
        with ThreadPoolExecutor(self._at_once) as threads:
            for number, call in enumerate(calls):
                self._hear_until_the_slot()
                if self.stopped_by or not may_go_on():
                    break
                self._under_way[number] = self._rate.sent(time.monotonic())
                threads.submit(call).add_done_callback(partial(self._put, number))
            while self._under_way:
                self._hear()
        return [answer for _, answer in sorted(self._answers.items())]

    def _put(self, number: int, ended: Future[Answer]) -> None:
        self._ended.put((number, ended))

    def _hear_until_the_slot(self) -> None:
        """The next slot has come, after all answers that came before it, and a connection is free."""
        while not self.stopped_by:
            left = self._rate.slot(time.monotonic()) - time.monotonic()
            if len(self._under_way) == self._at_once:
                self._hear()
            elif not self._hear(within=max(0.0, left)) and left <= 0:
                return

    def _hear(self, *, within: float | None = None) -> bool:
        """One more answer is taken into account; False if none came within so many seconds."""
        try:
            number, ended = self._ended.get(timeout=within)
        except queue.Empty:
            return False
        answer = self._answers[number] = ended.result()
        self._note(answer, self._under_way.pop(number))
        return True

    def _note(self, answer: Answer, sent: Sent) -> None:
        if answer.verdict in SLOWER:
            self._rate.refused(sent, time.monotonic(), retry_after=answer.retry_after)
            stop = self._rate.hopeless or (answer.retry_after or 0) > LONGEST_PAUSE
        else:
            self._rate.taken(sent)
            stop = answer.verdict in ENDS
        if stop:
            self.stopped_by = self.stopped_by or answer
