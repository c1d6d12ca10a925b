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
from django.db.models import F, Model
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

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
    """The page at `cursor`, the first one where that is empty or can't be read. Takes one query.

    `order` names fields that are never null, all in one direction, the last of them unique.
    """
    edge = _read(rows.model, order, cursor)
    backwards = edge is not None and edge.backwards
    if edge:
        rows = rows.filter(_beyond(order, edge))
    taken = list(rows.order_by(*(_turned(order) if backwards else order))[: size + 1])
    more, taken = len(taken) > size, taken[:size]
    if backwards:
        taken.reverse()
    has_earlier = more if backwards else edge is not None
    return Page(
        rows=taken,
        earlier=_cursor(order, taken[0], backwards=True) if taken and has_earlier else "",
        further=_cursor(order, taken[-1], backwards=False) if taken and (more or backwards) else "",
        first=edge is None,
    )


def walk(rows: QuerySet[Row], *, order: Sequence[str], size: int) -> Iterator[list[Row]]:
    """All rows in slices, a query for each: nothing is held between them, neither rows nor a transaction."""
    taken = list(rows.order_by(*order)[:size])
    while taken:
        yield taken
        edge = _Edge(_values(order, taken[-1]), backwards=False)
        taken = list(rows.filter(_beyond(order, edge)).order_by(*order)[:size])


def counted(rows: QuerySet[Any], most: int = MOST_COUNTED) -> str:
    """How many there are, in words: exactly up to `most`, then that there are more."""
    count = rows.order_by().values("pk")[: most + 1].count()
    return f"{most:,}+" if count > most else f"{count:,}"


def _turned(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order]


def _names(order: Sequence[str]) -> list[str]:
    return [name.removeprefix("-") for name in order]


def _beyond(order: Sequence[str], edge: _Edge) -> TupleGreaterThan | TupleLessThan:
    # A comparison of rows of values: both databases find its start in an index, which they don't for its OR.
    descending = order[0].startswith("-")
    comparison = TupleGreaterThan if descending == edge.backwards else TupleLessThan
    return comparison(Tuple(*[F(name) for name in _names(order)]), edge.values)


def _values(order: Sequence[str], row: Model) -> list[Any]:
    return [getattr(row, name) for name in _names(order)]


def _cursor(order: Sequence[str], row: Model, *, backwards: bool) -> str:
    texts = [each if isinstance(each, int) else each.isoformat() for each in _values(order, row)]
    packed = json.dumps([int(backwards), *texts], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _read(model: type[Model], order: Sequence[str], cursor: str) -> _Edge | None:
    """What the cursor says; None for one that somebody made up."""
    try:
        packed = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        backwards, *texts = packed
        fields = [_field(model, name) for name in _names(order)]
        values = [known.clean(text, None) for known, text in zip(fields, texts, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError):
        return None
    return _Edge(values, backwards=bool(backwards))


def _field(model: type[Model], name: str) -> Any:
    return model._meta.pk if name == "pk" else model._meta.get_field(name)
