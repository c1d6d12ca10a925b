"""Small words for templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html

from compliance.connectors.answers import Verdict
from compliance.core import clock
from compliance.dashboard import queries
from compliance.dashboard.batches import VERDICTS
from compliance.laws.registry import get_law
from compliance.workflow import law_words
from compliance.workflow.kinds import traits_of

if TYPE_CHECKING:
    import datetime as dt

    from compliance.workflow.models import Request

register = template.Library()

SOON_DAYS = 7
SOON_HOURS, SECONDS_AN_HOUR = 24, 3600


@register.filter
def state_tone(state: str) -> str:
    """The tone of a request's state."""
    return queries.state_tone(state)


@register.filter
def law_name(request: Request) -> str:
    """The name of a request's law for people; that it isn't known yet, or that there is none."""
    if request.law:
        return get_law(request.law, request.law_version).name
    return "Not yet known" if traits_of(request.kind).has_law else "No law"


@register.filter
def verdict_words(verdict: str) -> str:
    """What became of a call, in plain words."""
    return VERDICTS[Verdict(verdict)]


@register.filter
def clock_name(kind: str) -> str:
    """A clock's name for people."""
    return law_words.clock_name(kind)


@register.filter
def days_left(day: dt.date) -> str:
    """How far away a day is, with a tone."""
    days = (day - clock.today()).days
    if days < 0:
        return format_html('<span class="tag tag-bad">{} late</span>', _days(-days))
    tone = "warn" if days <= SOON_DAYS else "wait"
    return format_html(
        '<span class="tag tag-{}">{}</span>', tone, "today" if days == 0 else f"{_days(days)} left"
    )


@register.filter
def hours_left(moment: dt.datetime) -> str:
    """How far away a moment is, in whole hours, with a tone."""
    hours = int((moment - clock.now()).total_seconds() // SECONDS_AN_HOUR)
    if hours < 0:
        return format_html('<span class="tag tag-bad">over for {}</span>', _hours(-hours))
    tone = "bad" if hours < SOON_HOURS else "warn"
    return format_html('<span class="tag tag-{}">{} left</span>', tone, _hours(hours))


@register.filter
def is_past(day: dt.date | None) -> bool:
    """Whether the day is over."""
    return day is not None and day < clock.today()


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _hours(number: int) -> str:
    return "1 hour" if number == 1 else f"{number} hours"
