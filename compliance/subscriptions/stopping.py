"""One switch for everything: no bulk delete, no reset, no readmission goes out, to any subscription.

It stands in a row that every sender reads before each call, beside the pause of the subscription: so it holds
on all machines at once. Look-ups, receipts and confirmations go on, so that what was sent stays truthful.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto, keyring
from compliance.core.errors import Refused
from compliance.people.access import Act, can

from .models import Stop

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person

CHAIN = "sending"
REASON = "stop reason"
MOST_REASON_CHARACTERS = 1000


@transaction.atomic
def stop_sending(*, by: Person | None, reason: str) -> bool:
    """Nothing more is sent until an officer lets it go on; False if it was stopped already.

    `by` is None for whoever has a shell on the machine. Raises `Refused` without a reason.
    """
    if by and not can(by, Act.STOP):
        raise Refused("Your roles don't let you stop the sending.")
    text = reason.strip()
    if not 0 < len(text) <= MOST_REASON_CHARACTERS:
        raise Refused(
            f"Give a reason of up to {MOST_REASON_CHARACTERS} characters: an officer has to know when it may "
            "go on."
        )
    # Of two at the same moment, the second one sees what the first has written.
    ledger.hold(CHAIN)
    if is_stopped():
        return False
    data_key = crypto.new_data_key()
    Stop.objects.create(
        stopped_by=by,
        data_key=keyring.wrap(data_key),
        sealed_reason=crypto.seal(data_key, text.encode(), purpose=REASON),
    )
    ledger.record(
        Event.SENDING_STOPPED,
        chain=CHAIN,
        actor=by.reference if by else ledger.COMMAND_LINE,
        reason=crypto.commitment(data_key, REASON, text).hex(),
    )
    return True


@transaction.atomic
def resume_sending(*, by: Person) -> None:
    """What waits to be sent may be sent. Raises `Refused` for all but officers, and without a stop."""
    if not can(by, Act.LET_GO_ON):
        raise Refused("Only a privacy officer lets the sending go on.")
    ledger.hold(CHAIN)
    stop = current_stop()
    if stop is None:
        raise Refused("Sending isn't stopped. Reload the page.")
    stop.resumed_at, stop.resumed_by = clock.now(), by
    stop.save(update_fields=["resumed_at", "resumed_by"])
    ledger.record(
        Event.SENDING_RESUMED, chain=CHAIN, actor=by.reference, since=ledger.as_fact(stop.stopped_at)
    )


def stops_in_force() -> QuerySet[Stop]:
    """The stop that holds now, if there is one; a sender asks for it in the question that it asks anyway."""
    return Stop.objects.filter(resumed_at__isnull=True)


def is_stopped() -> bool:
    """Whether nothing may be sent to any subscription."""
    return stops_in_force().exists()


def current_stop() -> Stop | None:
    """The stop that holds now, with who made it."""
    return stops_in_force().select_related("stopped_by").order_by("pk").last()


def reason_of(stop: Stop) -> str:
    """Why the sending was stopped."""
    data_key = keyring.unwrap(bytes(stop.data_key))
    return crypto.open_sealed(data_key, bytes(stop.sealed_reason), purpose=REASON).decode()
