"""The policy as a page shows it: the numbers in force at each place for each kind, and their origin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime

from . import policy
from .models import PolicyLine
from .policy import EVERY_KIND, NAMES, PRODUCTION, Numbers, Place
from .policy_changes import all_places
from .policy_words import WORDS, kind_label, sentence, shown
from .states import Kind

if TYPE_CHECKING:
    import datetime as dt

    from .policy import Number, type_of_lines


@dataclass(frozen=True)
class Cell:
    """A number in force, and where it comes from."""

    text: str
    source: str
    #: Whether it was said for exactly this place.
    own: bool


@dataclass(frozen=True)
class Row:
    """What holds for some kinds of request at a place; `kind` is what "Change" is about."""

    label: str
    kind: str
    cells: list[Cell]


@dataclass(frozen=True)
class PlaceRows:
    """One place with all kinds of request; those for which the same holds share a row."""

    place: Place
    rows: list[Row]


@dataclass(frozen=True)
class Proposal:
    """A line that waits for an officer, as it would change what holds."""

    line: PolicyLine
    place: str
    kind: str
    new: str
    #: What would change at this place: the name of each number, what is in force, what would be.
    effects: list[tuple[str, str, str]]


def rows_by_place() -> list[PlaceRows]:
    """Every place with the numbers in force there."""
    lines = policy.lines_in_force()
    places = all_places()
    labels = {place.code: place.label for place in places}
    return [PlaceRows(place, _rows(place, lines, labels)) for place in places]


def proposals() -> list[Proposal]:
    """The lines that wait for an officer, the oldest first."""
    waiting = PolicyLine.objects.proposed().select_related("proposed_by").order_by("proposed_at", "pk")
    places, lines = {place.code: place for place in all_places()}, policy.lines_in_force()
    return [
        Proposal(
            line,
            places[line.place].label,
            kind_label(line.kind),
            sentence(Numbers.of(line)),
            _effects(line, places[line.place], lines),
        )
        for line in waiting
    ]


def fallbacks(*, place: Place, kind: str) -> dict[str, str]:
    """What would hold for each number if the line for this place and kind said nothing."""
    lines = policy.lines_in_force()
    lines.pop((place.code, kind), None)
    labels = {each.code: each.label for each in all_places()}
    numbers = {name: policy.number_at(name, place=place, kind=kind, lines=lines) for name in NAMES}
    return {
        name: f"{shown(name, each.value)} ({_source(name, each, place, labels)})"
        for name, each in numbers.items()
    }


def _effects(line: PolicyLine, place: Place, lines: type_of_lines) -> list[tuple[str, str, str]]:
    now = policy.policy_at(place=place, kind=line.kind, lines=lines)
    then = policy.policy_at(place=place, kind=line.kind, lines=lines | {(line.place, line.kind): line})
    pairs = [(name, getattr(now, name), getattr(then, name)) for name in NAMES]
    return [(WORDS[name].label, shown(name, a), shown(name, b)) for name, a, b in pairs if a != b]


def _rows(place: Place, lines: type_of_lines, labels: dict[str, str]) -> list[Row]:
    general = _cells(place, EVERY_KIND, lines, labels)
    by_kind = {kind: _cells(place, kind, lines, labels) for kind in Kind.values}
    special = {kind: cells for kind, cells in by_kind.items() if cells != general}
    first = Row("Every other kind" if special else "Every kind", EVERY_KIND, general)
    return [first, *(Row(kind_label(kind), kind, cells) for kind, cells in special.items())]


def _cells(place: Place, kind: str, lines: type_of_lines, labels: dict[str, str]) -> list[Cell]:
    cells = []
    for name in NAMES:
        number = policy.number_at(name, place=place, kind=kind, lines=lines)
        own = number.line is not None and number.line.place == place.code
        cells.append(Cell(shown(name, number.value), _source(name, number, place, labels), own))
    return cells


def _source(name: str, number: Number, place: Place, labels: dict[str, str]) -> str:
    if number.line is None:
        fixed = name == "two_people_for_wipes" and place.sort == PRODUCTION
        return "always in production" if fixed else "default"
    where = "here" if number.line.place == place.code else labels[number.line.place]
    kind = f", {kind_label(number.line.kind)}" if number.line.kind else ""
    return f"{where}{kind}, since {_day(number.line.in_force_at)}"


def _day(moment: dt.datetime | None) -> str:
    return date_format(localtime(moment), "j M Y") if moment else ""
