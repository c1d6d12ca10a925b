"""How many calls of the API a token may make: so many in each minute, on all machines together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Case, F, Q, When

from compliance.core import clock, problems
from compliance.core.problems import CallRefused

from .models import CallCount

if TYPE_CHECKING:
    from .models import Token


def count_call(token: Token) -> None:
    """The call is counted. Raises `CallRefused` for one too many in this minute of the clock.

    One statement, so that no two processes count past each other. Where it can't be counted, there is no
    database to serve the call from either. Unknown tokens aren't counted: a guess of 256 bits can't succeed,
    most are told by their checksum alone, and counting addresses would only add writes.
    """
    now = clock.now()
    minute = now.replace(second=0, microsecond=0)
    is_past = Q(minute__lt=minute)
    changes: dict[str, Any] = {
        "minute": Case(When(is_past, then=minute), default=F("minute")),
        "calls": Case(When(is_past, then=1), default=F("calls") + 1),
    }
    fits = is_past | Q(calls__lt=settings.API_CALLS_A_MINUTE)
    counted = CallCount.objects.filter(fits, token=token)
    if counted.update(**changes):
        return
    _, is_first = CallCount.objects.get_or_create(token=token, defaults={"minute": minute, "calls": 1})
    # Of several first calls at once only one makes the row; the others are counted by it.
    if not is_first and not counted.update(**changes):
        raise CallRefused(
            problems.TOO_MANY_CALLS,
            f"A token makes up to {settings.API_CALLS_A_MINUTE:,} calls in a minute. Wait for the "
            "seconds that Retry-After says.",
            retry_after=60 - now.second,
        )
