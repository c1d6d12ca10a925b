"""Pausing a request: effective before the next call; what was sent stays as it is, and is followed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act

from .attention import settle_attention
from .errors import NotThisPerson, StateChanged
from .models import Attention, Request
from .reach import reaches
from .sealing import correspondence_vault
from .states import SENDABLE

if TYPE_CHECKING:
    from compliance.people.models import Person


@transaction.atomic
def pause_request(*, request: Request, by: Person | None, reason: str = "") -> bool:
    """Nothing more of the request is sent until it is resumed; False if it was paused already.

    `by` is None where the engine stops by itself. Raises `Refused` where nothing is or will be sent.
    """
    current = Request.objects.select_for_update().get(pk=request.pk)
    if by and not reaches(by, Act.PAUSE_REQUESTS, current):
        raise NotThisPerson("Your roles don't let you pause this request.")
    if current.state not in SENDABLE or (by and current.rest_cancelled_at):
        raise StateChanged("There is nothing to pause: of this request, nothing is being sent.")
    if current.paused_at or current.rest_cancelled_at:
        return False
    vault, text = correspondence_vault(current), reason.strip()
    current.paused_at = clock.now()
    current.sealed_pause_reason = vault.seal(text, purpose="reason") if text else None
    current.save(update_fields=["paused_at", "sealed_pause_reason"])
    ledger.record(
        Event.REQUEST_PAUSED,
        chain=current.chain,
        actor=by.reference if by else ledger.SYSTEM,
        reason=vault.commit("reason", text).hex() if text else "none given",
    )
    return True


@transaction.atomic
def resume_request(*, request: Request, by: Person) -> None:
    """What is left of the request may be sent, after a canary that stopped, too. Raises `Refused`."""
    current = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.RESUME_REQUESTS, current):
        raise NotThisPerson("Only a privacy officer lets a request go on.")
    if current.ended or not current.paused_at:
        raise StateChanged("This request isn't paused. Reload the page.")
    if current.incidents.filter(whole=True).exists():
        raise Refused("All that it names was reported as wrong: nothing more of it is sent.")
    current.paused_at, current.sealed_pause_reason = None, None
    current.save(update_fields=["paused_at", "sealed_pause_reason"])
    ledger.record(Event.REQUEST_RESUMED, chain=current.chain, actor=by.reference)
    for attention in current.attentions.filter(reason=Attention.Reason.CANARY_STOPPED, settled_at=None):
        settle_attention(attention=attention, by=by)
