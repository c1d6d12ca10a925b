"""Reading a file part by part: what its lines name, and what is wrong with which line.

A part ends anywhere: inside a line, a character, a quoted cell. What isn't whole yet is handed back, to be
put before the next part. Lines are read one by one, so that a stray quotation mark spoils its own line only.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.db import models

from compliance.workflow.ids import MOST_ID_BYTES, problem_of
from compliance.workflow.things import Thing

from .csv_layout import MARK, NO_CELL_ENDS

if TYPE_CHECKING:
    from .csv_layout import Layout

MOST_LINE_BYTES = 65_536
#: A quoted cell may go over so many lines.
MOST_LINES_OF_ROW = 50
#: So much of a bad line is kept.
MOST_TEXT_KEPT = 1_000


class Reason(models.TextChoices):
    """What is wrong with a line. The first ones are called as `ids.Problem` calls them."""

    TAB = "tab", "a tab stands inside the value"
    CONTROL = "control", "an invisible control character stands inside the value"
    TOO_LONG = "too_long", f"the value is longer than {MOST_ID_BYTES} bytes"
    NO_EMAIL = (
        "no_email",
        "no e-mail address: it wants one @, with something before and after it, and no space",
    )
    NOTHING = "nothing", "nothing stands in the columns that are used"
    CUT_OFF = "cut_off", "it ends before its last column: the value may be cut off"
    TOO_MANY_CELLS = "too_many_cells", "it has more columns than the others: put the value in quotation marks"
    QUOTES = "quotes", "its quotation marks don't match"
    NOT_UTF8 = "not_utf8", "it isn't UTF-8, probably Windows-1252"
    LONG_LINE = "long_line", f"it is longer than {MOST_LINE_BYTES:,} bytes"


class BadRow(NamedTuple):
    """A line that nothing is taken from."""

    number: int
    reason: Reason
    text: str

    def __repr__(self) -> str:
        """Without its text."""
        return f"line {self.number}: {self.reason}"


@dataclass
class Place:
    """Where reading has come to."""

    #: The number of the next line.
    line: int = 1
    #: What was begun and isn't whole: put before the next part.
    rest: bytes = field(default=b"", repr=False)
    #: Whether the rest of a line that is too long is passed over.
    skipping: bool = False


@dataclass
class Part:
    """What a part of a file holds."""

    things: list[Thing] = field(default_factory=list, repr=False)
    bad: list[BadRow] = field(default_factory=list)
    #: Lines that name something, or should.
    rows: int = 0

    def add(self, other: Part) -> None:
        """What the next part holds comes behind."""
        self.things += other.things
        self.bad += other.bad
        self.rows += other.rows


def read_part(data: bytes, *, place: Place, layout: Layout, last: bool) -> Part:
    """What the whole lines of `data` hold; `place` has moved on behind them."""
    part = Part()
    data = place.rest + data
    if place.line == 1:
        data = data.removeprefix(MARK)
    if place.skipping:
        data = _behind_long_line(data, place, last=last)
    whole = len(data) if last else _whole(data)
    tail = data[whole:]
    too_long = len(tail) > MOST_LINE_BYTES and not place.skipping
    place.rest = b"" if too_long else tail
    _read_lines(_decoded(data[:whole]), part, place, layout, last=last or too_long)
    if too_long:
        _skip(tail, part, place)
    return part


def _whole(data: bytes) -> int:
    """Where the last whole line ends. A carriage return at the very end may be half of a line end."""
    end = data.rfind(b"\n") + 1
    return end or data.rfind(b"\r", 0, max(len(data) - 1, 0)) + 1


def _decoded(data: bytes) -> list[str]:
    """The lines. What isn't UTF-8 comes as lone surrogates, which UTF-8 never holds."""
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    # Behind the last line end stands nothing.
    return lines if lines[-1] else lines[:-1]


def _encoded(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def _read_lines(lines: list[str], part: Part, place: Place, layout: Layout, *, last: bool) -> None:
    first, count = place.line, len(lines)
    # Lines that belong to the heading were looked at before.
    at = min(max(layout.head + 1 - first, 0), count)
    delimiter, read = layout.delimiter, _Reader(layout, part)
    while at < count:
        line = lines[at]
        if '"' not in line and len(line) <= MOST_LINE_BYTES // 4:
            read.row(first + at, line, line.split(delimiter) if delimiter else [line])
            at += 1
            continue
        used = read.quoted(first + at, lines, at, last=last)
        if not used:
            place.rest = _encoded(lines[at:]) + place.rest
            break
        at += used
    place.line = first + at


class _Reader:
    """Takes rows into a part."""

    def __init__(self, layout: Layout, part: Part) -> None:
        self._layout, self._part, self._width = layout, part, layout.width
        self._used = [(place, kind) for place, kind in enumerate(layout.uses) if kind]
        self._last_used = self._used[-1][0] if self._used else -1

    def row(self, number: int, text: str, cells: list[str]) -> None:
        """The row's things are taken, or it is a bad line, or there is nothing on it."""
        values = self._things(cells)
        if isinstance(values, Reason):
            if not any(map(str.strip, cells)):
                return
            self.bad(number, values, text)
            return
        self._part.rows += 1
        self._part.things += values

    def bad(self, number: int, reason: Reason, text: str) -> None:
        """The line is a bad one; what isn't UTF-8 in it is named before anything else."""
        self._part.rows += 1
        if not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text):
            reason = Reason.NOT_UTF8
            text = text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
        self._part.bad.append(BadRow(number, reason, text[:MOST_TEXT_KEPT]))

    def quoted(self, number: int, lines: list[str], at: int, *, last: bool) -> int:
        """The row that begins here is read; returns how many lines it took, or 0 if more have to be seen."""
        line = lines[at]
        if len(line.encode("utf-8", "surrogateescape")) > MOST_LINE_BYTES:
            self.bad(number, Reason.LONG_LINE, line)
            return 1
        cells = self._parsed([line])
        if cells is not None:
            self.row(number, line, cells)
            return 1
        count = _lines_of_row(lines, at)
        if count is None and not last:
            return 0
        cells = self._parsed(lines[at : at + count]) if count else None
        # Of several lines, only what looks whole counts: a stray mark must not swallow what comes after it.
        if cells is None or not count or not self._looks_whole(cells):
            self.bad(number, Reason.QUOTES, line)
            return 1
        self.row(number, "\n".join(lines[at : at + count]), cells)
        return count

    def _things(self, cells: list[str]) -> list[Thing] | Reason:
        if len(cells) != self._width:
            if len(cells) < self._width and len(cells) <= self._last_used + 1:
                return Reason.CUT_OFF
            if any(map(str.strip, cells[self._width :])):
                return Reason.TOO_MANY_CELLS
        things = []
        for place, kind in self._used:
            value = cells[place].strip()
            if not value:
                continue
            problem = problem_of(kind, value)
            if problem:
                return Reason(problem.value)
            things.append(Thing(kind, value))
        return things or Reason.NOTHING

    def _parsed(self, lines: list[str]) -> list[str] | None:
        """The cells, or None where quotation marks don't match."""
        delimiter = self._layout.delimiter or NO_CELL_ENDS
        try:
            return next(csv.reader([f"{line}\n" for line in lines], delimiter=delimiter, strict=True))
        except csv.Error:
            return None

    def _looks_whole(self, cells: list[str]) -> bool:
        return len(cells) == self._width and not any("\n" in cells[place].strip() for place, _ in self._used)


def _lines_of_row(lines: list[str], at: int) -> int | None:
    """After how many lines the quotation marks match again; 0: too many; None: later than in these lines."""
    marks = length = 0
    for count, line in enumerate(lines[at : at + MOST_LINES_OF_ROW], start=1):
        marks += line.count('"')
        length += len(line)
        if length > MOST_LINE_BYTES:
            return 0
        if marks % 2 == 0:
            return count
    return 0 if len(lines) - at >= MOST_LINES_OF_ROW else None


def _behind_long_line(data: bytes, place: Place, *, last: bool) -> bytes:
    """What comes after the line that is passed over; nothing while it hasn't ended."""
    ends = [end for end in (data.find(b"\n"), data.find(b"\r")) if end >= 0]
    if not ends:
        return b""
    end = min(ends)
    if data[end : end + 1] == b"\r":
        if end + 1 == len(data) and not last:
            # Half of a line end, perhaps: looked at again with the next part.
            return data[end:]
        end += data[end + 1 : end + 2] == b"\n"
    place.skipping = False
    return data[end + 1 :]


def _skip(tail: bytes, part: Part, place: Place) -> None:
    """The line that is under way is too long: it is a bad one, and its rest is passed over."""
    part.rows += 1
    part.bad.append(BadRow(place.line, Reason.LONG_LINE, tail[:MOST_TEXT_KEPT].decode("utf-8", "replace")))
    place.line += 1
    place.skipping = True
