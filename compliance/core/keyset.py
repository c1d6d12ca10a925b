"""Pages of a list that cost the same wherever they are: no count of everything, no offset.

A cursor names the row at the edge of a page by the values that the list is sorted by: dates, moments
and keys. It may stand in an address, so nothing personal may be sorted by.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

Row = TypeVar("Row", bound=Model)

A_PAGE = 50
#: Lists are counted so far; beyond, only that there are more is said.
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list, and the cursors of its neighbours: empty where there is none."""

    rows: list[Row] = field(default_factory=list)
    earlier: str = ""
    further: str = ""
    #: Whether it was asked for without a cursor.
    first: bool = True


@dataclass(frozen=True)
class _Edge:
    """Between two rows: the values of one of them, and in which direction the page lies."""

    values: list[Any]
    backwards: bool


def page_of(rows: QuerySet[Row], *, order: Sequence[str], cursor: str = "", size: int = A_PAGE) -> Page[Row]:
    """The page at `cursor`, the first one where that is empty or can't be read.

    `order` names a unique field, or a date and then a unique field: never null, and both in one direction.
    """
    edge = _read(rows.model, order, cursor)
    backwards = edge is not None and edge.backwards
    towards = _turned(order) if backwards else order
    found = _following(rows, towards, edge, size + 1)
    more, taken = len(found) > size, found[:size]
    if backwards:
        taken.reverse()
    has_earlier = more if backwards else edge is not None
    return Page(
        rows=taken,
        earlier=cursor_beside(taken[0], order=order, backwards=True) if taken and has_earlier else "",
        further=cursor_beside(taken[-1], order=order) if taken and (more or backwards) else "",
        first=edge is None,
    )


def walk(rows: QuerySet[Row], *, order: Sequence[str], size: int) -> Iterator[list[Row]]:
    """All rows in slices: nothing is held from one to the next, neither rows nor a transaction."""
    taken = _following(rows, order, None, size)
    while taken:
        yield taken
        taken = _following(rows, order, _Edge(_values(order, taken[-1]), backwards=False), size)


def cursor_beside(row: Model, *, order: Sequence[str], backwards: bool = False) -> str:
    """The cursor of the page that begins behind the row, or ends before it."""
    texts = [each if isinstance(each, int) else each.isoformat() for each in _values(order, row)]
    packed = json.dumps([int(backwards), *texts], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def counted(rows: QuerySet[Any], most: int = MOST_COUNTED) -> str:
    """How many there are, in words: exactly up to `most`, then that there are more.

    Rows in the order of their index are counted from it, where the database would else guess another one.
    """
    count = rows.values("pk")[: most + 1].count()
    return f"{most:,}+" if count > most else f"{count:,}"


def _turned(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order]


def _names(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") for name in order]


def _following(rows: QuerySet[Row], order: Sequence[str], edge: _Edge | None, size: int) -> list[Row]:
    """The rows behind the edge: first those that share its date, then those with a later one.

    Two questions: for one with an OR, or a comparison of pairs, SQLite reads all rows that share the date.
    """
    parts = _parts(order, edge) if edge else [{}]
    return [row for part in parts for row in rows.filter(**part).order_by(*order)[:size]][:size]


def _parts(order: Sequence[str], edge: _Edge) -> list[dict[str, Any]]:
    than = "lt" if order[0].startswith("-") else "gt"
    names = _names(order)
    if len(names) == 1:
        return [{f"{names[0]}__{than}": edge.values[0]}]
    date, key = names
    return [
        {date: edge.values[0], f"{key}__{than}": edge.values[1]},
        {f"{date}__{than}": edge.values[0]},
    ]


def _values(order: Sequence[str], row: Model) -> list[Any]:
    return [getattr(row, name) for name in _names(order)]


def _read(model: type[Model], order: Sequence[str], cursor: str) -> _Edge | None:
    """What the cursor says; None for one that somebody made up."""
    try:
        packed = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        backwards, *texts = packed
        fields = [_field(model, name) for name in _names(order)]
        values = [known.clean(text, None) for known, text in zip(fields, texts, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError):
        return None
    # A key that isn't given counts as clean: the database makes it.
    return None if None in values else _Edge(values, backwards=bool(backwards))


def _field(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)
