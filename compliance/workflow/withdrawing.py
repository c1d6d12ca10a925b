"""The person concerned takes the request back: possible until the grace period ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act

from .approvals import cancel_targets
from .errors import NotThisPerson, StateChanged
from .kinds import traits_of
from .models import Request
from .moves import move
from .reach import reaches
from .sealing import correspondence_vault
from .states import BEFORE_SENDING, UNSENT, Channel, State

if TYPE_CHECKING:
    import datetime as dt

    from compliance.people.models import Person


@transaction.atomic
def withdraw_request(
    *, request: Request, withdrawn_on: dt.date, channel: Channel, by: Person, note: str = ""
) -> None:
    """The request has ended as withdrawn, and nothing was sent for it. Raises `Refused`."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.CANCEL, request):
        raise NotThisPerson("Your roles don't let you end requests.")
    no = refused_withdrawal(request)
    if no:
        raise StateChanged(no)
    if not request.received_on <= withdrawn_on <= clock.today():
        raise Refused("The day lies before the request's receipt, or in the future.")
    vault, text = correspondence_vault(request), note.strip()
    changes = {
        "closed_at": clock.now(),
        "sealed_end_reason": vault.seal(text, purpose="reason") if text else None,
    }
    move(
        request,
        State.WITHDRAWN,
        actor=by.reference,
        changes=changes,
        withdrawn_on=ledger.as_fact(withdrawn_on),
        channel=Channel(channel).label.lower(),
        note=vault.commit("reason", text).hex() if text else "none",
    )
    cancel_targets(request, why="the person withdrew the request")


def refused_withdrawal(request: Request) -> str:
    """Why it is too late, or nobody's to withdraw, and what may still be stopped; empty where it can be."""
    if not traits_of(request.kind).has_law:
        return "No person asked for this. Cancel it instead."
    if request.ended:
        return "This request has ended already. What Pendo has deleted can't be brought back."
    if request.state in BEFORE_SENDING:
        return ""
    unsent = request.targets.filter(outcome__in=UNSENT).count()
    sent = "Sending has begun, and what Pendo has accepted can't be called back."
    if not unsent:
        return f"{sent} Nothing is left that could be stopped: tell the person so."
    return f"{sent} {unsent:,} of its targets may not have been sent yet: cancel the rest to stop those."
