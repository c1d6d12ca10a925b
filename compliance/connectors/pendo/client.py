"""One method for each of Pendo's calls that deletion needs. Source: Engage API documentation."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.http import Wire

from .records import (
    Deletion,
    KeyCheck,
    Lookup,
    deletion_from,
    deletions_from,
    list_in,
    visitor_from,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

API = "/api/v1"
MOST_IDS_A_CALL = 500
PAGE = 5_000
#: How to escape inside Pendo's filter expressions is not documented: no text with one of these goes into one.
UNQUOTABLE = frozenset("\"'`\\")
#: Answers after which an id is tried in the other padding of base64.
UNREAD = frozenset({Verdict.NOT_FOUND, Verdict.BAD_REQUEST})


class Pendo:
    """A warm connection to one subscription. Use as a context manager; every answer is typed, none raises."""

    def __init__(self, *, base_url: str, key: str, deadline: float) -> None:
        """`deadline`: seconds for one whole call."""
        self._wire = Wire(base_url=base_url, headers={"x-pendo-integration-key": key}, deadline=deadline)

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Connections closed."""
        self._wire.__exit__()

    # -- the key -------------------------------------------------------------------------------------------

    def verify_key(self) -> KeyCheck:
        """GET /token/verify: whether the key is valid, and may write. Invalid: 403 with an empty body."""
        answer = self._wire.send("GET", f"{API}/token/verify")
        if not answer.ok:
            return KeyCheck(answer)
        if not isinstance(answer.data, dict):
            return KeyCheck(answer.garbled())
        return KeyCheck(answer, answer.data.get("valid") is True, answer.data.get("writeAccess") is True)

    # -- looking -------------------------------------------------------------------------------------------

    def visitor(self, visitor_id: str) -> Lookup:
        """GET /visitor/b64_...: NOT_FOUND only if Pendo knows the id in neither padding of base64.

        Which padding Pendo expects is not documented. A wrong one would look like an absence, or be refused
        with 400; of the two answers, one that isn't 400 comes from a server that could read the id.
        """
        padded = "b64_" + base64.urlsafe_b64encode(visitor_id.encode()).decode()
        first = self._visitor_at(padded, visitor_id)
        if first.answer.verdict not in UNREAD or not padded.endswith("="):
            return first
        second = self._visitor_at(padded.rstrip("="), visitor_id)
        return first if second.answer.verdict is Verdict.BAD_REQUEST else second

    def some_visitors(self, limit: int) -> tuple[Answer, list[str]]:
        """Ids of up to `limit` identified visitors (POST /aggregation)."""
        answer, rows = self._aggregate(
            {"source": {"visitors": None}},
            {"identified": "visitorId"},
            {"limit": limit},
            {"select": {"visitorId": "visitorId"}},
        )
        return answer, _column(rows, "visitorId")

    def guide_ids(self) -> tuple[Answer, list[str]]:
        """GET /guide: the ids of the default application's guides."""
        answer = self._wire.send("GET", f"{API}/guide")
        rows = list_in(answer.data) if answer.ok else []
        return (answer, _column(rows, "id")) if rows is not None else (answer.garbled(), [])

    # -- deleting ------------------------------------------------------------------------------------------

    def delete_visitors(self, ids: Sequence[str]) -> tuple[Answer, Deletion | None]:
        """POST /bulkdelete/visitor, up to 500 ids: queued, and Do Not Process at once (Engage API, p. 20).

        400 for a batch holds an id that is queued already and has not started; one answer's request id may
        stand for several posts.
        """
        if not 1 <= len(ids) <= MOST_IDS_A_CALL:
            raise ValueError(f"1 to {MOST_IDS_A_CALL} ids a call")
        answer = self._wire.send("POST", f"{API}/bulkdelete/visitor", payload={"visitors": list(ids)})
        deletion = deletion_from(answer.data) if answer.ok else None
        return (answer.garbled() if answer.ok and deletion is None else answer), deletion

    def open_deletions(self) -> tuple[Answer, list[Deletion]]:
        """GET /bulkdelete: the deletion requests not yet completed (Engage API, p. 22)."""
        answer = self._wire.send("GET", f"{API}/bulkdelete")
        deletions = deletions_from(answer.data) if answer.ok else []
        return (answer, deletions) if deletions is not None else (answer.garbled(), [])

    def deletion(self, request_id: str) -> tuple[Answer, Deletion | None]:
        """GET /bulkdelete/{id}: works after completion, too (Engage API, p. 22)."""
        answer = self._wire.send("GET", f"{API}/bulkdelete/{quote(request_id, safe='')}")
        deletion = deletion_from(answer.data) if answer.ok else None
        return (answer.garbled() if answer.ok and deletion is None else answer), deletion

    def do_not_process(self, *, after: str = "") -> tuple[Answer, list[str]]:
        """One page of at most 5,000 ids marked Do Not Process, in order, above `after`.

        Whoever pages goes on from the last id that `quotable` allows.
        """
        steps: list[dict[str, Any]] = [{"source": {"doNotProcessVisitors": None}}, {"sort": ["visitorId"]}]
        if after:
            steps.append({"filter": f'visitorId > "{_quotable_or_refused(after)}"'})
        answer, rows = self._aggregate(*steps, {"limit": PAGE}, {"select": {"visitorId": "visitorId"}})
        return answer, _column(rows, "visitorId")

    # -- how -----------------------------------------------------------------------------------------------

    def _visitor_at(self, path: str, visitor_id: str) -> Lookup:
        answer = self._wire.send(
            "GET", f"{API}/visitor/{path}", headers={"x-pendo-base64-encoded-params": "true"}
        )
        visitor = visitor_from(answer.data) if answer.ok else None
        if answer.ok and (visitor is None or visitor.id != visitor_id):
            return Lookup(answer.garbled())
        return Lookup(answer, visitor)

    def _aggregate(self, *pipeline: dict[str, Any]) -> tuple[Answer, list[Any]]:
        answer = self._wire.send(
            "POST",
            f"{API}/aggregation",
            payload={
                "response": {"mimeType": "application/json"},
                "request": {"requestId": "erasure-desk", "pipeline": list(pipeline)},
            },
        )
        if not answer.ok:
            return answer, []
        named = isinstance(answer.data, dict) and "results" in answer.data
        rows = list_in(answer.data["results"]) if named else None
        return (answer, rows) if rows is not None else (answer.garbled(), [])


def quotable(text: str) -> bool:
    """Whether the text can stand in one of Pendo's filter expressions without any escaping."""
    return not UNQUOTABLE & frozenset(text) and text.isprintable()


def _quotable_or_refused(text: str) -> str:
    if not quotable(text):
        raise ValueError("this text cannot stand in a filter expression")
    return text


def _column(rows: list[Any], name: str) -> list[str]:
    return [row[name] for row in rows if isinstance(row, dict) and isinstance(row.get(name), str)]
