"""Every key is tried once a day; what Pendo says of it is kept and acted upon."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.answers import Verdict
from compliance.core import clock

from . import retirement
from .keys import key_in_use, open_with
from .models import Key, KeyVerdict, PauseReason, Purpose, Subscription
from .pausing import pause
from .verification import ENTRY_DEADLINE

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.connectors.pendo import KeyCheck


def due_keys() -> QuerySet[Key]:
    """Keys without an answer today, and replaced ones that Pendo refused once, an hour ago or longer."""
    midnight = timezone.make_aware(dt.datetime.combine(clock.today(), dt.time()))
    not_today = Q(checked_at__isnull=True) | Q(checked_at__lt=midnight) | Q(verdict=KeyVerdict.NO_ANSWER)
    refused_once = Q(replaced_at__isnull=False, refused_at__lte=clock.now() - retirement.apart())
    return Key.objects.filter(not_today | refused_once, retired_at__isnull=True).order_by("pk")


def check_key(key_id: int) -> None:
    """If it is due: what Pendo says of the key stands in its row, and has had its consequences.

    The key in use refused: the subscription is paused, or, where it was for look-ups only, those go by the
    other key. A replaced one refused, while the one in its place works: see `retirement`.
    """
    key = due_keys().select_related("subscription").filter(pk=key_id).first()
    if key is None:
        return
    verdict = _asked(key)
    refused = verdict is KeyVerdict.REFUSED
    successor_works = not key.in_use and refused and _successor_works(key)
    _note(key, verdict, successor_works=successor_works)


def note_refused_call(key: Key) -> None:
    """A call was refused for the key: the same consequences, unless it was replaced or entered meanwhile."""
    _note(key, KeyVerdict.REFUSED, successor_works=False)


def _asked(key: Key) -> KeyVerdict:
    with open_with(key, deadline=ENTRY_DEADLINE) as pendo:
        return _verdict_of(pendo.verify_key(), key.purpose)


def _verdict_of(check: KeyCheck, purpose: str) -> KeyVerdict:
    if check.answer.verdict is Verdict.KEY_REFUSED or (check.answer.ok and not check.valid):
        return KeyVerdict.REFUSED
    if not check.answer.ok:
        return KeyVerdict.NO_ANSWER
    may_only_read = purpose == Purpose.WRITE and not check.write_access
    return KeyVerdict.READS_ONLY if may_only_read else KeyVerdict.WORKS


def _successor_works(key: Key) -> bool:
    """Whether the key in its place works at this moment: an outage refuses all keys alike."""
    successor = key_in_use(key.subscription, Purpose(key.purpose)) or key_in_use(key.subscription)
    return successor is not None and _asked(successor) is KeyVerdict.WORKS


@transaction.atomic
def _note(asked: Key, verdict: KeyVerdict, *, successor_works: bool) -> None:
    Subscription.objects.select_for_update().get(pk=asked.subscription_id)
    key = Key.objects.select_for_update().select_related("subscription").get(pk=asked.pk)
    if (key.replaced_at, key.entered_at, key.retired_at) != (asked.replaced_at, asked.entered_at, None):
        # Replaced, or entered again, while Pendo was asked: the next check is about what it is now.
        return
    before, key.checked_at, key.verdict = key.verdict, clock.now(), verdict
    key.save(update_fields=["checked_at", "verdict"])
    if key.in_use:
        _act_on_key_in_use(key, verdict, before)
    elif successor_works:
        retirement.note_refusal(key)
    elif verdict in {KeyVerdict.WORKS, KeyVerdict.READS_ONLY}:
        retirement.note_acceptance(key)


def _act_on_key_in_use(key: Key, verdict: KeyVerdict, before: str) -> None:
    if verdict not in {KeyVerdict.REFUSED, KeyVerdict.READS_ONLY}:
        return
    if verdict != before:
        ledger.record(
            Event.KEY_REFUSED,
            chain=key.subscription.reference,
            actor=ledger.SYSTEM,
            key=key.fingerprint,
            standing="in use" if verdict is KeyVerdict.REFUSED else "in use, for everything but reading",
        )
    if key.purpose == Purpose.READ:
        retirement.put_aside(key=key, by=None)
    else:
        pause(subscription=key.subscription, reason=PauseReason.KEY_REFUSED, by=None)
