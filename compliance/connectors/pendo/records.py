"""What is read out of Pendo's answers. Shapes that no page documents are read with care."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from compliance.connectors.answers import Answer

#: No page of Pendo's lists the words of a deletion request's status. These say that it is over...
WORDS_FOR_DONE = frozenset({"completed", "complete", "done", "finished", "finish", "success", "succeeded"})
#: ... and these that it goes on. Any other word is kept, shown and waited on.
WORDS_FOR_OPEN = frozenset(
    {"queued", "pending", "requested", "created", "new", "scheduled", "processing", "in progress",
     "in_progress", "inprogress", "running", "started", "progress"}
)  # fmt: skip
ID_FIELDS = ("id", "requestId", "requestID")
STATUS_FIELDS = ("status", "state")
#: Where visitors' e-mail addresses mostly stand in Pendo's metadata: its group and its name.
EMAIL_FIELD = "agent.email"
#: When a visitor or account was last changed (Engage API, p. 18), in milliseconds, as a filter names it.
LAST_UPDATED = "metadata.auto.lastupdated"
#: The group of metadata that Pendo keeps by itself. Of several applications each has one of its own besides,
#: with its number behind it (Engage API, p. 18).
AUTO = "auto"
OF_AN_APP = re.compile(r"auto__\d+")
PLAIN_PATH = re.compile(r"[A-Za-z_]\w*\.[A-Za-z_]\w*", re.ASCII)
#: Longer than any id of a deletion request seen; what is longer could not be kept.
MOST_ID_CHARACTERS = 200


#: What Pendo keeps by id, as its paths and fields name it.
RecordKind = Literal["visitor", "account"]


@dataclass(frozen=True)
class KeyCheck:
    """What Pendo says of a key."""

    answer: Answer
    valid: bool = False
    write_access: bool = False


@dataclass(frozen=True)
class Visitor:
    """A visitor as Pendo knows it; moments in UTC. Personal data: kept out of the representation."""

    id: str = field(repr=False)
    accounts: tuple[str, ...] = field(default=(), repr=False)
    email: str = field(default="", repr=False)
    first_visit: dt.datetime | None = None
    last_visit: dt.datetime | None = None
    #: When anything about it changed, a visit or its metadata.
    last_updated: dt.datetime | None = None
    #: Whether it is marked Do Not Process, as far as the answer says so.
    do_not_process: bool = False
    #: The values of the metadata fields that were asked for, as texts, by their paths below `metadata`.
    fields: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Account:
    """An account as Pendo knows it. `parents` are the accounts that it names as its parent."""

    id: str = field(repr=False)
    name: str = field(default="", repr=False)
    parents: tuple[str, ...] = field(default=(), repr=False)
    first_visit: dt.datetime | None = None
    last_visit: dt.datetime | None = None
    last_updated: dt.datetime | None = None
    do_not_process: bool = False


@dataclass(frozen=True)
class Guide:
    """A guide: only a `staged` one can be reset for everybody."""

    id: str
    name: str = ""
    state: str = ""
    #: The application that shows it, as Pendo numbers them; empty where it doesn't say.
    app: str = ""


@dataclass(frozen=True)
class Lookup:
    """The end of one look-up: a visitor, or with NOT_FOUND none, or with any other answer no knowledge."""

    answer: Answer
    visitor: Visitor | None = None


@dataclass(frozen=True)
class AccountLookup:
    """As `Lookup`, of an account."""

    answer: Answer
    account: Account | None = None


@dataclass(frozen=True)
class Deletion:
    """A deletion request as Pendo keeps it, for all time, as a receipt.

    `visitors` and `accounts` are whatever lists of texts it names that can mean such, mostly none: an id may
    be a visitor's and an account's. `word` is its status in Pendo's word.
    """

    id: str
    word: str = ""
    visitors: frozenset[str] = field(default=frozenset(), repr=False)
    accounts: frozenset[str] = field(default=frozenset(), repr=False)

    def ids(self, record: RecordKind) -> frozenset[str]:
        """The ids that it names of this kind of record."""
        return self.visitors if record == "visitor" else self.accounts

    @property
    def says_done(self) -> bool:
        """Whether the status is a word known to mean that it is over."""
        return self.word.lower() in WORDS_FOR_DONE

    @property
    def says_nothing_unknown(self) -> bool:
        """Whether the status is a word known here, or missing."""
        return not self.word or self.word.lower() in WORDS_FOR_DONE | WORDS_FOR_OPEN


def visitor_from(data: Any, *, email_field: str = EMAIL_FIELD, fields: Iterable[str] = ()) -> Visitor | None:
    """The visitor in `data`, or None if it isn't one. Documents print `accountIds`, rows have lower case.

    `email_field` is where its e-mail address stands in the metadata: a group and a name, with a dot. `fields`
    are others whose values are wanted. Visits and accounts are those of all applications.
    """
    if not isinstance(data, dict) or not isinstance(first_in(data, "id", "visitorId"), str):
        return None
    metadata = dict_in(data.get("metadata"))
    autos = _autos(metadata)
    return Visitor(
        id=first_in(data, "id", "visitorId"),
        accounts=_all_names(data, *autos),
        email=str(_value_at(metadata, email_field) or ""),
        first_visit=_earliest(first_in(auto, "firstvisit", "firstVisit") for auto in autos),
        last_visit=_latest(first_in(auto, "lastvisit", "lastVisit") for auto in autos),
        last_updated=_latest(first_in(auto, "lastupdated", "lastUpdated") for auto in autos),
        do_not_process=dict_in(metadata.get("pendo")).get("donotprocess") is True,
        fields=_texts_of({path: _value_at(metadata, path) for path in fields}),
    )


def visitor_columns(
    email_field: str, *, apps: Sequence[str] = (), fields: Sequence[str] = ()
) -> dict[str, str]:
    """What of a visitor an aggregation is asked to give, by the names that `visitor_in_row` reads.

    `apps` are the groups of metadata that applications have of their own (`auto__5`).
    """
    columns = {
        "visitorId": "visitorId",
        "email": f"metadata.{email_field}",
        "donotprocess": "metadata.pendo.donotprocess",
    }
    for number, group in enumerate((AUTO, *apps)):
        # Of the first, the names are those of the fields; of the others, with a number.
        behind = f"__{number}" if number else ""
        names = ("accountids", "accountIds", "firstvisit", "lastvisit", "lastupdated")
        columns |= {f"{name}{behind}": f"metadata.{group}.{name}" for name in names}
    return columns | {f"field__{number}": f"metadata.{path}" for number, path in enumerate(fields)}


def visitor_in_row(row: Any, *, fields: Sequence[str] = ()) -> Visitor | None:
    """The visitor in a row of an aggregation, or None if the row names none."""
    if not isinstance(row, dict) or not isinstance(row.get("visitorId"), str):
        return None
    return Visitor(
        id=row["visitorId"],
        accounts=_all_names(*({"accountids": value} for value in _columns(row, "accountids", "accountIds"))),
        email=str(row.get("email") or ""),
        first_visit=_earliest(_columns(row, "firstvisit")),
        last_visit=_latest(_columns(row, "lastvisit")),
        last_updated=_latest(_columns(row, "lastupdated")),
        do_not_process=row.get("donotprocess") is True,
        fields=_texts_of({path: row.get(f"field__{number}") for number, path in enumerate(fields)}),
    )


def account_from(data: Any) -> Account | None:
    """The account in `data`, or None if it isn't one.

    No page says in which field a child account names its parent: whatever holds "parent" in its name counts.
    """
    if not isinstance(data, dict) or not isinstance(first_in(data, "id", "accountId"), str):
        return None
    metadata = dict_in(data.get("metadata"))
    autos = _autos(metadata)
    groups = [data, *(dict_in(group) for group in metadata.values())]
    parents = [
        text for group in groups for key in group if "parent" in key.lower() for text in _texts(group[key])
    ]
    return Account(
        id=first_in(data, "id", "accountId"),
        name=str(dict_in(metadata.get("agent")).get("name") or ""),
        parents=tuple(dict.fromkeys(parents)),
        first_visit=_earliest(first_in(auto, "firstvisit", "firstVisit") for auto in autos),
        last_visit=_latest(first_in(auto, "lastvisit", "lastVisit") for auto in autos),
        last_updated=_latest(first_in(auto, "lastupdated", "lastUpdated") for auto in autos),
        do_not_process=dict_in(metadata.get("pendo")).get("donotprocess") is True,
    )


def guide_from(data: Any) -> Guide | None:
    """The guide in `data`, or None if it isn't one."""
    if not isinstance(data, dict) or not isinstance(data.get("id"), str):
        return None
    app = word_in(data.get("appId"))
    return Guide(data["id"], str(data.get("name") or ""), word_in(data.get("state")), app)


def apps_in(schema: Any) -> list[str]:
    """The groups of metadata in a schema that applications have of their own, in order."""
    return sorted(group for group in dict_in(schema) if OF_AN_APP.fullmatch(group))


def text_fields_from(data: Any) -> list[str] | None:
    """The fields of a metadata schema that may hold an e-mail address; first those that say so in their name.

    None if it is no schema. Only names that can stand in an aggregation as they are. The schema's own form is
    documented nowhere: groups of fields, each with what it is.
    """
    groups = {group: fields for group, fields in dict_in(data).items() if isinstance(fields, dict)}
    if not groups:
        return None
    found = [
        f"{group}.{name}"
        for group, fields in groups.items()
        for name, kind in fields.items()
        if _is_text(kind)
    ]
    plain = [path for path in found if PLAIN_PATH.fullmatch(path)]
    return sorted(plain, key=lambda path: ("mail" not in path.lower(), path))


def deletion_from(data: Any) -> Deletion | None:
    """The deletion request in `data`, or None if it has no id by which it could be asked for again."""
    identifier = word_in(first_in(dict_in(data), *ID_FIELDS))
    if not 0 < len(identifier) <= MOST_ID_CHARACTERS or not identifier.strip("."):
        return None
    return Deletion(
        identifier,
        word_in(first_in(data, *STATUS_FIELDS)),
        frozenset(_texts_in_lists(data, leave_out="accounts")),
        frozenset(_texts_in_lists(data, leave_out="visitors")),
    )


def deletions_from(data: Any) -> list[Deletion] | None:
    """The deletion requests in a list, or in the first list inside an object; None if it is neither."""
    rows = rows_in(data)
    if rows is None:
        return None
    found = [deletion_from(row) for row in rows]
    return None if None in found else [deletion for deletion in found if deletion]


def names_nobody(data: Any) -> bool:
    """Whether there is no list in `data`, where ids could stand."""
    inner = data.values() if isinstance(data, dict) else ()
    return not isinstance(data, list) and all(names_nobody(value) for value in inner)


def list_in(data: Any) -> list[Any] | None:
    """`data` if it is a list, or None. `null` is an empty one: that is how servers in Go write it."""
    if data is None:
        return []
    return data if isinstance(data, list) else None


def rows_in(data: Any) -> list[Any] | None:
    """`data` if it is a list, or the first list inside an object; None if it is neither."""
    return _first_list(data) if isinstance(data, dict) else list_in(data)


def without_other_ids(data: Any, keep: frozenset[str]) -> Any:
    """`data` with every list cut down to what is about an id in `keep`.

    One receipt may name other people's ids. A text in a list may be an id. An object in a list stays if it
    holds a text in `keep`, or no text at all.
    """
    if isinstance(data, dict):
        return {key: without_other_ids(value, keep) for key, value in data.items()}
    if isinstance(data, list):
        return [without_other_ids(item, keep) for item in data if _concerns(item, keep)]
    return data


def _concerns(item: Any, keep: frozenset[str]) -> bool:
    texts = _texts(item)
    return not texts or not texts.isdisjoint(keep)


def _texts(data: Any) -> set[str]:
    if isinstance(data, str):
        return {data}
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return set().union(*(_texts(item) for item in inner))


def _is_text(kind: Any) -> bool:
    kind = first_in(kind, "Type", "type") if isinstance(kind, dict) else kind
    return str(kind or "string").lower() in {"string", "text"}


def _autos(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """What Pendo keeps by itself, over all applications and in each."""
    return [dict_in(value) for name, value in metadata.items() if name == AUTO or OF_AN_APP.fullmatch(name)]


def _columns(row: dict[str, Any], *names: str) -> list[Any]:
    return [value for key, value in row.items() if key.partition("__")[0] in names]


def _all_names(*holders: dict[str, Any]) -> tuple[str, ...]:
    """The accounts that any of these names, each once."""
    named = (_names(first_in(each, "accountIds", "accountids")) for each in holders)
    return tuple(dict.fromkeys(name for names in named for name in names))


def _earliest(values: Iterable[Any]) -> dt.datetime | None:
    return min(filter(None, map(moment_in, values)), default=None)


def _latest(values: Iterable[Any]) -> dt.datetime | None:
    return max(filter(None, map(moment_in, values)), default=None)


def _value_at(metadata: dict[str, Any], path: str) -> Any:
    found: Any = metadata
    for name in path.split("."):
        found = dict_in(found).get(name)
    return found


def _texts_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The values that can be written as one text, by their paths."""
    texts = {path: _as_text(value) for path, value in values.items()}
    return {path: text for path, text in texts.items() if text is not None}


def _as_text(value: Any) -> str | None:
    """A text, number or truth as somebody would type it; None for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, str | int | float) else None


def _names(value: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in value) if isinstance(value, list) else ()


def word_in(value: Any) -> str:
    """One printable word; anything else, which might hold what nobody expects there, counts as none."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return ""
    text = str(value)
    return text if text.isprintable() else ""


def _texts_in_lists(data: Any, *, leave_out: str) -> set[str]:
    if isinstance(data, dict):
        inner = [value for key, value in data.items() if key != leave_out]
        return set().union(*(_texts_in_lists(value, leave_out=leave_out) for value in inner))
    if isinstance(data, list):
        nested = set().union(*(_texts_in_lists(item, leave_out=leave_out) for item in data))
        return nested | {item for item in data if isinstance(item, str)}
    return set()


def first_in(data: dict[str, Any], *names: str) -> Any:
    return next((data[name] for name in names if data.get(name) is not None), None)


def _first_list(data: dict[str, Any]) -> list[Any] | None:
    return next((value for value in data.values() if isinstance(value, list)), None)


def dict_in(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def moment_in(milliseconds: Any) -> dt.datetime | None:
    """The moment (UTC) of a number of milliseconds since 1970, or None for anything else."""
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool) or milliseconds <= 0:
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None
