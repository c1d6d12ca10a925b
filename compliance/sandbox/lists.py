"""Segments and reports: who is in them is told by a rule, as in Pendo, whenever somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.sandbox.records import Account, JsonObject, Kind, Visitor
    from compliance.sandbox.world import Subscription

VisitorRule = Callable[["Visitor"], bool]


@dataclass(slots=True)
class Segment:
    """A segment; only a `shared` one is shown. `by_accounts`: its rule asks about accounts, too.

    `alone`: whether it can stand in a pipeline by itself.
    """

    id: str
    name: str
    rule: VisitorRule
    shared: bool = True
    by_accounts: bool = False
    alone: bool = True

    def members(self, subscription: Subscription) -> dict[str, None]:
        """Return the ids of the visitors in it, in order."""
        found = (subscription.visitors.get(each) for each in subscription.visitors.in_order())
        return {visitor.id: None for visitor in found if visitor is not None and self.rule(visitor)}

    def shown(self) -> JsonObject:
        """Return it as the API shows it."""
        kind = "account" if self.by_accounts else "visitor"
        return {
            "id": self.id,
            "rootVersionId": self.id,
            "name": self.name,
            "shared": self.shared,
            "definition": {"kind": "group", "rules": [{"entity": kind, "kind": "metadata"}]},
        }


@dataclass(slots=True)
class Report:
    """A report; only a `public` one is shown. Only a `List` can be read; `column` is where its ids stand."""

    id: str
    name: str
    kind: Kind
    rule: VisitorRule | Callable[[Account], bool] = field(default=lambda _: True)
    sort: str = "List"
    public: bool = True
    column: str = ""

    @property
    def id_column(self) -> str:
        """Return the name of the column of ids."""
        return self.column or f"{self.kind}Id"

    def shown(self) -> JsonObject:
        """Return it as the API shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "shared": self.public,
            "definition": {"type": self.sort, "kind": self.kind},
        }

    def rows(self, subscription: Subscription) -> list[JsonObject]:
        """Return its rows."""
        shelf = subscription.shelf(self.kind)
        found = (shelf.get(each) for each in shelf.in_order())
        return [
            {self.id_column: each.id, "lastVisitAt": each.last_visit}
            for each in found
            if each is not None and self.rule(each)  # type: ignore[arg-type] # a rule for its kind
        ]


@dataclass(slots=True)
class Export:
    """An export job of a segment, begun then (seconds of the world's clock)."""

    id: str
    segment: str
    begun_at: float
