"""What a tick does for many requests: each has its turn, and none holds up another."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from compliance.workflow.models import Request

log = logging.getLogger(__name__)

Row = TypeVar("Row")
#: So long a tick works on one sort of work: the lanes wait for it, and a task has its time, too.
SECONDS_A_SORT = 4.0
#: So long a tick works on one large request before it leaves it to the next.
SECONDS_A_REQUEST = 1.0


def a_turn() -> Callable[[], bool]:
    """Whether the turn that begins now still lasts."""
    end = time.monotonic() + SECONDS_A_REQUEST
    return lambda: time.monotonic() < end


def in_time(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, as long as a tick works on one sort of work, but at least one; the next tick goes on."""
    end = time.monotonic() + SECONDS_A_SORT
    for row in rows:
        yield row
        if time.monotonic() > end:
            return


def attempt(act: Callable[[Request], object], request: Request) -> None:
    """It is done for the request, or the log says that it couldn't be."""
    try:
        act(request)
    except Exception:
        log.exception("%s cannot go on", request.reference)
