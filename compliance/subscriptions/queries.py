"""Reads of subscriptions, named by what they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from compliance.core import clock

from .models import Key, Subscription

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet


@dataclass(frozen=True)
class Overview:
    """A subscription with its key in use, as lists show it."""

    subscription: Subscription
    key: Key | None

    @property
    def working(self) -> bool:
        """Whether calls can be made now."""
        return self.key is not None and not self.subscription.paused


@dataclass(frozen=True)
class LaneState:
    """How a lane stands: `waits_until` is None where it may send now."""

    label: str
    waits_until: dt.datetime | None
    failures: int


def overviews() -> list[Overview]:
    """All subscriptions with their keys in use, in two queries."""
    in_use = Prefetch("keys", queryset=_keys().filter(replaced_at__isnull=True), to_attr="keys_in_use")
    subscriptions = Subscription.objects.prefetch_related(in_use)
    return [Overview(each, next(iter(each.keys_in_use), None)) for each in subscriptions]


def overview_of(subscription: Subscription) -> Overview:
    """One subscription with its key in use."""
    return Overview(subscription, _keys().filter(subscription=subscription, replaced_at__isnull=True).first())


def replaced_keys(subscription: Subscription) -> QuerySet[Key]:
    """The keys that were in use before, the latest first."""
    return _keys().filter(subscription=subscription, replaced_at__isnull=False).order_by("-replaced_at")


def lane_states(subscription: Subscription) -> list[LaneState]:
    """How each lane stands now."""
    now = clock.now()
    return [
        LaneState(lane.get_kind_display(), lane.next_at if lane.next_at > now else None, lane.failures)
        for lane in subscription.lanes.order_by("kind")
    ]


def _keys() -> QuerySet[Key]:
    return Key.objects.select_related("entered_by")
