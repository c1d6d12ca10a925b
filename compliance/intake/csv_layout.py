"""What kind of file this is: how its cells are separated, whether it has a heading, what its columns hold."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field

from django.db import models

from compliance.workflow.states import AskedKind

#: Separators by how seldom they stand inside an id. The last one: each line is one cell.
TAB, SEMICOLON, COMMA, NONE = "\t", ";", ",", ""
DELIMITERS = {"comma": COMMA, "semicolon": SEMICOLON, "tab": TAB, "none": NONE}
#: In the place of "nothing": the unit separator, a control character, so that no id holds it.
NO_CELL_ENDS = "\x1f"
MARK = b"\xef\xbb\xbf"
LINES_LOOKED_AT = 200
MOST_LINES_OF_HEADING = 20
#: Of each line, so many characters.
MOST_LOOKED_AT = 10_000
#: A separator is believed if so many of these lines have as many cells as most of them.
BELIEVED_SHARE = 0.8
#: More than these are hardly text.
NUL_SHARE = 0.05
#: Excel's own way of naming the separator, on a line before the heading.
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

#: What the heading of a column may be, without case, spaces and signs; the surest first.
HEADINGS: dict[AskedKind, tuple[str, ...]] = {
    AskedKind.VISITOR: (
        "visitorid",
        "visitorids",
        "pendovisitorid",
        "visitor",
        "visitors",
        "userid",
        "id",
        "ids",
    ),
    AskedKind.ACCOUNT: ("accountid", "accountids", "pendoaccountid", "account", "accounts"),
    AskedKind.EMAIL: ("email", "emails", "emailaddress", "emailaddresses", "mail"),
}


class Failure(models.TextChoices):
    """Why a file can't be read at all, and what to do."""

    WORKBOOK = (
        "workbook",
        (
            "This is an Excel workbook, or another archive. Open it, choose File > Save As > "
            "CSV UTF-8 (Comma delimited), and upload what that makes."
        ),
    )
    UTF16 = (
        "utf16",
        ('This file is UTF-16 ("Unicode Text" in Excel). Save it as CSV UTF-8, and upload what that makes.'),
    )
    NO_TEXT = "no_text", "This isn't a text file. Save the list as CSV UTF-8, and upload what that makes."
    TOO_MANY = (
        "too_many",
        ("This file names more than one request takes. Split it, and upload the parts one by one."),
    )


@dataclass(frozen=True)
class Layout:
    """How a file is to be read."""

    delimiter: str
    #: Lines before the first one that names somebody.
    head: int
    #: The cells of a whole line.
    names: tuple[str, ...] = field(repr=False)
    #: What each column is used as; None: not at all.
    uses: tuple[AskedKind | None, ...]
    has_heading: bool
    #: What each column was recognised as.
    recognised: tuple[AskedKind | None, ...] = ()

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.names)


def failure_of(start: bytes) -> Failure | None:
    """Why a file that begins like this can't be read."""
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return Failure.WORKBOOK
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Failure.UTF16
    if start.startswith((b"%PDF", b"\x1f\x8b")) or start.count(0) > len(start) * NUL_SHARE:
        return Failure.NO_TEXT
    return None


def understand(start: bytes, *, delimiter: str | None = None, has_heading: bool | None = None) -> Layout:
    """How a file that begins like this seems to be laid out; what is given, a person has said."""
    lines = _lines(start)
    separator = SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    before = 1 if separator else 0
    lines = lines[before:]
    if delimiter is None:
        delimiter = separator[1] if separator and separator[1] in DELIMITERS.values() else _likely(lines)
    first, end = _first_row(lines, delimiter)
    recognised = recognise(first)
    if has_heading is None:
        has_heading = any(recognised)
    names = tuple(first)
    if not has_heading:
        names, recognised, end = _usual_row(lines, delimiter) or names, (), 0
    return Layout(
        delimiter=delimiter,
        head=before + end,
        names=names,
        uses=_uses(names, recognised),
        has_heading=has_heading,
        recognised=recognised or (None,) * len(names),
    )


def recognise(cells: list[str]) -> tuple[AskedKind | None, ...]:
    """What each cell says its column holds, if it is a heading."""
    return tuple(_kind_of(cell) for cell in cells)


def cells_of(text: str, delimiter: str) -> list[str]:
    """The cells of a line; where its quotation marks don't match, as well as can be told."""
    return next(csv.reader(text.split("\n"), delimiter=delimiter or NO_CELL_ENDS), [])


def _lines(start: bytes) -> list[str]:
    text = start.removeprefix(MARK).decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return [line[:MOST_LOOKED_AT] for line in text.split("\n")[:LINES_LOOKED_AT]]


def _likely(lines: list[str]) -> str:
    """The separator that the heading speaks for, or else the lines."""
    filled = [line for line in lines if line.strip()]
    if not filled:
        return NONE
    headings = {each: recognise(_first_row(lines, each)[0]) for each in (TAB, SEMICOLON, COMMA)}
    spoken_for = [each for each, found in headings.items() if len(found) > 1 and any(found)]
    if spoken_for:
        return max(spoken_for, key=lambda each: len(headings[each]))
    if any(headings[COMMA]):
        return NONE
    shares = {each: _share(filled, each) for each in (TAB, SEMICOLON, COMMA)}
    best = max(shares, key=lambda each: shares[each])
    return best if shares[best] >= BELIEVED_SHARE else NONE


def _share(lines: list[str], delimiter: str) -> float:
    """How many of the lines have as many cells as most of them, if that is more than one."""
    cells, count = Counter(len(cells_of(line, delimiter)) for line in lines).most_common(1)[0]
    return count / len(lines) if cells > 1 else 0


def _usual_row(lines: list[str], delimiter: str) -> tuple[str, ...]:
    """The first line with as many cells as most lines have: the very first may be a damaged one."""
    rows = [cells_of(line, delimiter) for line in lines if line.strip()]
    usual = Counter(map(len, rows)).most_common(1)
    return tuple(next(row for row in rows if len(row) == usual[0][0])) if usual else ()


def _first_row(lines: list[str], delimiter: str) -> tuple[list[str], int]:
    """The first row's cells, and where it ends: empty lines may stand before it, line ends in its cells."""
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    for end in range(first + 1, min(first + MOST_LINES_OF_HEADING, len(lines)) + 1):
        row = [f"{line}\n" for line in lines[first:end]]
        try:
            return next(csv.reader(row, delimiter=delimiter or NO_CELL_ENDS, strict=True), None) or [""], end
        except csv.Error:
            continue
    return cells_of(lines[first], delimiter) if lines else [""], first + 1


def _kind_of(cell: str) -> AskedKind | None:
    plain = re.sub(r"[\W_]", "", cell).lower()
    return next((kind for kind, headings in HEADINGS.items() if plain in headings), None)


def _uses(names: tuple[str, ...], recognised: tuple[AskedKind | None, ...]) -> tuple[AskedKind | None, ...]:
    """One column: a line with an id and an address names one person, and must not become two searches."""
    if len(names) == 1:
        return (recognised[0] if recognised and recognised[0] else AskedKind.VISITOR,)
    for kind, headings in HEADINGS.items():
        columns = [place for place, found in enumerate(recognised) if found is kind]
        if columns:
            best = min(columns, key=lambda place: headings.index(re.sub(r"[\W_]", "", names[place]).lower()))
            return tuple(kind if place == best else None for place in range(len(names)))
    return (None,) * len(names)
