"""What is read out of Pendo's answers. Shapes that no page documents are read with care."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
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
#: Longer than any id of a deletion request seen; what is longer could not be kept.
MOST_ID_CHARACTERS = 200


#: What Pendo keeps by id, as its paths and fields name it.
Record = Literal["visitor", "account"]


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
    #: Whether it is marked Do Not Process, as far as the answer says so.
    do_not_process: bool = False


@dataclass(frozen=True)
class Account:
    """An account as Pendo knows it; moments in UTC."""

    id: str = field(repr=False)
    name: str = field(default="", repr=False)
    first_visit: dt.datetime | None = None
    last_visit: dt.datetime | None = None


@dataclass(frozen=True)
class Lookup:
    """The end of one look-up: what was found, with NOT_FOUND nothing, with any other answer no knowledge."""

    answer: Answer
    visitor: Visitor | None = None
    account: Account | None = None

    @property
    def found(self) -> Visitor | Account | None:
        """What was looked for, if it is there."""
        return self.visitor or self.account


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

    def ids(self, record: Record) -> frozenset[str]:
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


def visitor_from(data: Any) -> Visitor | None:
    """The visitor in `data`, or None if it isn't one. Documents print `accountIds`, rows have lower case."""
    if not isinstance(data, dict) or not isinstance(_first(data, "id", "visitorId"), str):
        return None
    metadata = _dict(data.get("metadata"))
    auto, agent = _dict(metadata.get("auto")), _dict(metadata.get("agent"))
    accounts = _first(data, "accountIds", "accountids") or _first(auto, "accountids", "accountIds") or []
    return Visitor(
        id=_first(data, "id", "visitorId"),
        accounts=tuple(str(account) for account in accounts) if isinstance(accounts, list) else (),
        email=str(agent.get("email") or ""),
        first_visit=moment_in(_first(auto, "firstvisit", "firstVisit")),
        last_visit=moment_in(_first(auto, "lastvisit", "lastVisit")),
        do_not_process=_dict(metadata.get("pendo")).get("donotprocess") is True,
    )


def account_from(data: Any) -> Account | None:
    """The account in `data`, or None if it isn't one."""
    if not isinstance(data, dict) or not isinstance(_first(data, "id", "accountId"), str):
        return None
    metadata = _dict(data.get("metadata"))
    auto, agent = _dict(metadata.get("auto")), _dict(metadata.get("agent"))
    return Account(
        id=_first(data, "id", "accountId"),
        name=str(agent.get("name") or ""),
        first_visit=moment_in(_first(auto, "firstvisit", "firstVisit")),
        last_visit=moment_in(_first(auto, "lastvisit", "lastVisit")),
    )


def deletion_from(data: Any) -> Deletion | None:
    """The deletion request in `data`, or None if it has no id by which it could be asked for again."""
    identifier = _word(_first(_dict(data), *ID_FIELDS))
    if not 0 < len(identifier) <= MOST_ID_CHARACTERS or not identifier.strip("."):
        return None
    return Deletion(
        identifier,
        _word(_first(data, *STATUS_FIELDS)),
        frozenset(_texts_in_lists(data, leave_out="accounts")),
        frozenset(_texts_in_lists(data, leave_out="visitors")),
    )


def deletions_from(data: Any) -> list[Deletion] | None:
    """The deletion requests in a list, or in the first list inside an object; None if it is neither."""
    rows = _first_list(data) if isinstance(data, dict) else list_in(data)
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


def _word(value: Any) -> str:
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


def _first(data: dict[str, Any], *names: str) -> Any:
    return next((data[name] for name in names if data.get(name) is not None), None)


def _first_list(data: dict[str, Any]) -> list[Any] | None:
    return next((value for value in data.values() if isinstance(value, list)), None)


def _dict(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


def moment_in(milliseconds: Any) -> dt.datetime | None:
    """The moment (UTC) of a number of milliseconds since 1970, or None for anything else."""
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool) or milliseconds <= 0:
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None
