"""Who looks after a key and until when it may be used; reminders, each once; what nobody answers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused

from .isolation import for_each
from .models import REMINDED_BEFORE, Key, PauseReason, Subscription
from .verification import refuse_bad_day

if TYPE_CHECKING:
    from compliance.people.models import Person

LONGEST_ROTATION_DAYS = 3650


# -- Who, and until when -----------------------------------------------------------------------------------


@transaction.atomic
def keep_care(
    *,
    key: Key,
    owner: Person | None,
    deputy: Person | None,
    made_on: dt.date | None,
    rotation_days: int,
) -> None:
    """These people are reminded, and by this day; the change records say who changed what.

    `made_on` is None where nobody knows: the day stays as it is, and counts as the latest possible. Raises
    `Refused` for one person in both places, a day that can't be, and a period of no days.
    """
    if owner and owner == deputy:
        raise Refused("Owner and deputy are the same person. Choose somebody else who can stand in.")
    if not 1 <= rotation_days <= LONGEST_ROTATION_DAYS:
        raise Refused(f"A key may be used for 1 to {LONGEST_ROTATION_DAYS} days.")
    refuse_bad_day(made_on)
    subscription = Subscription.objects.select_for_update().get(pk=key.subscription_id)
    if subscription.rotation_days != rotation_days:
        subscription.rotation_days = rotation_days
        subscription.save(update_fields=["rotation_days"])
    current = Key.objects.select_for_update().get(pk=key.pk)
    current.owner, current.deputy = owner, deputy
    current.made_on, current.made_on_known = made_on or current.made_on, made_on is not None
    current.save(update_fields=["owner", "deputy", "made_on", "made_on_known"])


# -- Reminders ---------------------------------------------------------------------------------------------


def remind() -> None:
    """Whatever reminder is due today stands in the ledger, which mail follows; none stands there twice."""
    keys = Key.objects.filter(retired_at__isnull=True).order_by("pk")
    for_each(keys.values_list("pk", flat=True), remind_of, what="key")


@transaction.atomic
def remind_of(key_id: int) -> bool:
    """One reminder about the key stands in the ledger if one is due that hasn't gone out; says whether."""
    # Locked: of two workers at the same moment, the second one sees what the first has written.
    key = Key.objects.select_for_update(of=("self",)).select_related("subscription").get(pk=key_id)
    if not (_rotation_is_due(key) if key.in_use else _deletion_is_due(key)):
        return False
    _record_reminder(key)
    key.reminded_on, key.reminded_of = clock.today(), key.rotate_by
    key.save(update_fields=["reminded_on", "reminded_of"])
    return True


def stage_began(rotate_by: dt.date, today: dt.date) -> dt.date | None:
    """The day on which the present stage of reminders began; None before the first. After the last, today."""
    left = (rotate_by - today).days
    if left < 0:
        return today
    stage = min((days for days in REMINDED_BEFORE if left <= days), default=None)
    return None if stage is None else rotate_by - dt.timedelta(days=stage)


def _rotation_is_due(key: Key) -> bool:
    """A stage that nobody was reminded of, even if its very day was missed; another date is news, too."""
    began = stage_began(key.rotate_by, clock.today())
    if began is None or key.reminded_on == clock.today():
        return False
    return key.reminded_on is None or key.reminded_on < began or key.reminded_of != key.rotate_by


def _deletion_is_due(key: Key) -> bool:
    """Every day after it was replaced, until Pendo refuses it."""
    today = clock.today()
    replaced_on = clock.day_of(key.replaced_at) if key.replaced_at else today
    waits = key.retired_at is None and key.refused_at is None
    return waits and replaced_on < today and key.reminded_on != today


def _record_reminder(key: Key) -> None:
    chain = key.subscription.reference
    if key.replaced_at:
        ledger.record(
            Event.KEY_DELETION_REMINDED,
            chain=chain,
            actor=ledger.SYSTEM,
            key=key.fingerprint,
            replaced_on=ledger.as_fact(clock.day_of(key.replaced_at)),
        )
        return
    overdue = key.days_left < 0
    ledger.record(
        Event.KEY_OVERDUE if overdue else Event.KEY_REMINDED,
        chain=chain,
        actor=ledger.SYSTEM,
        key=key.fingerprint,
        rotate_by=ledger.as_fact(key.rotate_by),
        days=abs(key.days_left),
    )


# -- What nobody answers -----------------------------------------------------------------------------------


def escalate_unanswered() -> None:
    """Every refused key that nobody has replaced for four hours stands in the ledger, once for each pause."""
    limit = clock.now() - dt.timedelta(seconds=settings.TIMINGS.key_unanswered)
    waiting = Subscription.objects.filter(
        paused_reason=PauseReason.KEY_REFUSED, paused_at__lte=limit, escalated_at__isnull=True
    )
    for_each(waiting.order_by("pk").values_list("pk", flat=True), _escalate, what="subscription")


@transaction.atomic
def _escalate(subscription_id: int) -> None:
    current = Subscription.objects.select_for_update().get(pk=subscription_id)
    answered = current.paused_reason != PauseReason.KEY_REFUSED
    if answered or current.escalated_at or not current.paused_at:
        return
    current.escalated_at = clock.now()
    current.save(update_fields=["escalated_at"])
    ledger.record(
        Event.KEY_UNANSWERED,
        chain=current.reference,
        actor=ledger.SYSTEM,
        since=ledger.as_fact(current.paused_at),
    )
