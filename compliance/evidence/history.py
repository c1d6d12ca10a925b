"""The history of one request, for legal: JSON lines that verify, and a table to read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import EVENTS, Event
from compliance.audit.queries import entries_of
from compliance.core.spreadsheets import csv_lines
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
    """A table for a spreadsheet."""
    values = ({**row["entry"], **row} for row in rows)
    return csv_lines(columns, ([row[column] for column in columns] for row in values))


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
