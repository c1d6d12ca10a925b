"""Deletion requests of one subscription: waiting, begun, completed, and kept for ever as receipts."""

from __future__ import annotations

import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.sandbox.records import JsonObject, Kind

MAX_IDS = 500
"""Ids in one bulk delete, and in one deletion request that several were joined into (Pendo, Bulk Delete)."""


@dataclass(slots=True)
class DeletionRequest:
    """One deletion request: what `GET /bulkdelete/{id}` shows. `accepted_at` is monotonic seconds."""

    id: str
    kind: Kind
    ids: list[str]
    accepted_at: float
    created_ms: int
    status: str = "queued"
    completed_ms: int | None = None


@dataclass(slots=True)
class Deletions:
    """The queue in the order of acceptance; `waiting` holds the ids that are requested and not begun."""

    all: dict[str, DeletionRequest] = field(default_factory=dict)
    queued: deque[DeletionRequest] = field(default_factory=deque)
    begun: deque[DeletionRequest] = field(default_factory=deque)
    waiting: dict[Kind, set[str]] = field(default_factory=lambda: {"visitor": set(), "account": set()})
    #: With one of these in it, a bulk delete is refused, and nothing says why.
    refused: dict[Kind, set[str]] = field(default_factory=lambda: {"visitor": set(), "account": set()})

    def accept(
        self, *, kind: Kind, ids: list[str], now: float, now_ms: int, merge_window: float
    ) -> DeletionRequest:
        """Afterwards the ids are queued, in a new request or joined to one that has room and isn't begun."""
        request = self._joinable(kind=kind, size=len(ids), accepted_after=now - merge_window)
        if request is None:
            request = DeletionRequest(uuid.uuid4().hex, kind, [], now, now_ms)
            self.all[request.id] = request
            self.queued.append(request)
        request.ids.extend(ids)
        self.waiting[kind].update(ids)
        return request

    def _joinable(self, *, kind: Kind, size: int, accepted_after: float) -> DeletionRequest | None:
        newest = next((each for each in reversed(self.queued) if each.kind == kind), None)
        if newest is None or newest.accepted_at <= accepted_after or len(newest.ids) + size > MAX_IDS:
            return None
        return newest

    def begin_due(self, *, accepted_by: float) -> None:
        """Afterwards requests accepted by this time are begun: their ids may be asked for again."""
        while self.queued and self.queued[0].accepted_at <= accepted_by:
            request = self.queued.popleft()
            request.status = "processing"
            self.waiting[request.kind].difference_update(request.ids)
            self.begun.append(request)

    def finish_due(self, *, accepted_by: float, at_ms: int) -> list[DeletionRequest]:
        """Return the begun requests that were accepted by this time, now completed."""
        finished = []
        while self.begun and self.begun[0].accepted_at <= accepted_by:
            request = self.begun.popleft()
            request.status = "completed"
            request.completed_ms = at_ms
            finished.append(request)
        return finished

    def open(self) -> list[DeletionRequest]:
        """Return the requests that aren't completed, oldest first."""
        return [*self.begun, *self.queued]


def receipt(request: DeletionRequest, *, names_ids: bool) -> JsonObject:
    """Return what Pendo shows of a deletion request; of its fields only `id` is known from practice."""
    shown: JsonObject = {
        "id": request.id,
        "status": request.status,
        "createdAt": request.created_ms,
        "count": len(request.ids),
    }
    if request.completed_ms is not None:
        shown["completedAt"] = request.completed_ms
    if names_ids:
        shown[f"{request.kind}s"] = request.ids
    return shown
