"""Segments and reports: what is read out of Pendo's answers about them, and in which column the ids stand.

Source: Engage API documentation, p. 23-39. It prints no answers, so the names of fields are read with care.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .records import ID_FIELDS, STATUS_FIELDS, WORDS_FOR_DONE, WORDS_FOR_OPEN, dict_in, first_in, word_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from compliance.connectors.answers import Answer

    from .records import RecordKind

JOB_FIELDS = ("jobId", "jobID", "job_id", *ID_FIELDS)
#: Status words after which a job gives nothing any more. Any word that isn't known is waited on.
WORDS_FOR_FAILED = frozenset({"failed", "failure", "error", "errored", "cancelled", "canceled", "expired"})
#: What a column of ids may be called, without case, spaces and signs; the surest first.
ID_COLUMNS: dict[RecordKind, tuple[str, ...]] = {
    "visitor": ("visitorid", "visitorids", "pendovisitorid", "visitor", "id"),
    "account": ("accountid", "accountids", "pendoaccountid", "account", "id"),
}
#: What looks like the name of a column, and not like somebody's id.
A_NAME = re.compile(r"[A-Za-z][A-Za-z_ -]{0,39}")
MOST_NAMED = 8


@dataclass(frozen=True)
class Segment:
    """A shared segment. `mixes_accounts`: its rule asks about accounts, as far as Pendo shows the rule."""

    id: str
    name: str = ""
    mixes_accounts: bool = False


@dataclass(frozen=True)
class Report:
    """A public report. `lists` says whether it is a list of visitors or accounts; empty: it can't be read."""

    id: str
    name: str = ""
    lists: RecordKind | None = None
    #: What it is instead, in Pendo's word.
    sort: str = ""


@dataclass(frozen=True)
class ExportJob:
    """How an export job stands, in Pendo's word."""

    word: str = ""

    @property
    def says_done(self) -> bool:
        """Whether the word is known to mean that its results are there."""
        return self.word.lower() in WORDS_FOR_DONE

    @property
    def says_failed(self) -> bool:
        """Whether the word is known to mean that they never will be."""
        return self.word.lower() in WORDS_FOR_FAILED

    @property
    def says_nothing_unknown(self) -> bool:
        """Whether the word is known here, or missing."""
        return not self.word or self.word.lower() in WORDS_FOR_DONE | WORDS_FOR_OPEN | WORDS_FOR_FAILED


@dataclass(frozen=True)
class Listed:
    """The end of reading a table of members: whether it was read to its end, and how many rows that took.

    Where no column of ids was found, `columns` are the names of those that there are, as far as they can't be
    anything but names.
    """

    answer: Answer
    rows: int = 0
    whole: bool = False
    has_ids: bool = True
    columns: tuple[str, ...] = field(default=())


def segment_from(data: Any) -> Segment | None:
    """The segment in `data`, or None if it isn't one."""
    identifier = word_in(first_in(dict_in(data), "id", "rootVersionId"))
    if not identifier:
        return None
    rule = {key: value for key, value in data.items() if key not in {"name", "description", "createdByUser"}}
    return Segment(identifier, word_in(data.get("name")), _speaks_of_accounts(rule))


def report_from(data: Any) -> Report | None:
    """The report in `data`, or None if it isn't one. Only a list of visitors or accounts can be read."""
    identifier = word_in(dict_in(data).get("id"))
    if not identifier:
        return None
    definition = dict_in(data.get("definition"))
    sort, kind = word_in(first_in(definition, "type")), word_in(first_in(definition, "kind")).lower()
    lists: RecordKind | None = None
    if sort.lower() == "list" and kind in ID_COLUMNS:
        lists = "account" if kind == "account" else "visitor"
    return Report(identifier, word_in(data.get("name")), lists, sort or word_in(data.get("type")))


def job_id_in(data: Any) -> str:
    """The id of an export job that was begun, or nothing."""
    return word_in(data) if isinstance(data, str | int) else word_in(first_in(dict_in(data), *JOB_FIELDS))


def export_job_from(data: Any) -> ExportJob | None:
    """How a job stands; None if that isn't said."""
    if isinstance(data, str):
        return ExportJob(word_in(data))
    word = word_in(first_in(dict_in(data), *STATUS_FIELDS))
    return ExportJob(word) if word else None


def id_column(names: Sequence[str], kind: RecordKind) -> int | None:
    """In which of the columns the ids stand; None where none is called so."""
    plain = [re.sub(r"[\W_]", "", name).lower() for name in names]
    return next((plain.index(wanted) for wanted in ID_COLUMNS[kind] if wanted in plain), None)


def shown_columns(names: Sequence[str]) -> tuple[str, ...]:
    """The names of columns, as far as they can't be anything but names."""
    return tuple(name for name in names if A_NAME.fullmatch(name))[:MOST_NAMED]


def _speaks_of_accounts(rule: Any) -> bool:
    return "account" in json.dumps(rule).lower()
