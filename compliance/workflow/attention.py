"""What a person has to look at: raised once for each cause, settled by a person or when the cause is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act

from .errors import NotThisPerson
from .models import Attention, Request
from .reach import reaches

if TYPE_CHECKING:
    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription


@transaction.atomic
def raise_attention(*, request: Request, subscription: Subscription, reason: Attention.Reason) -> None:
    """A person is told; nothing happens if this cause is open already."""
    _, created = Attention.objects.get_or_create(
        request=request, subscription=subscription, reason=reason, settled_at=None
    )
    if created:
        ledger.record(
            Event.ATTENTION_RAISED,
            chain=request.chain,
            actor=ledger.SYSTEM,
            reason=Attention.Reason(reason).label,
        )


@transaction.atomic
def settle_attention(*, attention: Attention, by: Person | None) -> None:
    """It waits for nobody any more, by what somebody did, or by itself (None). Raises `Refused`."""
    Request.objects.select_for_update().get(pk=attention.request_id)
    attention.refresh_from_db()
    if attention.settled_at:
        raise Refused("Somebody has settled this already. Reload the page.")
    attention.settled_at = clock.now()
    attention.save(update_fields=["settled_at"])
    ledger.record(
        Event.ATTENTION_SETTLED,
        chain=attention.request.chain,
        actor=by.reference if by else ledger.SYSTEM,
        reason=attention.get_reason_display(),
    )


def put_aside(*, attention: Attention, by: Person) -> None:
    """A person has dealt with it. Raises `Refused` where it would wait for ever then, with nobody told."""
    if not reaches(by, Act.SETTLE_ATTENTION, attention.request):
        raise NotThisPerson("Your roles don't let you settle this.")
    if not attention.may_be_put_aside:
        raise Refused("This stays until an officer has ended the waiting, or its cause is gone by itself.")
    settle_attention(attention=attention, by=by)
