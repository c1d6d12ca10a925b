"""The forms that calls of the API share: what is sent, days and moments, pages of lists."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Annotated, TypeVar

from django.db.models import Model
from django.utils.timezone import localdate
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
)

from .keyset import page_of
from .problems import INVALID, CallRefused, FieldProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from .keyset import Page

Row = TypeVar("Row", bound=Model)

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NO_MOMENT = "Give a moment with its offset from UTC, such as 2026-11-20T09:30:00Z."
NO_DAY_OR_MOMENT = "Give a day, or a moment with its offset from UTC, such as 2026-11-20T09:30:00Z."
#: The largest key that any database takes.
LARGEST = 2**63 - 1


def _day(value: object) -> object:
    """A day, written as one; a number would pass for a moment of 1970."""
    if isinstance(value, dt.date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise ValueError("Give a day, such as 2026-11-20.")


def _day_of(value: object) -> object:
    """The day at the controller's establishment on which a moment lies; a day is itself."""
    if isinstance(value, str) and not DAY.fullmatch(value):
        return localdate(_moment(value, wrong=NO_DAY_OR_MOMENT))
    return _day(value)


def _moment(value: object, wrong: str = NO_MOMENT) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(str(value))
        moment.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(wrong) from error
    if moment.tzinfo is None or DAY.fullmatch(str(value)):
        raise ValueError(wrong)
    return moment


Day = Annotated[dt.date, BeforeValidator(_day)]
DayOrMoment = Annotated[
    dt.date,
    BeforeValidator(_day_of),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
    ),
]
Moment = Annotated[dt.datetime, BeforeValidator(_moment)]
#: PostgreSQL takes no NUL in a text.
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00]+$")]
OptionalText = Annotated[str, StringConstraints(max_length=4000, pattern=r"^[^\x00]*$")]
Words = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
#: The code of a reason or ground, and that of a law or calendar.
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,48}$")]
#: What this application numbers: a target, an incident, a task, ...
Number = Annotated[StrictInt, Field(ge=1, le=LARGEST)]
#: The same, in an address.
NumberInPath = Annotated[int, Field(ge=1, le=LARGEST)]


class Taken(BaseModel):
    """What is sent to us: a field that we don't know is a slip, and a slip must not go unnoticed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class PageAsked(BaseModel):
    """Which page of a list."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: str = Field(default="", max_length=400, description="`next` of the page before.")


class PageOut(BaseModel):
    """Some rows of a list."""

    next: str | None = Field(description="The cursor of the next page; null on the last one.")


def asked_page(rows: QuerySet[Row], asked: PageAsked, *, order: Sequence[str]) -> Page[Row]:
    """The page that is asked for. Raises `CallRefused` for a cursor that can't be read."""
    page = page_of(rows, order=order, cursor=asked.cursor, size=asked.limit)
    if asked.cursor and page.first:
        wrong = FieldProblem(pointer="cursor", detail="Give the `next` of the page before, unchanged.")
        raise CallRefused(INVALID, "This cursor can't be read.", [wrong])
    return page


def refuse_unknown_parameters(request: HttpRequest, asked: type[BaseModel]) -> None:
    """Raises `CallRefused`: who misspells a filter would take everything for what they asked for."""
    known = [field.alias or name for name, field in asked.model_fields.items()]
    if set(request.GET) - set(known):
        raise CallRefused(INVALID, f"A parameter isn't known. Those known: {', '.join(known)}.")
