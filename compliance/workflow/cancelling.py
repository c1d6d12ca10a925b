"""Cancelling what isn't sent yet of a request whose sending has begun.

The engine then does the rest, in slices: what waits to be sent becomes `cancelled`; of a call whose answer is
open Pendo is asked first; what Pendo has stays as it is and is followed to its end. So the counts add up, and
the request closes by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.people.access import Act

from .approvals import cancel, refuse_empty
from .errors import NotThisPerson, StateChanged
from .models import Request
from .queries import has_a_rest
from .reach import reaches
from .sealing import correspondence_vault
from .states import UNDER_WAY

if TYPE_CHECKING:
    from compliance.people.models import Person


def cancel_what_is_left(*, request: Request, by: Person, reason: str) -> None:
    """Before sending, the request is cancelled; afterwards, what isn't sent yet. Raises `Refused`."""
    if request.state in UNDER_WAY:
        cancel_rest(request=request, by=by, reason=reason)
    else:
        cancel(request=request, by=by, reason=reason)


@transaction.atomic
def cancel_rest(*, request: Request, by: Person, reason: str) -> None:
    """Nothing more of the request is ever sent; what was sent is followed to its end. Raises `Refused`."""
    current = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.CANCEL, current):
        raise NotThisPerson("Your roles don't let you cancel requests.")
    if not has_a_rest(current):
        raise StateChanged("Nothing of this request is left to cancel: all of it was sent, or it has ended.")
    refuse_empty(reason)
    vault = correspondence_vault(current)
    current.rest_cancelled_at = clock.now()
    current.sealed_end_reason = vault.seal(reason, purpose="reason")
    current.save(update_fields=["rest_cancelled_at", "sealed_end_reason"])
    ledger.record(
        Event.REST_CANCELLED,
        chain=current.chain,
        actor=by.reference,
        reason=vault.commit("reason", reason).hex(),
    )
