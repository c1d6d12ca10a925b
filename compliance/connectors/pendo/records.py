"""What is read out of Pendo's answers. Shapes that no page documents are read with care: see each function."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from compliance.connectors.answers import Answer

#: No page of Pendo's lists the words of a deletion request's status. These say that it is over...
WORDS_FOR_DONE = frozenset({"completed", "complete", "done", "finished", "finish", "success", "succeeded"})
#: ... and these that it goes on. Any other word is kept, shown and waited on.
WORDS_FOR_OPEN = frozenset(
    {"queued", "pending", "requested", "created", "new", "scheduled", "processing", "in progress", "in_progress",
     "inprogress", "running", "started", "progress"}
)  # fmt: skip
ID_FIELDS = ("id", "requestId", "requestID")
STATUS_FIELDS = ("status", "state")


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
class Lookup:
    """The end of one look-up: a visitor, or by a NOT_FOUND answer none, or by any other answer no knowledge."""

    answer: Answer
    visitor: Visitor | None = None


@dataclass(frozen=True)
class Deletion:
    """A deletion request as Pendo keeps it, for all time, as a receipt.

    `ids` are whatever lists of texts it names, mostly none; `word` is its status in Pendo's word.
    """

    id: str
    word: str = ""
    ids: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def says_done(self) -> bool:
        """Whether the status is a word known to mean that it is over."""
        return self.word.lower() in WORDS_FOR_DONE

    @property
    def says_nothing_unknown(self) -> bool:
        """Whether the status is a word known here, or missing."""
        return not self.word or self.word.lower() in WORDS_FOR_DONE | WORDS_FOR_OPEN


def visitor_from(data: Any) -> Visitor | None:  # noqa: ANN401 -- JSON
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
        first_visit=_moment(_first(auto, "firstvisit", "firstVisit")),
        last_visit=_moment(_first(auto, "lastvisit", "lastVisit")),
        do_not_process=_dict(metadata.get("pendo")).get("donotprocess") is True,
    )


def deletion_from(data: Any) -> Deletion | None:  # noqa: ANN401 -- JSON
    """The deletion request in `data`, or None if it has no id."""
    identifier = _first(_dict(data), *ID_FIELDS)
    if not isinstance(identifier, str | int) or isinstance(identifier, bool) or identifier == "":
        return None
    return Deletion(str(identifier), str(_first(data, *STATUS_FIELDS) or ""), frozenset(_texts_in_lists(data)))


def deletions_from(data: Any) -> list[Deletion] | None:  # noqa: ANN401 -- JSON
    """The deletion requests in a list, or in the first list inside an object; None if it is neither."""
    rows = data if isinstance(data, list) else _first_list(_dict(data))
    if rows is None:
        return None
    found = [deletion_from(row) for row in rows]
    return None if None in found else [deletion for deletion in found if deletion]


def without_other_ids(data: Any, keep: frozenset[str]) -> Any:  # noqa: ANN401 -- JSON
    """`data` with every list of texts cut down to those in `keep`: one receipt may name other people's ids."""
    if isinstance(data, dict):
        return {key: without_other_ids(value, keep) for key, value in data.items()}
    if isinstance(data, list):
        return [
            without_other_ids(item, keep) for item in data if not isinstance(item, str) or item in keep
        ]
    return data


def _texts_in_lists(data: Any) -> set[str]:  # noqa: ANN401 -- JSON
    if isinstance(data, dict):
        return set().union(*(_texts_in_lists(value) for value in data.values()))
    if isinstance(data, list):
        nested = set().union(*(_texts_in_lists(item) for item in data))
        return nested | {item for item in data if isinstance(item, str)}
    return set()


def _first(data: dict[str, Any], *names: str) -> Any:  # noqa: ANN401 -- JSON
    return next((data[name] for name in names if data.get(name) is not None), None)


def _first_list(data: dict[str, Any]) -> list[Any] | None:
    return next((value for value in data.values() if isinstance(value, list)), None)


def _dict(data: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return data if isinstance(data, dict) else {}


def _moment(milliseconds: Any) -> dt.datetime | None:  # noqa: ANN401 -- JSON
    if not isinstance(milliseconds, int | float) or isinstance(milliseconds, bool) or milliseconds <= 0:
        return None
    try:
        return dt.datetime.fromtimestamp(milliseconds / 1000, tz=dt.UTC)
    except (OverflowError, ValueError, OSError):
        return None
