"""Which targets a hold keeps back: compared by lookup digests, some at a time.

A target is compared by its own id and by what Pendo showed of it in the preview, which both are opened from
their seals for it. So no digest of anybody's e-mail address is kept for the sake of holds to come, a hold is
found whichever digest key it was placed under, and where none stands, one small query is all it takes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from compliance.core import keyring
from compliance.core.chunks import chunks

from .hold_things import ways_by_address
from .matching import MOST_IN_A_QUESTION
from .models import HeldThing, Hold, SubjectDigest, Target
from .outcomes import settle
from .sealing import opened_id, targets_vault
from .states import HeldKind, Outcome, TargetKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from compliance.subscriptions.models import Subscription

    from .models import Request
    from .sealing import Vault

#: What is compared with these is more than the target's own id.
BY_DETAILS = frozenset({HeldKind.EMAIL, HeldKind.ACCOUNT, HeldKind.DOMAIN})
#: Compared in one go.
A_SLICE = 2_000

Way = tuple[HeldKind, str]


class Compared(NamedTuple):
    """A target as it is compared."""

    key: int
    ways: list[Way]


def holds_placed() -> int:
    """How many holds were ever placed: whoever finds the same number again knows that none came meanwhile."""
    return Hold.objects.count()


def held_among(request: Request, subscription: Subscription, target_ids: Collection[int]) -> dict[int, Hold]:
    """Those of the targets, all of this subscription, that a hold keeps back, each with the oldest such hold.

    They are few: thousands.
    """
    holds = Hold.objects.standing().over(subscription).only("reason", "kinds").order_by("pk")
    standing = {hold.pk: hold for hold in holds}
    if not standing or not target_ids:
        return {}
    kinds = {HeldKind(kind) for hold in standing.values() for kind in hold.kinds}
    compared = list(_compared(targets_vault(request), target_ids, kinds))
    by_way = _holds_by_way({way for each in compared for way in each.ways if way[0] in kinds}, standing)
    found = {each.key: [by_way[way] for way in each.ways if way in by_way] for each in compared}
    return {key: standing[min(keys)] for key, keys in found.items() if keys}


def hold_back(request: Request, subscription: Subscription, held: dict[int, Hold], *, why: str) -> None:
    """These targets are held, each by its hold. Call it with the request locked."""
    old = dict(Target.objects.filter(pk__in=held).order_by("pk").values_list("pk", "outcome"))
    groups: dict[tuple[int, str], list[int]] = {}
    for key, hold in held.items():
        groups.setdefault((hold.pk, old[key]), []).append(key)
    for (pk, outcome), keys in groups.items():
        hold = held[keys[0]]
        settle(
            keys,
            request=request,
            subscription=subscription,
            old=Outcome(outcome),
            new=Outcome.HELD,
            why=f"{hold.reason} ({hold.reference}), {why}",
        )
        Target.objects.filter(pk__in=keys).update(held_by=pk)


def pass_on(request: Request, lifted: Hold) -> None:
    """What another hold keeps back as well is held by that one from now on."""
    for subscription in request.subscriptions.order_by("pk"):
        rows = lifted.targets.filter(request=request, subscription=subscription).order_by("pk")
        for some in chunks(list(rows.values_list("pk", flat=True)), A_SLICE):
            for key, hold in held_among(request, subscription, some).items():
                Target.objects.filter(pk=key).update(held_by=hold)


def is_held(request: Request) -> bool:
    """Whether a hold that stands keeps anything of the request back, were it to be forgotten.

    Everything that was ever its target is compared, whatever became of it, and its person's address.
    """
    subjects = SubjectDigest.objects.filter(request=request).values("digest")
    standing = HeldThing.objects.filter(hold__in=Hold.objects.standing())
    if standing.filter(digest__in=subjects).exists():
        return True
    return any(
        held_among(request, subscription, some)
        for subscription in request.subscriptions.order_by("pk")
        for some in _slices(request, subscription)
    )


def _slices(request: Request, subscription: Subscription) -> Iterator[list[int]]:
    rows = request.targets.filter(subscription=subscription).order_by("pk").values_list("pk", flat=True)
    return chunks(rows.iterator(), A_SLICE)


def _compared(vault: Vault, target_ids: Collection[int], kinds: set[HeldKind]) -> Iterator[Compared]:
    columns = ["pk", "kind", "everybody", "sealed_id"]
    if opens := bool(kinds & BY_DETAILS):
        columns.append("sealed_details")
    for some in chunks(target_ids, MOST_IN_A_QUESTION):
        rows = Target.objects.filter(pk__in=some).order_by("pk").values_list(*columns)
        for key, kind, everybody, sealed_id, *sealed in rows:
            details = _details(vault, sealed[0]) if opens else {}
            ways = [] if everybody else _ways(kind, opened_id(vault, sealed_id), details)
            yield Compared(key, ways)


def _details(vault: Vault, sealed: bytes | None) -> dict[str, Any]:
    details: dict[str, Any] = json.loads(vault.open(sealed, purpose="target details")) if sealed else {}
    return details


def _ways(kind: str, name: str, details: dict[str, Any]) -> list[Way]:
    """By what a hold may name the target."""
    if kind == TargetKind.ACCOUNT:
        return [(HeldKind.ACCOUNT, name)]
    accounts = [(HeldKind.ACCOUNT, each) for each in details.get("accounts") or ()]
    addresses = {name, details.get("email") or ""}
    return [
        (HeldKind.VISITOR, name),
        *accounts,
        *(way for each in addresses for way in ways_by_address(each)),
    ]


def _holds_by_way(ways: Iterable[Way], standing: Collection[int]) -> dict[Way, int]:
    """The oldest standing hold that names each of the ways; others are left out."""
    values: dict[HeldKind, set[str]] = {}
    for kind, value in ways:
        values.setdefault(kind, set()).add(value)
    found: dict[Way, int] = {}
    for kind, named in values.items():
        digests = keyring.digests_of(kind, named)
        for some in chunks(digests, MOST_IN_A_QUESTION):
            rows = HeldThing.objects.filter(digest__in=some).order_by("hold_id")
            for digest, pk in rows.values_list("digest", "hold_id"):
                if pk in standing:
                    found.setdefault((kind, digests[bytes(digest)]), pk)
    return found
