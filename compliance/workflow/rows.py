"""Targets as they are shown: opened from their seals for one page."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .sealing import details_of, target_id
from .states import Spared, TargetKind, Why

if TYPE_CHECKING:
    from .models import Target
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
