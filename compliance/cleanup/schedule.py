"""When a schedule starts a rule: cron expressions in a time zone, across the nights on which clocks change.

A moment that the spring skips (02:30) is replaced by the first that there is. One that the autumn has twice
starts a rule once, unless its hours are open (`*`): then it runs by real time.
"""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from functools import cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from croniter import croniter
from croniter.croniter import CroniterError

from compliance.core.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS, HOURS = 5, 1
#: A run takes about as long: more often, each would only join the one before.
SHORTEST = dt.timedelta(minutes=5)
#: So many moments are looked at to find the shortest time between two.
LOOKED_AT = 300
#: Numbers, and the names of months and days. More can be written for croniter, which then draws lots.
_PLAIN = re.compile(
    r"(?:[0-9*,/ -]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)+",
    re.IGNORECASE,
)


def next_moment(cron: str, zone: str, after: dt.datetime) -> dt.datetime:
    """The first moment of the schedule after this one, in UTC."""
    return next(moments(cron, zone, after))


def moments(cron: str, zone: str, after: dt.datetime) -> Iterator[dt.datetime]:
    """The moments of the schedule after this one, in UTC."""
    place = zoneinfo.ZoneInfo(zone)
    found = croniter(cron, after.astimezone(place))
    by_real_time = "*" in cron.split()[HOURS]
    while True:
        moment = found.get_next(dt.datetime).astimezone(dt.UTC)
        if by_real_time or not moment.astimezone(place).fold:
            yield moment


def refuse_bad_schedule(cron: str, zone: str) -> None:
    """Raises `Refused` for what is no schedule, never comes, or comes too often."""
    if zone not in known_zones():
        raise Refused("Choose a time zone, such as Europe/Berlin.")
    wrong = (
        "This is no cron expression of five fields, such as 30 2 * * 1-5: minute, hour, day, month, weekday."
    )
    if len(cron.split()) != FIELDS or not _PLAIN.fullmatch(cron):
        raise Refused(wrong)
    try:
        some = list(islice(moments(cron, zone, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)), LOOKED_AT))
    except (CroniterError, ValueError) as error:
        raise Refused(wrong) from error
    if any(later - earlier < SHORTEST for earlier, later in pairwise(some)):
        minutes = int(SHORTEST.total_seconds() // 60)
        raise Refused(f"A rule is run at most every {minutes} minutes.")


@cache
def known_zones() -> frozenset[str]:
    """The names of the time zones that there are."""
    return frozenset(zoneinfo.available_timezones())
