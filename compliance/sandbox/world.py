"""The invented world: subscriptions with what they hold, all in the memory of this process."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance.sandbox.books import Books
from compliance.sandbox.deletions import Deletions
from compliance.sandbox.faults import Faults
from compliance.sandbox.pace import Bucket
from compliance.sandbox.records import Account, Guide, Kind, Visitor
from compliance.sandbox.settings import Settings, changed
from compliance.sandbox.shelf import Marks, Shelf
from compliance.sandbox.trail import Trail

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.sandbox.lists import Export, Report, Segment


@dataclass(frozen=True, slots=True)
class Reset:
    """One guide reset: None as `visitor` stands for everybody, None as `guide` for all guides."""

    guide: str | None
    visitor: str | None
    at_ms: int


def _no_visitor(record_id: str, number: int) -> Visitor:
    return Visitor(record_id, None, number, number)


def _no_account(record_id: str, number: int) -> Account:
    return Account(record_id, record_id, number, number)


@dataclass(slots=True)
class Subscription:
    """One Pendo subscription: its keys (and whether each may write), what it holds, what it was asked."""

    name: str
    keys: dict[str, bool] = field(default_factory=dict)
    visitors: Shelf[Visitor] = field(default_factory=lambda: Shelf(invent=_no_visitor))
    accounts: Shelf[Account] = field(default_factory=lambda: Shelf(invent=_no_account))
    guides: dict[str, Guide] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    exports: dict[str, Export] = field(default_factory=dict)
    #: Further applications, by their numbers, and metadata fields that the company sends.
    apps: set[int] = field(default_factory=set)
    custom_fields: set[str] = field(default_factory=set)
    do_not_process: dict[Kind, Marks] = field(
        default_factory=lambda: {"visitor": Marks(), "account": Marks()}
    )
    deletions: Deletions = field(default_factory=Deletions)
    resets: list[Reset] = field(default_factory=list)
    bulk_called_at: float | None = None
    bucket: Bucket = field(default_factory=Bucket)
    trail: Trail = field(default_factory=Trail)

    def add_visitors(self, *visitors: Visitor) -> None:
        """Afterwards these are here, and the schema knows their metadata and applications."""
        self.visitors.add({each.id: each for each in visitors})
        self.custom_fields |= {name for each in visitors for name, _ in each.custom}
        self.apps |= {visits.app for each in visitors for visits in each.apps}

    def shelf(self, kind: Kind) -> Shelf[Visitor] | Shelf[Account]:
        """Return the store of this kind."""
        return self.visitors if kind == "visitor" else self.accounts


class World:
    """Everything the sandbox knows. Whoever changes it holds `lock`; `clock` is monotonic, in seconds."""

    def __init__(
        self,
        *,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings or Settings()
        self.clock = clock
        self.wall_clock = wall_clock
        self.lock = threading.RLock()
        self.subscriptions: dict[str, Subscription] = {}
        self.faults = Faults()
        self.books = Books()

    def now_ms(self) -> int:
        """Return the time of day as epoch milliseconds, the form in which Pendo states times."""
        return int(self.wall_clock() * 1000)

    def by_key(self, key: str) -> Subscription | None:
        """Return the subscription that this key opens."""
        return next((each for each in self.subscriptions.values() if key in each.keys), None)

    def other_than(self, subscription: Subscription) -> Subscription:
        """Return another subscription, for answers as if the key belonged there."""
        return next((each for each in self.subscriptions.values() if each is not subscription), subscription)

    def settle(self) -> None:
        """Afterwards every deletion request whose time has come is begun or completed."""
        with self.lock:
            for subscription in self.subscriptions.values():
                self._settle(subscription)

    def complete_all(self) -> None:
        """Afterwards every accepted deletion request is completed, whatever the delays."""
        with self.lock:
            for subscription in self.subscriptions.values():
                subscription.deletions.begin_due(accepted_by=float("inf"))
                self._complete(subscription, accepted_by=float("inf"))

    def _settle(self, subscription: Subscription) -> None:
        now = self.clock()
        subscription.deletions.begin_due(accepted_by=now - self.settings.start_after)
        self._complete(subscription, accepted_by=now - self.settings.done_after)

    def _complete(self, subscription: Subscription, *, accepted_by: float) -> None:
        for request in subscription.deletions.finish_due(accepted_by=accepted_by, at_ms=self.now_ms()):
            shelf = subscription.shelf(request.kind)
            for record_id in request.ids:
                if not self._leaves_behind():
                    shelf.remove(record_id)
            subscription.trail.complete(request.kind, request.ids)

    def _leaves_behind(self) -> bool:
        if self.settings.leave_behind < 1:
            return False
        self.settings = changed(self.settings, {"leave_behind": self.settings.leave_behind - 1})
        return True
