"""From "replaced" to "retired": a key is gone when Pendo refuses it while the one in its place works."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused

from .models import Key, Purpose, Subscription

if TYPE_CHECKING:
    from compliance.people.models import Person


@transaction.atomic
def put_aside(*, key: Key, by: Person | None) -> bool:
    """The read-only key waits to be deleted in Pendo, and look-ups go by the key with write access.

    `by` is None where Pendo refuses it. False if it was out of use already. Raises `Refused` for the other
    key: that one is replaced, or nothing works.
    """
    if key.purpose != Purpose.READ:
        raise Refused("This key is needed for everything. Enter another one in its place.")
    current = _locked(key)
    if not current.in_use:
        return False
    current.replaced_at = clock.now()
    current.save(update_fields=["replaced_at"])
    ledger.record(
        Event.READING_KEY_PUT_ASIDE,
        chain=current.subscription.reference,
        actor=by.reference if by else ledger.SYSTEM,
        key=current.fingerprint,
        why="a custodian's choice" if by else "Pendo refuses it",
    )
    return True


def note_refusal(key: Key) -> None:
    """A replaced key was refused while the new one works: the first time noted, the second time retired.

    Two refusals lie at least an hour apart, so that one bad hour at Pendo retires nothing. `key` is locked.
    """
    now = clock.now()
    if key.refused_at is None:
        key.refused_at = now
        key.save(update_fields=["refused_at"])
        ledger.record(
            Event.KEY_REFUSED,
            chain=key.subscription.reference,
            actor=ledger.SYSTEM,
            key=key.fingerprint,
            standing="waiting to be deleted in Pendo",
        )
    elif now - key.refused_at >= apart():
        _retire(key, key.refused_at, now)


def note_acceptance(key: Key) -> None:
    """Pendo still accepts the replaced key: refusals count from the beginning. `key` is locked."""
    if key.refused_at is not None:
        key.refused_at = None
        key.save(update_fields=["refused_at"])


def apart() -> dt.timedelta:
    """The least time between the two refusals."""
    return dt.timedelta(seconds=settings.TIMINGS.key_refusals_apart)


def _retire(key: Key, first: dt.datetime, last: dt.datetime) -> None:
    key.retired_at, key.sealed = last, None
    key.save(update_fields=["retired_at", "sealed"])
    ledger.record(
        Event.KEY_RETIRED,
        chain=key.subscription.reference,
        actor=ledger.SYSTEM,
        key=key.fingerprint,
        first=ledger.as_fact(first),
        last=ledger.as_fact(last),
    )


def _locked(key: Key) -> Key:
    # The subscription first, as whoever enters a key does.
    Subscription.objects.select_for_update().get(pk=key.subscription_id)
    return Key.objects.select_for_update().get(pk=key.pk)
