"""The breaker of each subscription: noticed when Pendo stops answering, told once, over by itself.

A slice of a lane to which Pendo gave no usable answer at all is *silent*; a refused question among answered
ones isn't. When a lane has failed several times in a row, has been silent for a while, and no lane of the
subscription has had an answer since, there is an outage. While it lasts, the lane for look-ups asks now and
then, and the others wait. The first answer ends it, and all lanes go on at once.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from compliance.audit import ledger
from compliance.audit.events import Event

from . import lanes
from .isolation import for_each
from .models import Lane, LaneKind, Subscription

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: One or two calls go wrong every day.
FEWEST_FAILURES = 3


def note_outages() -> None:
    """Every outage that has become one stands in the ledger, and its subscription says since when."""
    for_each(set(_silent_lanes().values_list("subscription_id", flat=True)), _begin, what="subscription")


@transaction.atomic
def _begin(subscription_id: int) -> None:
    current = Subscription.objects.select_for_update().get(pk=subscription_id)
    since = _silent_lanes().filter(subscription=current).values_list("silent_since", flat=True).first()
    if since is None:
        return
    _save(current, since)
    # It may have been put off for long: from now on it is the one that asks.
    current.lanes.filter(kind=LaneKind.READ, next_at__gt=Now()).update(next_at=Now())
    ledger.record(
        Event.SUBSCRIPTION_SILENT, chain=current.reference, actor=ledger.SYSTEM, since=_as_fact(since)
    )


def is_silent(subscription: Subscription) -> bool:
    """Whether there is an outage now."""
    return Subscription.objects.filter(pk=subscription.pk, silent_since__isnull=False).exists()


def end_outage(subscription: Subscription) -> None:
    """Pendo has answered: if there was an outage, it is over, and every lane goes on at once."""
    if is_silent(subscription):
        _end(subscription)


@transaction.atomic
def _end(subscription: Subscription) -> None:
    current = Subscription.objects.select_for_update().get(pk=subscription.pk)
    since = current.silent_since
    if since is None:
        return
    _save(current, None)
    lanes.wake(current)
    ledger.record(
        Event.SUBSCRIPTION_ANSWERS, chain=current.reference, actor=ledger.SYSTEM, since=_as_fact(since)
    )


def _silent_lanes() -> QuerySet[Lane]:
    """Lanes by which there is an outage that isn't noted yet, the longest silent first."""
    answered = Lane.objects.filter(
        subscription=OuterRef("subscription"), answered_at__gt=OuterRef("silent_since")
    )
    silent = Lane.objects.filter(
        ~Exists(answered),
        failures__gte=FEWEST_FAILURES,
        silent_since__lte=Now() - dt.timedelta(seconds=settings.TIMINGS.outage_after),
        subscription__silent_since__isnull=True,
        subscription__paused_reason="",
    )
    return silent.order_by("silent_since", "pk")


def _save(current: Subscription, since: dt.datetime | None) -> None:
    current.silent_since = since
    current.save(update_fields=["silent_since"])


def _as_fact(since: dt.datetime) -> str:
    return ledger.as_fact(since.replace(microsecond=0))
