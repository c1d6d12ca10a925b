"""Reads of subscriptions, named by what they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, prefetch_related_objects

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act

from .models import HELPLESS, Key, LaneKind, Purpose, Subscription
from .reach import reached_subscriptions

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from compliance.people.models import Grant, Person


@dataclass(frozen=True)
class Overview:
    """A subscription with its keys in use, as lists show it: one for everything, perhaps one for look-ups."""

    subscription: Subscription
    key: Key | None
    reading_key: Key | None = None

    @property
    def keys(self) -> list[Key]:
        """The keys in use."""
        return [key for key in (self.key, self.reading_key) if key]

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
    #: Whether it is the one that asks, during an outage, if it is over.
    asks: bool


def overviews(person: Person) -> list[Overview]:
    """All subscriptions that the person may see, with their keys in use, in two queries."""
    return overviews_of(reached_subscriptions(person, Act.READ_SUBSCRIPTIONS))


def overviews_of(subscriptions: QuerySet[Subscription]) -> list[Overview]:
    """These subscriptions with their keys in use, in two queries."""
    in_use = Prefetch("keys", queryset=_keys().filter(replaced_at__isnull=True), to_attr="keys_in_use")
    return [_overview(each, each.keys_in_use) for each in subscriptions.prefetch_related(in_use)]


def overview_of(subscription: Subscription) -> Overview:
    """One subscription with its keys in use."""
    return _overview(subscription, _keys().filter(subscription=subscription, replaced_at__isnull=True))


def subscriptions_named(names: Iterable[str]) -> list[Subscription]:
    """The subscriptions of these names or references. Raises `Refused` for one that there isn't."""
    by_name = {name: each for each in Subscription.objects.all() for name in (each.reference, each.name)}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise Refused(f"There is no subscription of this name or reference: {', '.join(unknown)}.")
    return list(dict.fromkeys(by_name[name] for name in names))


def names_within(grant: Grant) -> str:
    """The names of the subscriptions that a limited grant reaches; empty for one that reaches all."""
    if not grant.limited:
        return ""
    prefetch_related_objects([grant], "reaches__subscription")
    return ", ".join(sorted(each.subscription.name for each in grant.reaches.all())) or "no subscription"


def subscription_called(text: str) -> Subscription | None:
    """The one of this name or reference; None if there is none."""
    called = (each for each in Subscription.objects.all() if text in {each.name, each.reference})
    return next(called, None)


def silent_subscriptions() -> QuerySet[Subscription]:
    """Those for which Pendo gives no usable answer. Of a paused one nobody knows: it isn't asked."""
    return Subscription.objects.filter(silent_since__isnull=False, paused_reason="")


def out_of_reach(*, since: dt.datetime) -> QuerySet[Subscription]:
    """Those that have been silent since then, or paused in a way that no officer could end."""
    silent = Q(silent_since__lte=since, paused_reason="")
    return Subscription.objects.filter(silent | Q(paused_reason__in=HELPLESS, paused_at__lte=since))


def replaced_keys(subscription: Subscription) -> QuerySet[Key]:
    """The keys that were in use before, the latest first."""
    return (
        _keys().filter(subscription=subscription, replaced_at__isnull=False).order_by("-replaced_at", "-pk")
    )


def keys_to_look_after() -> list[Key]:
    """Keys to be replaced within 30 days, and replaced ones that wait to be deleted in Pendo."""
    keys = _keys().filter(retired_at__isnull=True).order_by("subscription__name", "pk")
    return [key for key in keys if not key.in_use or key.grows_old]


def lane_states(subscription: Subscription) -> list[LaneState]:
    """How each lane stands now."""
    now = clock.now()
    return [
        LaneState(
            lane.get_kind_display(),
            lane.next_at if lane.next_at > now else None,
            lane.failures,
            asks=lane.kind == LaneKind.READ,
        )
        for lane in subscription.lanes.order_by("kind")
    ]


def _overview(subscription: Subscription, keys: Iterable[Key]) -> Overview:
    by_purpose = {key.purpose: key for key in keys}
    return Overview(subscription, by_purpose.get(Purpose.WRITE), by_purpose.get(Purpose.READ))


def _keys() -> QuerySet[Key]:
    return Key.objects.select_related("subscription", "entered_by", "owner", "deputy")
