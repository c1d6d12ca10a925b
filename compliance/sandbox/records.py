"""Visitors, accounts and guides as Pendo's API shows them. Times are epoch milliseconds, as Pendo's are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from zlib import crc32

Kind = Literal["visitor", "account"]
JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True)
class AppVisits:
    """What one application knows of a visitor: shown in a group of its own, `auto__<number>`."""

    app: int
    first_visit: int
    last_visit: int
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor; `excluded` ones are on the subscription's exclude list and hidden from aggregations.

    A visit of 0: there was none, only metadata that an integration sent. `updated` of 0: at the last visit.
    """

    id: str
    email: str | None
    first_visit: int
    last_visit: int
    accounts: tuple[str, ...] = ()
    excluded: bool = False
    updated: int = 0
    #: Metadata that the company has sent, in the group `custom`.
    custom: tuple[tuple[str, object], ...] = ()
    #: Visits in other applications of the subscription than the default one.
    apps: tuple[AppVisits, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account, named by its id."""

    id: str
    name: str
    first_visit: int
    last_visit: int
    excluded: bool = False
    parent: str | None = None
    updated: int = 0


@dataclass(slots=True)
class Guide:
    """A guide; its `state` is `public`, `staged`, `draft` or `disabled`."""

    id: str
    name: str
    state: str
    kind: str
    created_at: int
    last_updated_at: int


def visitor_metadata(visitor: Visitor, *, do_not_process: bool) -> JsonObject:
    """Return the metadata groups of a visitor; keys are in lower case, as in Pendo's own sample rows."""
    return {
        "agent": {} if visitor.email is None else {"email": visitor.email},
        "auto": {
            "accountid": visitor.accounts[0] if visitor.accounts else "",
            "accountids": list(visitor.accounts),
            "id": visitor.id,
            "idhash": idhash(visitor.id),
            "lastbrowsername": "Firefox",
            **_times(visitor),
        },
        "pendo": {"donotprocess": do_not_process},
        **({"custom": dict(visitor.custom)} if visitor.custom else {}),
        **{f"auto__{each.app}": _of_app(each) for each in visitor.apps},
    }


def _of_app(visits: AppVisits) -> JsonObject:
    return {
        "accountid": visits.accounts[0] if visits.accounts else "",
        "accountids": list(visits.accounts),
        "firstvisit": visits.first_visit,
        "lastvisit": visits.last_visit,
        "lastupdated": visits.last_visit,
    }


def account_metadata(account: Account, *, do_not_process: bool) -> JsonObject:
    """Return the metadata groups of an account; where a child names its parent is documented nowhere."""
    return {
        "agent": {"name": account.name},
        "auto": {
            "id": account.id,
            "idhash": idhash(account.id),
            **_times(account),
            **({"parentaccountid": account.parent} if account.parent else {}),
        },
        "pendo": {"donotprocess": do_not_process},
    }


def _times(record: Visitor | Account) -> JsonObject:
    visits = {"firstvisit": record.first_visit, "lastvisit": record.last_visit}
    return {
        "lastupdated": record.updated or record.last_visit,
        **{name: at for name, at in visits.items() if at},
    }


def guide_object(guide: Guide) -> JsonObject:
    """Return a guide as `GET /guide` and the aggregation source `guides` show it."""
    return {
        "id": guide.id,
        "appId": -323232,
        "name": guide.name,
        "state": guide.state,
        "kind": guide.kind,
        "createdAt": guide.created_at,
        "lastUpdatedAt": guide.last_updated_at,
    }


def idhash(record_id: str) -> int:
    """Return a number that stands for an id; Pendo's own function isn't documented."""
    return crc32(record_id.encode("utf-8", "surrogatepass"))
