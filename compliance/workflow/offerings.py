"""Which segments and reports a subscription has, as last read from Pendo: what the form offers."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.core import clock, crypto
from compliance.core.timings import step as nth_wait

from .models import Offering
from .states import AskedKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Report, Segment
    from compliance.subscriptions.models import Subscription

#: What was read longer ago is read again when somebody opens the form.
FRESH = dt.timedelta(minutes=10)
#: So many of each are kept: of more, people name the id.
MOST_KEPT = 500
PURPOSE = "offering"


@dataclass(frozen=True)
class Offer:
    """A segment or report of a subscription. One that can't be read says what it is instead."""

    kind: AskedKind
    id: str
    name: str = field(repr=False)
    readable: bool = True
    about: str = ""


@dataclass(frozen=True)
class Offered:
    """What a subscription has, when that was read (None: never yet), and whether it is being read."""

    subscription: Subscription
    offers: Sequence[Offer] = ()
    read_at: dt.datetime | None = None
    being_read: bool = False

    @property
    def readable(self) -> list[Offer]:
        """What may be asked for."""
        return [offer for offer in self.offers if offer.readable]

    @property
    def unreadable(self) -> list[Offer]:
        """Reports that Pendo lists, and nobody can read from outside."""
        return [offer for offer in self.offers if not offer.readable]


def want_offerings(subscriptions: Iterable[Subscription]) -> None:
    """Lists that are older than a few minutes are read again by the read lane. Nothing waits for it."""
    for subscription in subscriptions:
        row, _ = Offering.objects.get_or_create(subscription=subscription)
        old = row.read_at is None or row.read_at < clock.now() - FRESH
        if old and row.wanted_at is None:
            Offering.objects.filter(pk=row.pk, wanted_at=None).update(wanted_at=clock.now(), refusals=0)


def due_offerings(subscription: Subscription) -> QuerySet[Offering]:
    """The lists of the subscription, if somebody waits for them."""
    return Offering.objects.filter(subscription=subscription, wanted_at__lte=clock.now())


@transaction.atomic
def keep_offering(offering: Offering, *, segments: Iterable[Segment], reports: Iterable[Report]) -> None:
    """These are the shared segments and public reports of the subscription."""
    offers = [
        *[Offer(AskedKind.SEGMENT, each.id, each.name) for each in segments][:MOST_KEPT],
        *[_offer(each) for each in reports][:MOST_KEPT],
    ]
    key = offering.subscription.unwrapped_key()
    text = json.dumps([asdict(each) for each in offers])
    offering.sealed_lists = crypto.seal(key, text.encode(), purpose=PURPOSE)
    offering.read_at, offering.wanted_at, offering.refusals = clock.now(), None, 0
    offering.save()


def refuse_offering(offering: Offering) -> None:
    """Pendo gave no usable answer: it is asked again after a wait that grows, while somebody waits."""
    offering.refusals += 1
    wait = nth_wait(settings.TIMINGS.retry, offering.refusals)
    offering.wanted_at = clock.now() + dt.timedelta(seconds=wait)
    offering.save(update_fields=["wanted_at", "refusals"])


def offered_by(subscriptions: Iterable[Subscription]) -> list[Offered]:
    """What each of these subscriptions has, as last read."""
    rows = {row.subscription_id: row for row in Offering.objects.filter(subscription__in=list(subscriptions))}
    return [_offered(each, rows.get(each.pk)) for each in subscriptions]


def _offered(subscription: Subscription, row: Offering | None) -> Offered:
    if row is None:
        return Offered(subscription)
    offers: list[Offer] = []
    if row.sealed_lists is not None:
        text = crypto.open_sealed(
            subscription.unwrapped_key(), bytes(row.sealed_lists), purpose=PURPOSE
        ).decode()
        offers = [Offer(**each | {"kind": AskedKind(each["kind"])}) for each in json.loads(text)]
    return Offered(subscription, offers, row.read_at, row.wanted_at is not None)


def _offer(report: Report) -> Offer:
    if report.lists is None:
        return Offer(AskedKind.REPORT, report.id, report.name, readable=False, about=report.sort)
    return Offer(AskedKind.REPORT, report.id, report.name, about=f"{report.lists}s")
