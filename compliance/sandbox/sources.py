"""Where the rows of an aggregation come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.sandbox.problems import Problem
from compliance.sandbox.records import (
    Account,
    JsonObject,
    Visitor,
    account_metadata,
    guide_object,
    visitor_metadata,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from compliance.sandbox.shelf import Marks, Shelf
    from compliance.sandbox.world import Subscription


@dataclass(slots=True)
class Bounds:
    """The stretch of ids that is asked for; `in_order` if the rows are wanted by rising (or `falling`) id."""

    in_order: bool = False
    falling: bool = False
    exactly: str | None = None
    after: str | None = None
    at_least: str | None = None

    def narrow(self, operation: str, record_id: str) -> None:
        """Afterwards the stretch is no wider than this comparison with an id allows."""
        if operation == "==":
            self.exactly = record_id
        elif operation == ">":
            self.after = max(self.after or "", record_id)
        elif operation == ">=":
            self.at_least = max(self.at_least or "", record_id)


@dataclass(frozen=True, slots=True)
class Options:
    """Parameters of a source: with excluded records or not, and only those updated since (epoch ms)."""

    with_excluded: bool
    since: int

    def wants(self, record: Visitor | Account) -> bool:
        """Say whether a record is one of those asked for."""
        updated = record.updated or record.last_visit
        return (self.with_excluded or not record.excluded) and updated >= self.since


def source_rows(*, subscription: Subscription, source: object, bounds: Bounds) -> Iterable[JsonObject]:
    """Return the rows of a source; they are made as they are consumed."""
    name, parameters = _named(source)
    return SOURCES[name](subscription, _options(parameters), bounds)


def id_field(source: object) -> str | None:
    """Return the name of the field in which the rows of a source have their id, None if in no order."""
    return ID_FIELDS.get(_named(source)[0])


def _named(source: object) -> tuple[str, object]:
    if not isinstance(source, dict) or len(source) != 1:
        raise Problem(422, "a source has one name")
    name, parameters = next(iter(source.items()))
    if name not in SOURCES:
        raise Problem(422, "unknown source")
    return name, parameters


def _options(parameters: object) -> Options:
    given = {} if parameters is None else parameters
    if not isinstance(given, dict) or not set(given) <= {"blacklist", "since"}:
        raise Problem(422, "unknown parameter of the source")
    since = given.get("since", 0)
    if not isinstance(since, int) or given.get("blacklist", "ignore") != "ignore":
        raise Problem(422, "a parameter of the source has a value that isn't understood")
    return Options(with_excluded="blacklist" in given, since=since)


def _visitors(subscription: Subscription, options: Options, bounds: Bounds) -> Iterator[JsonObject]:
    for record_id in _within(bounds, subscription.visitors):
        visitor = subscription.visitors.get(record_id)
        if visitor is not None and options.wants(visitor):
            yield _visitor_row(subscription, visitor)


def _within(bounds: Bounds, ids: Shelf[Visitor] | Shelf[Account] | Marks) -> Iterable[str]:
    if bounds.exactly is not None:
        return [bounds.exactly] if bounds.exactly in ids else []
    if not bounds.in_order:
        return ids.ids()
    return ids.in_order(after=bounds.after, at_least=bounds.at_least, falling=bounds.falling)


def _visitor_row(subscription: Subscription, visitor: Visitor) -> JsonObject:
    marked = visitor.id in subscription.do_not_process["visitor"]
    return {"visitorId": visitor.id, "metadata": visitor_metadata(visitor, do_not_process=marked)}


def _accounts(subscription: Subscription, options: Options, bounds: Bounds) -> Iterator[JsonObject]:
    """Yield accounts. Where some have parents, only such: that is how the documentation puts it (p. 79)."""
    accounts = [subscription.accounts.get(record_id) for record_id in subscription.accounts.ids()]
    only_children = any(account is not None and account.parent for account in accounts)
    for record_id in _within(bounds, subscription.accounts):
        account = subscription.accounts.get(record_id)
        if account is not None and options.wants(account) and (account.parent or not only_children):
            yield _account_row(subscription, account)


def _account_row(subscription: Subscription, account: Account) -> JsonObject:
    marked = account.id in subscription.do_not_process["account"]
    return {"accountId": account.id, "metadata": account_metadata(account, do_not_process=marked)}


def _marked_visitors(subscription: Subscription, _options: Options, bounds: Bounds) -> Iterator[JsonObject]:
    for record_id in _within(bounds, subscription.do_not_process["visitor"]):
        visitor = subscription.visitors.get(record_id)
        yield (
            _visitor_row(subscription, visitor)
            if visitor
            else {"visitorId": record_id, "metadata": _only_the_mark()}
        )


def _marked_accounts(subscription: Subscription, _options: Options, bounds: Bounds) -> Iterator[JsonObject]:
    for record_id in _within(bounds, subscription.do_not_process["account"]):
        account = subscription.accounts.get(record_id)
        yield (
            _account_row(subscription, account)
            if account
            else {"accountId": record_id, "metadata": _only_the_mark()}
        )


def _only_the_mark() -> JsonObject:
    return {"pendo": {"donotprocess": True}}


def _guides(subscription: Subscription, _options: Options, _bounds: Bounds) -> Iterator[JsonObject]:
    return (guide_object(guide) for guide in list(subscription.guides.values()))


#: In which field the rows of a source have the id by which they are kept in order.
ID_FIELDS = {
    "visitors": "visitorId",
    "accounts": "accountId",
    "doNotProcessVisitors": "visitorId",
    "doNotProcessAccounts": "accountId",
}
SOURCES: dict[str, Callable[[Subscription, Options, Bounds], Iterable[JsonObject]]] = {
    "visitors": _visitors,
    "accounts": _accounts,
    "doNotProcessVisitors": _marked_visitors,
    "doNotProcessAccounts": _marked_accounts,
    "guides": _guides,
}
