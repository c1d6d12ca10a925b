"""Passes of the watch: when one is due, where each is, and what its pages gave.

What a page gives is kept in one transaction with the place, so that whoever comes next goes on there. Nothing
that a pass has seen counts before it has come to its end by itself: `findings` writes it down then.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.pendo.client import PAGE
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.core.timings import DAY
from compliance.core.timings import step as nth_wait
from compliance.people.access import Act
from compliance.subscriptions.models import Control, Key, Purpose, Subscription
from compliance.subscriptions.reach import reaches_subscription
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.kinds import KINDS_WATCHED
from compliance.workflow.models import Erased, Request
from compliance.workflow.scans import MovedOn, Place
from compliance.workflow.sealing import Vault

from .models import Sighting, WatchPass, WatchResult, WatchScope, WatchStep

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

    from compliance.people.models import Person

    from .reappearing import Seen

PLACE = "place of a watch pass"
SIGHTING = "what was erased and is seen"
#: A pass that proves nothing is begun anew so often; after that, the next one is due as usual.
MOST_RESTARTS = 3
#: And a page of it is asked for so often: some hours long.
MOST_REFUSALS = 10
REFUSED = "Pendo gave no usable answer to a part of the list, time and again."
FOREIGN = "The key answered for another subscription."
NEXT_STEP = {
    WatchStep.VISITORS: WatchStep.ACCOUNTS,
    WatchStep.ACCOUNTS: WatchStep.DRAWING,
}


class Due(NamedTuple):
    """When the next pass begins, and what it reads."""

    at: dt.datetime
    scope: WatchScope


# -- Beginning -----------------------------------------------------------------------------------------------


def open_due_passes() -> None:
    """A pass is under way in each subscription where one is due, and Pendo can be asked."""
    key = Key.objects.filter(subscription=OuterRef("pk"), replaced_at__isnull=True, purpose=Purpose.WRITE)
    for subscription in watched_subscriptions().filter(Exists(key), paused_reason="").order_by("pk"):
        due = next_due(subscription)
        if due and due.at <= clock.now():
            _open(subscription, due.scope, by=None)


@transaction.atomic
def look_again(*, subscription: Subscription, by: Person) -> WatchPass:
    """A pass over the whole list of the subscription is under way. Raises `Refused`."""
    if not reaches_subscription(by, Act.LOOK_AGAIN, subscription):
        raise NotThisPerson("Your roles don't let you start a look.")
    if not watched_subscriptions().filter(pk=subscription.pk).exists():
        raise Refused(
            f"No erasure or offboarding has erased anything in {subscription.name} yet: there is nothing to "
            "look for."
        )
    begun = _open(subscription, WatchScope.WHOLE, by=by)
    if begun is None:
        raise Refused(f"{subscription.name} is being looked through already. Wait until that has ended.")
    ledger.record(Event.WATCH_ASKED, chain=subscription.reference, actor=by.reference, watch=begun.pk)
    return begun


def watched_subscriptions() -> QuerySet[Subscription]:
    """Those in which something was erased that must not come back."""
    erased = Erased.objects.filter(request=OuterRef("pk"), subscription=OuterRef(OuterRef("pk")))
    requests = Request.objects.filter(
        Exists(erased), kind__in=KINDS_WATCHED, subscriptions=OuterRef("pk")
    ).order_by()
    return Subscription.objects.filter(Exists(requests))


def next_due(subscription: Subscription) -> Due | None:
    """When the next pass of a watched subscription begins; None while one is under way."""
    passes = subscription.watch_passes.order_by("-pk")
    whole = counted(passes).filter(scope=WatchScope.WHOLE).first()
    return due_after(passes.first(), whole)


def due_after(last: WatchPass | None, last_whole: WatchPass | None) -> Due | None:
    """When the next pass begins after the latest of all, and the latest over the whole list that counts."""
    if last is None:
        return Due(clock.now(), WatchScope.WHOLE)
    if last.ended_at is None:
        return None
    timings = settings.TIMINGS
    at = _night_after(last.began_at, timings.watch)
    whole_at = _night_after(last_whole.began_at, timings.watch_whole) if last_whole else at
    return Due(at, WatchScope.WHOLE if whole_at <= at else WatchScope.UPDATED)


def counted(passes: QuerySet[WatchPass]) -> QuerySet[WatchPass]:
    """Those that have come to their end, and prove what they say."""
    return passes.filter(result__in=[WatchResult.NOTHING, WatchResult.FOUND])


def _night_after(moment: dt.datetime, interval: float) -> dt.datetime:
    """The moment after the interval; where nights count, the first one in the interval's last day."""
    night = settings.TIMINGS.watch_night
    if night is None or interval < DAY:
        return moment + dt.timedelta(seconds=interval)
    earliest = timezone.localtime(moment + dt.timedelta(seconds=interval - DAY))
    midnight = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + dt.timedelta(seconds=night)
    return at if at > earliest else at + dt.timedelta(days=1)


def _open(subscription: Subscription, scope: WatchScope, *, by: Person | None) -> WatchPass | None:
    """A pass that has begun, or None where one is under way."""
    last = counted(subscription.watch_passes.order_by("-pk")).first()
    overlap = dt.timedelta(seconds=settings.TIMINGS.watch_overlap)
    since = last.began_at - overlap if last and scope is WatchScope.UPDATED else None
    try:
        with transaction.atomic():
            return WatchPass.objects.create(
                subscription=subscription,
                scope=scope if since else WatchScope.WHOLE,
                since=since,
                asked_by=by,
            )
    except IntegrityError:
        return None


# -- Going on ------------------------------------------------------------------------------------------------


def due_passes(subscription: Subscription) -> QuerySet[WatchPass]:
    """The pass of this subscription that can go on now, if there is one."""
    waiting = WatchPass.objects.filter(
        subscription=subscription, ended_at__isnull=True, due_at__lte=clock.now()
    )
    return waiting.select_related("subscription")


def place_of(watch: WatchPass) -> Place:
    """Where the pass is."""
    if watch.sealed_place is None:
        return Place(PAGE)
    return Place(**json.loads(_vault(watch).open(watch.sealed_place, purpose=PLACE)))


@transaction.atomic
def keep_page(
    watch: WatchPass, place: Place, records: int, *, controls: Collection[int], seen: Sequence[Seen]
) -> None:
    """The pass is behind the page; who was seen on it waits for the end, and its control visitors count."""
    watch = _locked(watch)
    vault = _vault(watch)
    Sighting.objects.bulk_create(
        [
            Sighting(
                watch_pass=watch,
                erased_id=each.erased_id,
                by_email=each.by_email,
                sealed=vault.seal(each.shown.as_json(), purpose=SIGHTING),
            )
            for each in seen
        ],
        batch_size=500,
    )
    watch.controls_met.add(*Control.objects.filter(pk__in=controls))
    watch.sealed_place = vault.seal(json.dumps(asdict(place)), purpose=PLACE)
    watch.pages += 1
    watch.records += records
    watch.refusals = 0
    watch.save()


@transaction.atomic
def end_step(watch: WatchPass, *, controls: int | None = None, seen: int = 0) -> None:
    """The pass goes on with its next step. Only for a step that has come to its own end.

    For that of the visitors: so many of the control visitors were seen.
    """
    watch = _locked(watch)
    watch.step, watch.sealed_place = NEXT_STEP[WatchStep(watch.step)], None
    if controls is not None:
        watch.controls, watch.seen = controls, seen
    watch.save()


@transaction.atomic
def start_anew(watch: WatchPass, why: str) -> None:
    """The pass has proved nothing, and begins again after a wait that grows; not for ever."""
    watch = _locked(watch)
    watch.sightings.all().delete()
    watch.controls_met.clear()
    watch.restarts += 1
    watch.why, watch.sealed_place = why, None
    if watch.restarts > MOST_RESTARTS:
        _give_up(watch)
        return
    watch.step, watch.pages, watch.records, watch.controls, watch.seen = WatchStep.VISITORS, 0, 0, 0, 0
    watch.began_at = clock.now()
    _put_off(watch, watch.restarts)


@transaction.atomic
def refuse(watch: WatchPass) -> None:
    """The pass stays where it is, and its next page is asked for after a wait that grows; not for ever."""
    watch = _locked(watch)
    watch.refusals += 1
    if watch.refusals > MOST_REFUSALS:
        watch.why = REFUSED
        watch.sightings.all().delete()
        _give_up(watch)
        return
    _put_off(watch, watch.refusals)


def start_all_anew(subscription: Subscription) -> None:
    """What was read of this subscription may have come from another one: nothing of it counts."""
    reading = WatchPass.objects.filter(subscription=subscription, ended_at__isnull=True)
    for watch in reading.exclude(step=WatchStep.DRAWING):
        with suppress(MovedOn):
            start_anew(watch, FOREIGN)


# -- How -----------------------------------------------------------------------------------------------------


def _vault(watch: WatchPass) -> Vault:
    return Vault(watch.subscription.data_key)


def _locked(watch: WatchPass) -> WatchPass:
    """The pass, unless another process was faster. Raises `MovedOn`."""
    same = {name: getattr(watch, name) for name in ("step", "pages", "records", "restarts", "refusals")}
    rows = WatchPass.objects.select_for_update(of=("self",)).select_related("subscription")
    row = rows.filter(pk=watch.pk, ended_at__isnull=True, **same).first()
    if row is None:
        raise MovedOn
    return row


def _put_off(watch: WatchPass, times: int) -> None:
    watch.due_at = clock.now() + dt.timedelta(seconds=nth_wait(settings.TIMINGS.retry, times))
    watch.save()


def _give_up(watch: WatchPass) -> None:
    watch.step, watch.ended_at, watch.result = WatchStep.ENDED, clock.now(), WatchResult.PROVED_NOTHING
    watch.save()
    ledger.record(
        Event.WATCH_PROVED_NOTHING,
        chain=watch.subscription.reference,
        actor=ledger.SYSTEM,
        watch=watch.pk,
        why=watch.why.rstrip("."),
    )
