"""The lease of a lane: at most one sender at a time, over all processes and machines, by database time.

And what its senders hand over to one another: since when nothing was sent, and how fast it may go.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from compliance.core.boot import this_boot
from compliance.core.timings import step

from .models import Lane

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.db.models.expressions import CombinedExpression

    from .models import LaneKind, Subscription


@dataclass(frozen=True)
class Lease:
    """Proof of being a lane's sender. Stale once `held` says no."""

    lane_id: int
    token: str


def take(lane_id: int, *, group: str) -> Lease | None:
    """The lane is this sender's for `TIMINGS.lease` seconds, or None if another holds it or it must wait."""
    token = secrets.token_hex(16)
    taken = Lane.objects.filter(
        Q(lease_token="") | Q(lease_until__lt=Now()), pk=lane_id, next_at__lte=Now()
    ).update(lease_token=token, lease_until=_after(settings.TIMINGS.lease), leased_by=group)
    return Lease(lane_id, token) if taken else None


def held(lease: Lease, *, seconds: float = 0) -> bool:
    """Whether the lease is this sender's for so long yet. Work that finds it isn't, writes nothing more."""
    return _own(lease).filter(lease_until__gte=_after(seconds)).exists()


def is_held(subscription: Subscription, kind: LaneKind) -> bool:
    """Whether somebody is the sender of this lane at this moment."""
    held_ones = subscription.lanes.exclude(lease_token="").filter(lease_until__gte=Now())
    return held_ones.filter(kind=kind).exists()


def give_back(lease: Lease) -> None:
    """Anyone may take the lane."""
    _own(lease).update(lease_token="", leased_by="")


def put_off(lease: Lease, *, at_least: float | None = None) -> None:
    """Nothing is sent in this lane for a while, whoever holds it then: the waits grow with each failure.

    `at_least` is in seconds: what the vendor asked for.
    """
    failures = Lane.objects.values_list("failures", flat=True).get(pk=lease.lane_id) + 1
    seconds = max(step(settings.TIMINGS.retry, failures), at_least or 0)
    _own(lease).update(next_at=_after(seconds), failures=failures)


def probe_later(lease: Lease, *, at_least: float | None = None) -> None:
    """As `put_off` during an outage: whether it is over is asked at a steady pace."""
    seconds = max(settings.TIMINGS.outage_probe, at_least or 0)
    _own(lease).update(next_at=_after(seconds))


def went_well(lease: Lease) -> None:
    """The next failure waits the shortest time again."""
    _own(lease).exclude(failures=0).update(failures=0)


def heard(lease: Lease) -> None:
    """Pendo has just given a usable answer to something that was asked in this lane."""
    _own(lease).update(answered_at=Now(), silent_since=None)


def unheard(lease: Lease) -> None:
    """Pendo has given none. Since when that is so, stays as it is while it is known.

    It isn't where Pendo has answered another lane since, nor where this one was left alone for long: then
    nobody knows what was in between, and the silence, and the failures, begin now.
    """
    left_alone = _own(lease).filter(next_at__lt=_after(-settings.TIMINGS.silence))
    left_alone.update(silent_since=None, failures=0)
    answered = Lane.objects.filter(
        subscription=OuterRef("subscription"), answered_at__gt=OuterRef("silent_since")
    )
    begins = Q(silent_since__isnull=True) | Exists(answered)
    _own(lease).filter(begins).update(silent_since=Now())


def wake(subscription: Subscription) -> None:
    """What the lanes of the subscription were put off for is over: each may go on at once."""
    subscription.lanes.exclude(failures=0).update(next_at=Now(), failures=0, silent_since=None)


# -- What one sender hands over to the next ----------------------------------------------------------------


def quiet_since(lease: Lease) -> float | None:
    """The moment on this machine's monotonic clock after which nothing was sent in the lane.

    None where that isn't known: a former sender ended with a call under way, or was on another machine, or
    this one was started since. Steps of the time of day don't matter.
    """
    moment, boot = _own(lease).values_list("quiet_since", "quiet_boot").first() or (None, "")
    if moment is None or not boot or boot != this_boot():
        return None
    return moment if moment <= time.monotonic() else None


def about_to_send(lease: Lease) -> None:
    """From now on nobody knows, until `keep_quiet`. Call it inside the transaction that writes the call."""
    _own(lease).update(quiet_since=None, quiet_boot="")


def keep_quiet(lease: Lease, since: float) -> None:
    """Nothing was sent after that moment. Call it inside the transaction that writes the answer."""
    boot = this_boot()
    _own(lease).update(quiet_since=since if boot else None, quiet_boot=boot)


def rate_of(lease: Lease) -> tuple[float | None, float | None]:
    """The lane's rate in calls a second, and the one at the last refusal; None where nothing is known."""
    return _own(lease).values_list("rate", "ceiling").first() or (None, None)


def keep_rate(lease: Lease, rate: float, ceiling: float | None) -> None:
    """Whoever works the lane next goes on at this rate."""
    _own(lease).update(rate=rate, ceiling=ceiling)


# -- A dead worker group -----------------------------------------------------------------------------------


def free(group: str) -> int:
    """The lanes that a worker group held are free at once. Only for whoever has reaped all of the group."""
    return Lane.objects.filter(leased_by=group).exclude(leased_by="").update(lease_token="", leased_by="")


def _own(lease: Lease) -> QuerySet[Lane]:
    return Lane.objects.filter(pk=lease.lane_id, lease_token=lease.token)


def _after(seconds: float) -> CombinedExpression:
    return Now() + dt.timedelta(seconds=seconds)
