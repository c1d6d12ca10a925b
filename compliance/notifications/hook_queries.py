"""Reads of webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q

from .models import Delivery, Endpoint

if TYPE_CHECKING:
    from django.db.models import QuerySet

_WAITING = Q(deliveries__state=Delivery.State.WAITING)
_GIVEN_UP = Q(deliveries__state=Delivery.State.GIVEN_UP)


def endpoints() -> QuerySet[Endpoint]:
    """Those that weren't removed, the newest first, each with `waiting` and `given_up`: how many are."""
    found = Endpoint.objects.filter(removed_at__isnull=True).select_related("owner", "token")
    counts = {"waiting": Count("deliveries", _WAITING), "given_up": Count("deliveries", _GIVEN_UP)}
    return found.annotate(**counts).order_by("-pk")


def deliveries_of(endpoint: Endpoint) -> QuerySet[Delivery]:
    """What was sent there in the last month, or is to be, the newest first."""
    return endpoint.deliveries.select_related("message").order_by("-pk")


def subscriptions_of(owner_id: int) -> QuerySet[Endpoint]:
    """What this person's tokens have subscribed and neither ended nor lost, the newest first."""
    own = Endpoint.objects.standing().filter(owner_id=owner_id, token__isnull=False)
    return own.order_by("-pk")
