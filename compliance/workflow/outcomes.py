"""The one door for the outcome of targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto, keyring
from compliance.core.chunks import chunks

from .errors import IllegalMove, StateChanged
from .kinds import traits_of
from .models import Erased, Request, Target
from .sealing import details_of, targets_vault
from .states import ErasedKind, Outcome, TargetKind
from .things import is_email

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from django.db.models import QuerySet

    from compliance.subscriptions.models import Subscription

LEGAL: frozenset[tuple[Outcome, Outcome]] = frozenset(
    {
        (Outcome.PENDING, Outcome.NOT_FOUND),
        (Outcome.PENDING, Outcome.CANCELLED),
        (Outcome.PENDING, Outcome.ACCEPTED),
        (Outcome.PENDING, Outcome.UNCERTAIN),
        (Outcome.PENDING, Outcome.FAILED),
        # What was found, and isn't meant; a person may tick it after all.
        (Outcome.PENDING, Outcome.SPARED),
        (Outcome.SPARED, Outcome.PENDING),
        # Legal keeps it back; so, too, before it is sent once more. After a lift, another preview looks anew.
        (Outcome.PENDING, Outcome.HELD),
        (Outcome.PRESENT, Outcome.HELD),
        (Outcome.PENDING, Outcome.RESET),
        (Outcome.PENDING, Outcome.RETURNED),
        (Outcome.UNCERTAIN, Outcome.ACCEPTED),
        (Outcome.UNCERTAIN, Outcome.PENDING),
        (Outcome.UNCERTAIN, Outcome.FAILED),
        (Outcome.UNCERTAIN, Outcome.RESET),
        (Outcome.UNCERTAIN, Outcome.RETURNED),
        (Outcome.UNCERTAIN, Outcome.NOT_FOUND),
        (Outcome.ACCEPTED, Outcome.ERASED),
        (Outcome.ACCEPTED, Outcome.PRESENT),
        # An officer ends the waiting.
        (Outcome.ACCEPTED, Outcome.FAILED),
        # A target that is still there is sent once more, or disappears late by itself.
        (Outcome.PRESENT, Outcome.ACCEPTED),
        (Outcome.PRESENT, Outcome.UNCERTAIN),
        (Outcome.PRESENT, Outcome.ERASED),
        (Outcome.PRESENT, Outcome.FAILED),
    }
)


#: Databases take only so many values in one statement; a large request is settled in several.
MOST_IN_A_STATEMENT = 2_000
#: What has an identifier that can be erased.
_ERASABLE = frozenset({TargetKind.VISITOR, TargetKind.ACCOUNT})


@transaction.atomic
def settle(
    target_ids: Collection[int],
    *,
    request: Request,
    subscription: Subscription,
    old: Outcome,
    new: Outcome,
    why: str,
) -> None:
    """All these targets of one subscription went from `old` to `new`, and the ledger says so: all or none.

    Raises `IllegalMove` for a change that isn't legal, `StateChanged` if one of them isn't at `old` any more.
    """
    if (old, new) not in LEGAL:
        raise IllegalMove(f"{old} -> {new}")
    if not target_ids:
        return
    # By their keys alone: told the request as well, PostgreSQL may read all of a large one for each few.
    targets = Target.objects.filter(pk__in=target_ids)
    if new == Outcome.ERASED:
        _keep_erased(request, targets)
    commitments = [
        bytes(commitment)
        for commitment, *owners in targets.values_list("commitment", "request_id", "subscription_id")
        if owners == [request.pk, subscription.pk]
    ]
    changed = targets.filter(outcome=old).update(outcome=new)
    if not changed == len(commitments) == len(target_ids):
        raise StateChanged("Another process has settled these targets already.")
    ledger.record(
        Event.TARGETS_SETTLED,
        chain=request.chain,
        actor=ledger.SYSTEM,
        count=len(commitments),
        subscription=subscription.name,
        old=Outcome(old).label,
        new=Outcome(new).label,
        why=why,
        digest=crypto.set_digest(commitments, action=traits_of(request.kind).action.value),
    )


def _keep_erased(request: Request, targets: QuerySet[Target]) -> None:
    """The register says that they were erased: it outlives them."""
    fields = ["request", "subscription", "kind", "digest", "digest_key"]
    if traits_of(request.kind).watched:
        fields.append("sealed_details")
    rows = list(targets.filter(kind__in=_ERASABLE, request=request).only(*fields))
    ids = [
        _erased(target, ErasedKind(target.kind), bytes(target.digest), target.digest_key) for target in rows
    ]
    Erased.objects.bulk_create([*ids, *_erased_emails(request, rows)], ignore_conflicts=True)


def _erased_emails(request: Request, targets: Iterable[Target]) -> Iterator[Erased]:
    """The addresses that the preview saw, by which their visitors are known under another id, too.

    Only of requests that are watched for. What stands in the field and is no address belongs to many.
    """
    if not traits_of(request.kind).watched:
        return
    vault = targets_vault(request)
    number, digest = keyring.digester(ErasedKind.EMAIL)
    for target in targets:
        email = details_of(vault, target).get("email") or ""
        if is_email(email.strip()):
            row = _erased(target, ErasedKind.EMAIL, digest(email), number)
            row.visitor_digest = target.digest
            yield row


def _erased(target: Target, kind: ErasedKind, digest: bytes, digest_key: int) -> Erased:
    return Erased(
        request_id=target.request_id,
        subscription_id=target.subscription_id,
        kind=kind,
        digest=digest,
        digest_key=digest_key,
    )


def mark_returned(
    subscription: Subscription, kind: ErasedKind, digests: Collection[bytes], *, by: Request | None
) -> None:
    """The register says that these, erased earlier, were let back in: by a request, or as a person says.

    With a visitor goes the address that was erased with it.
    """
    named = Q(kind=kind, digest__in=digests)
    if kind is ErasedKind.VISITOR:
        named |= Q(kind=ErasedKind.EMAIL, visitor_digest__in=digests)
    erased = Erased.objects.filter(named, subscription=subscription, returned_at=None)
    erased.update(returned_at=clock.now(), returned_by=by)


def cancel_targets(request: Request, *, why: str) -> None:
    """Whatever of the request would be acted on isn't. Inside a transaction."""
    for subscription in request.subscriptions.all():
        pending = request.targets.filter(subscription=subscription, outcome=Outcome.PENDING)
        for some in chunks(list(pending.order_by("pk").values_list("pk", flat=True)), MOST_IN_A_STATEMENT):
            settle(
                some,
                request=request,
                subscription=subscription,
                old=Outcome.PENDING,
                new=Outcome.CANCELLED,
                why=why,
            )
