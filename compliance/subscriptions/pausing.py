"""Pausing a subscription: effective before the next call; what was sent stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused

from .models import PauseReason, Subscription

if TYPE_CHECKING:
    from collections.abc import Collection

    from compliance.people.models import Person


@transaction.atomic
def pause(*, subscription: Subscription, reason: PauseReason, by: Person | None) -> bool:
    """Nothing is sent to the subscription until it is resumed; False if it was paused already."""
    current = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if current.paused:
        return False
    current.paused_reason, current.paused_at, current.escalated_at = reason, clock.now(), None
    current.save(update_fields=["paused_reason", "paused_at", "escalated_at"])
    ledger.record(
        Event.SUBSCRIPTION_PAUSED, chain=current.reference, actor=_name(by), reason=PauseReason(reason).label
    )
    return True


@transaction.atomic
def resume(*, subscription: Subscription, by: Person) -> None:
    """Calls go on. Raises `Refused` where a new key is what's missing, or nothing was paused."""
    current = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if not current.paused:
        raise Refused("This subscription isn't paused.")
    if current.paused_reason == PauseReason.KEY_REFUSED:
        raise Refused("Pendo refuses the key. Enter a working one: that resumes the subscription.")
    _resume(current, by)


def resume_after_key(
    subscription: Subscription, by: Person | None, *, reasons: Collection[PauseReason]
) -> None:
    """A verified key ends those pauses that a wrong key caused."""
    current = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if current.paused_reason in reasons:
        _resume(current, by)


def _resume(current: Subscription, by: Person | None) -> None:
    current.paused_reason, current.paused_at = "", None
    current.save(update_fields=["paused_reason", "paused_at"])
    ledger.record(Event.SUBSCRIPTION_RESUMED, chain=current.reference, actor=_name(by))


def _name(by: Person | None) -> str:
    return by.reference if by else ledger.SYSTEM
