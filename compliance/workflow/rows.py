"""Targets as they are shown: opened from their seals for one page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from .queries import wipes
from .sealing import details_of, target_id, targets_vault
from .states import SOURCES, AskedKind, Outcome, Spared, TargetKind, Why

if TYPE_CHECKING:
    from .models import Request, Target
    from .sealing import Vault


@dataclass(frozen=True, repr=False)
class Row:
    """One target, what Pendo said of it, and why it is among what was asked."""

    pk: int
    name: str
    subscription: str
    why: str
    contradicts: bool
    spared_because: str
    accounts: list[str]
    #: Its name in Pendo: of an account, or of the guide that is reset.
    title: str
    #: Of an account: its child accounts, as far as they are listed, and how many there are.
    children: list[str]
    children_count: int
    email: str
    first_visit: dt.datetime | None
    last_visit: dt.datetime | None
    do_not_process: bool


def row_of(vault: Vault, target: Target) -> Row:
    """The target, opened."""
    details = details_of(vault, target)
    return Row(
        pk=target.pk,
        name=name_of(vault, target),
        subscription=target.subscription.name,
        why=Why(target.why).label,
        contradicts=target.contradicts,
        spared_because=Spared(target.spared_because).label if target.spared_because else "",
        accounts=details.get("accounts") or [],
        title=details.get("name") or details.get("guide") or "",
        children=details.get("children") or [],
        children_count=details.get("children_count") or 0,
        email=details.get("email") or "",
        first_visit=_moment(details, "first_visit"),
        last_visit=_moment(details, "last_visit"),
        do_not_process=bool(details.get("do_not_process")),
    )


def name_of(vault: Vault, target: Target) -> str:
    """What a target is called: an id, or a guide and for whom it is reset."""
    if target.kind == TargetKind.VISITOR:
        return target_id(vault, target)
    if target.kind == TargetKind.ACCOUNT:
        return f"account {target_id(vault, target)}"
    if target.everybody:
        return f"{_guide(target, 'all staged guides')} for everybody"
    return f"{_guide(target, 'all guides')} for {target_id(vault, target)}"


def _guide(target: Target, every: str) -> str:
    return f"guide {target.guide}" if target.guide else every


def _moment(details: dict[str, Any], name: str) -> dt.datetime | None:
    text = details.get(name)
    return dt.datetime.fromisoformat(text) if text else None


@dataclass(frozen=True, repr=False)
class AccountRow:
    """An account that would be deleted, and how many visitors were found by it."""

    id: str
    row: Row
    going: int
    spared: int


def account_rows(request: Request, most: int) -> list[AccountRow]:
    """The first accounts that would be deleted, each with its visitors counted."""
    vault, counts = targets_vault(request), _visitors_by_account(request)
    accounts = request.targets.filter(kind=TargetKind.ACCOUNT, outcome=Outcome.PENDING)
    return [
        AccountRow(
            target_id(vault, target),
            row_of(vault, target),
            going=counts.get((target.asked_id, target.subscription_id, Outcome.PENDING), 0),
            spared=counts.get((target.asked_id, target.subscription_id, Outcome.SPARED), 0),
        )
        for target in accounts.select_related("subscription").order_by("pk")[:most]
    ]


@dataclass(frozen=True, repr=False)
class SourceRow:
    """A pattern, segment or report that is asked, and how many targets were found by it first."""

    kind: str
    value: str
    found: int


def source_rows(request: Request) -> list[SourceRow]:
    """What names visitors without naming any, in order. Whoever is meant by several counts at the first."""
    asked = list(request.asked.filter(kind__in=SOURCES).order_by("pk"))
    if not asked:
        return []
    vault = targets_vault(request)
    found = request.targets.filter(asked__in=asked).values_list("asked").order_by("asked")
    counts = dict(found.annotate(count=Count("pk")))
    return [
        SourceRow(
            each.get_kind_display(),
            vault.open(each.sealed_value, purpose="asked"),
            counts.get(each.pk, 0),
        )
        for each in asked
    ]


def wipe_rows(request: Request, most: int) -> list[Row]:
    """The first guides that would be reset for everybody."""
    vault, targets = targets_vault(request), wipes(request).select_related("subscription").order_by("pk")
    return [row_of(vault, target) for target in targets[:most]]


def _visitors_by_account(request: Request) -> dict[tuple[int, int, str], int]:
    found = request.targets.filter(kind=TargetKind.VISITOR, why=Why.OF_ACCOUNT, asked__kind=AskedKind.ACCOUNT)
    sorts = found.values_list("asked", "subscription", "outcome").order_by("asked", "subscription", "outcome")
    return {
        (asked, where, outcome): count for asked, where, outcome, count in sorts.annotate(count=Count("pk"))
    }
