"""Tables for a spreadsheet, as CSV: streamed, and harmless to whoever opens them."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: A cell that begins with one of these is a formula to a spreadsheet (OWASP, "CSV Injection"); the last four
#: are the first four in full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Echo:
    """A file that hands back what is written to it, so that a table can be streamed."""

    def write(self, text: str) -> str:
        """The text."""
        return text


def csv_lines(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The table in UTF-8 with the mark that makes it open as such; no cell is a formula."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([harmless(str(cell)) for cell in row])


def harmless(text: str) -> str:
    """The text as a spreadsheet shows it, never computes it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
