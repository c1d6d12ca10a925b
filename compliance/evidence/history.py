"""The history of one request, for legal: JSON lines that verify, and a table to read."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import EVENTS, Event
from compliance.audit.queries import entries_of
from compliance.people.names import actor_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from compliance.audit.models import Entry
    from compliance.people.models import Person
    from compliance.workflow.models import Request

#: Of one request.
COLUMNS = ("number", "at", "event", "meaning", "sentence", "actor", "actor_name", "previous", "hash")
#: Of several chains.
COLUMNS_OF_MANY = ("chain", *COLUMNS)
#: A cell that begins with one of these is a formula to a spreadsheet (OWASP, "CSV Injection"); the last four
#: are the first four in full width.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Echo:
    """A file that hands back what is written to it, so that a table can be streamed."""

    def write(self, text: str) -> str:
        """The text."""
        return text


def export_history(*, request: Request, file_format: str, by: Person) -> Iterator[str]:
    """The lines of the file; that it was taken is its last entry. Raises `KeyError` for another format."""
    write = WRITERS[file_format]
    with transaction.atomic():
        ledger.record(Event.HISTORY_EXPORTED, chain=request.chain, actor=by.reference, format=file_format)
        entries = list(entries_of(request.chain))
    return write(rows_of(entries))


def as_json_lines(rows: Iterator[dict[str, Any]], _: Sequence[str] = ()) -> Iterator[str]:
    """One entry a line: the entry itself, whose canonical form the hash is over, and what helps a reader."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"


def as_csv(rows: Iterator[dict[str, Any]], columns: Sequence[str] = COLUMNS) -> Iterator[str]:
    """A table for a spreadsheet, in UTF-8 with the mark that makes it open as such; no cell is a formula."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(columns)
    for row in rows:
        values = {**row["entry"], **row}
        yield writer.writerow([harmless(str(values[column])) for column in columns])


def harmless(text: str) -> str:
    """The text as a spreadsheet shows it, never computes it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def rows_of(entries: list[Entry]) -> Iterator[dict[str, Any]]:
    """The entries as an export holds them."""
    names = actor_names(entry.body["actor"] for entry in entries)
    for entry in entries:
        yield _row(entry, names)


def _row(entry: Entry, names: dict[str, str]) -> dict[str, Any]:
    body = entry.body
    name = names[body["actor"]]
    return {
        "entry": body,
        "hash": entry.hash,
        "meaning": EVENTS[entry.event].meaning,
        "sentence": entry.sentence(name),
        "actor_name": name,
    }


WRITERS: dict[str, Callable[..., Iterator[str]]] = {
    "jsonl": as_json_lines,
    "csv": as_csv,
}
