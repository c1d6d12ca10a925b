"""Reading the rows of a table as they come, CSV or a JSON array: no more of it is held than one row.

Both raise one of `NO_TABLE` where what comes isn't such a table: a page of HTML, half an answer, something
else.
"""

from __future__ import annotations

import codecs
import csv
import json
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Broken UTF-8 and broken JSON are `ValueError`s, too.
NO_TABLE = (ValueError, csv.Error)
#: No row seen is near this.
MOST_ROW_LETTERS = 1_000_000
MARK = "\ufeff"
BLANK = " \t\r\n"


class Rows(Protocol):
    """Takes pieces of a table, and gives the rows that are whole."""

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The rows that this piece completes."""

    def end(self) -> Iterator[Any]:
        """The rows that were left; raises where the table is cut off."""


class CsvRows:
    """Rows of CSV as lists of cells, the heading first."""

    def __init__(self) -> None:
        """Nothing was read."""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._begun = False

    def feed(self, piece: bytes) -> Iterator[list[str]]:
        """The rows that this piece completes."""
        self._text += self._decoder.decode(piece)
        self._begin()
        yield from self._rows()

    def end(self) -> Iterator[list[str]]:
        """The last row, if no line end closes it."""
        self._text += self._decoder.decode(b"", final=True)
        self._begin()
        if not self._begun:
            raise ValueError("nothing came")
        if self._text:
            self._text += "\n"
        yield from self._rows()
        if self._text:
            raise ValueError("the last row is cut off")

    def _begin(self) -> None:
        if not self._begun and self._text.lstrip(MARK + BLANK):
            self._text = self._text.lstrip(MARK + BLANK)
            if self._text[0] in "<{[":
                raise ValueError("this is no CSV")
            self._begun = True

    def _rows(self) -> Iterator[list[str]]:
        start = end = marks = 0
        while (found := self._text.find("\n", end)) >= 0:
            marks += self._text.count('"', end, found)
            end = found + 1
            # A line end between quotation marks belongs to its cell.
            if marks % 2 == 0:
                yield from _cells(self._text[start:end])
                start = end
        self._text = self._text[start:]
        if len(self._text) > MOST_ROW_LETTERS:
            raise ValueError("a row doesn't end")


def _cells(row: str) -> Iterator[list[str]]:
    return (cells for cells in csv.reader([row]) if cells)


class JsonRows:
    """The objects in a JSON array."""

    def __init__(self) -> None:
        """Nothing was read."""
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._json = json.JSONDecoder()
        self._text = ""
        self._opened = self._closed = False

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The rows that this piece completes."""
        self._text += self._decoder.decode(piece)
        yield from self._rows()

    def end(self) -> Iterator[Any]:
        """None is left; raises where the array wasn't closed. `null` is an empty one."""
        self._text += self._decoder.decode(b"", final=True)
        yield from self._rows()
        # That is how a server in Go writes an empty list.
        if not self._closed and (self._opened or self._text.strip(BLANK) != "null"):
            raise ValueError("the array is cut off")

    def _rows(self) -> Iterator[Any]:
        at = self._skipped(0)
        if not self._opened and at < len(self._text):
            if self._text[at] != "[":
                if "null".startswith(self._text[at:].strip(BLANK)):
                    return
                raise ValueError("this is no array")
            self._opened, at = True, at + 1
        while self._opened and not self._closed:
            at = self._skipped(at, ",")
            if at < len(self._text) and self._text[at] == "]":
                self._closed = True
                at += 1
                break
            try:
                row, behind = self._json.raw_decode(self._text, at)
            except ValueError:
                break
            # A number or a word at the very end may go on in the next piece.
            if behind == len(self._text):
                break
            yield row
            at = behind
        self._text = self._text[at:]
        if len(self._text) > MOST_ROW_LETTERS:
            raise ValueError("a row doesn't end")

    def _skipped(self, at: int, also: str = "") -> int:
        while at < len(self._text) and self._text[at] in BLANK + also:
            at += 1
        return at
