"""The preview: every target looked up, counted, and bound by a digest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto
from compliance.people.access import Act, can

from .errors import NotThisPerson, StateChanged
from .kinds import traits_of
from .models import Preview, Request, Target
from .moves import move
from .outcomes import settle
from .sealing import Vault, targets_vault
from .states import CHANGEABLE, Outcome, State, TargetKind

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Visitor
    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

    from .models import Asked


@transaction.atomic
def start_preview(*, request: Request, by: Person | None) -> Preview:
    """Every asked visitor is a target to be looked up in every subscription of the request.

    A former preview and its approvals count no more. Raises `IllegalMove` once sending has begun.
    """
    number = request.previews.count() + 1
    request.targets.all().delete()
    preview = Preview.objects.create(request=request, number=number)
    subscriptions = list(request.subscriptions.all())
    for subscription in subscriptions:
        Target.objects.bulk_create(_targets(request, subscription))
    actor = by.reference if by else ledger.SYSTEM
    count, names = request.targets.count(), ", ".join(subscription.name for subscription in subscriptions)
    if number == 1:
        ledger.record(
            Event.PREVIEW_STARTED,
            chain=request.chain,
            actor=actor,
            preview=number,
            targets=count,
            subscriptions=names,
        )
    else:
        move(request, State.PREVIEWING, actor=actor, preview=number, targets=count, subscriptions=names)
    return preview


@transaction.atomic
def look_again(*, request: Request, by: Person) -> Preview:
    """A fresh preview of the same set is under way."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not can(by, Act.ENTER_REQUESTS):
        raise NotThisPerson("Your roles don't let you have a preview made.")
    if request.state not in CHANGEABLE:
        raise StateChanged("This request isn't waiting any more. Reload the page.")
    return start_preview(request=request, by=by)


def waiting_targets(subscription: Subscription) -> QuerySet[Target]:
    """Targets of this subscription still to be looked up for a preview, the most urgent request first."""
    return (
        Target.objects.filter(
            subscription=subscription, looked_up_at__isnull=True, request__state=State.PREVIEWING
        )
        .select_related("request")
        .order_by("request__send_by", "request_id", "pk")
    )


def keep_lookup(target: Target, vault: Vault, visitor: Visitor | None) -> None:
    """What Pendo said of the target is kept under seal; `complete_preview` counts once all are looked up."""
    sealed = vault.seal(json.dumps(_details(visitor)), purpose="target details") if visitor else None
    Target.objects.filter(pk=target.pk, looked_up_at__isnull=True).update(
        looked_up_at=clock.now(), sealed_details=sealed
    )


@transaction.atomic
def complete_preview(request: Request) -> bool:
    """The preview is counted and digested if every target was looked up; False if that isn't so yet."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    if request.state != State.PREVIEWING or request.targets.filter(looked_up_at__isnull=True).exists():
        return False
    preview = current_preview(request)
    _settle_not_found(request)
    found = request.targets.filter(outcome=Outcome.PENDING)
    preview.found = found.count()
    preview.not_found = request.targets.filter(outcome=Outcome.NOT_FOUND).count()
    preview.digest = digest_of(request)
    preview.ready_at, preview.trouble = clock.now(), ""
    preview.save()
    counts = {"preview": preview.number, "not_found": preview.not_found}
    if preview.found:
        move(
            request,
            State.PREVIEWED,
            actor=ledger.SYSTEM,
            changes=None,
            found=preview.found,
            digest=preview.digest,
            **counts,
        )
    else:
        move(request, State.NOTHING_FOUND, actor=ledger.SYSTEM, changes=None, **counts)
    return True


def current_preview(request: Request) -> Preview:
    """The preview that counts: the last one."""
    preview = request.previews.last()
    if preview is None:
        raise Preview.DoesNotExist
    return preview


def digest_of(request: Request) -> str:
    """The digest of the set that an approval binds: pending targets, their subscriptions, the action."""
    pending = request.targets.filter(outcome=Outcome.PENDING).values_list("commitment", flat=True)
    names = request.subscriptions.order_by("pk").values_list("pk", flat=True)
    return crypto.set_digest(
        (bytes(value) for value in pending),
        action=traits_of(request.kind).action.value,
        options=[f"subscription/{pk}" for pk in names],
    )


def note_trouble(subscription: Subscription, text: str) -> None:
    """Previews that wait for this subscription say why; an empty text says that they go on."""
    waiting = waiting_targets(subscription).values("request")
    Preview.objects.filter(request__in=waiting, ready_at__isnull=True).update(trouble=text)


def _targets(request: Request, subscription: Subscription) -> list[Target]:
    vault = targets_vault(request)
    return [_target(request, subscription, vault, asked) for asked in request.asked.order_by("pk")]


def _target(request: Request, subscription: Subscription, vault: Vault, asked: Asked) -> Target:
    visitor_id = vault.open(asked.sealed_value, purpose="asked")
    return Target(
        kind=TargetKind.VISITOR,
        request=request,
        asked=asked,
        subscription=subscription,
        sealed_id=vault.seal(visitor_id, purpose="target id"),
        digest=asked.digest,
        digest_key=asked.digest_key,
        commitment=vault.commit(subscription.reference, TargetKind.VISITOR, visitor_id),
    )


def _settle_not_found(request: Request) -> None:
    for subscription in request.subscriptions.all():
        absent = request.targets.filter(
            subscription=subscription, outcome=Outcome.PENDING, sealed_details__isnull=True
        )
        settle(
            list(absent.values_list("pk", flat=True)),
            request=request,
            subscription=subscription,
            old=Outcome.PENDING,
            new=Outcome.NOT_FOUND,
            why="looked up for the preview, with control visitors seen",
        )


def _details(visitor: Visitor) -> dict[str, object]:
    return {
        "accounts": list(visitor.accounts),
        "email": visitor.email,
        "first_visit": _iso(visitor.first_visit),
        "last_visit": _iso(visitor.last_visit),
        "do_not_process": visitor.do_not_process,
    }


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
