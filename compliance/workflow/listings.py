"""Who is in a segment or report: where each reading is, and what it gave. Only lookup digests are kept.

A preview reads each list that its request names before it reads everybody, and whoever is on it is compared
by digest, page by page, as any other id that is asked. Before something is sent, a list is read anew where
its last reading is older than a few minutes: whoever has left it meanwhile is spared.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q

from compliance.core import clock, keyring
from compliance.core.bulk import insert_new
from compliance.core.timings import step as nth_wait

from .kinds import traits_of
from .models import Listing, Member, Request, Scan
from .models.listings import ListingOf, Way
from .sealing import targets_vault
from .states import ENDED, LISTS, UNDER_WAY, AskedKind, State
from .urgency import most_urgent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

    from compliance.subscriptions.models import Subscription

    from .models import Asked
    from .scans import Place

#: Lists with more are refused: a request has up to a million targets.
MOST_MEMBERS = 1_000_000
#: Before something is sent, no older reading counts.
FRESH = dt.timedelta(minutes=5)
#: An export job that isn't done after this long is told of...
JOB_OVERDUE = dt.timedelta(minutes=30)
#: ... and given up after this long: another one is begun.
JOB_GIVEN_UP = dt.timedelta(hours=6)
#: Rows of replaced readings that are removed in one transaction.
MOST_REMOVED = 5_000
PLACE = "place of a listing"
MOST_TROUBLE_LETTERS = 400


class MovedOn(Exception):
    """Another process has done something about the reading, or nobody wants it any more."""


class MemberRow(NamedTuple):
    """A row of the table of members, by the names of its columns."""

    listing_id: int
    digest: bytes
    sealed_id: bytes | None


def lists_asked(request: Request) -> QuerySet[Asked]:
    """The segments and reports that the request names."""
    return request.asked.filter(kind__in=LISTS).order_by("pk")


def begin_for_scan(scan: Scan) -> None:
    """Each list that is asked is to be read for this scan; former readings count no more."""
    replace_all(scan.request, scan.subscription)
    _begin(scan.request, scan.subscription, lists_asked(scan.request), scan)


def replace_all(request: Request, subscription: Subscription | None = None) -> None:
    """No reading of the request counts any more; of one subscription, where it is named."""
    rows = request.listings.filter(replaced=False)
    (rows.filter(subscription=subscription) if subscription else rows).update(replaced=True)


def fresh_for_sending(request: Request, subscription: Subscription) -> list[Listing] | None:
    """A reading of each list that is asked, none older than a few minutes; None while one is being read.

    Where one is missing, it is begun.
    """
    fresh, missing = [], []
    for asked in lists_asked(request):
        rows = Listing.objects.filter(asked=asked, subscription=subscription)
        last = rows.read().filter(read_at__gte=clock.now() - FRESH).first()
        if last:
            fresh.append(last)
        elif not rows.unread().exists():
            missing.append(asked)
    if missing:
        _begin(request, subscription, missing, None)
    return fresh if len(fresh) == lists_asked(request).count() else None


def unread_for_sending(request: OuterRef, subscription: Subscription) -> QuerySet[Listing]:
    """Lists of a request that are being read because something of it is about to be sent."""
    return Listing.objects.unread().filter(request=request, subscription=subscription, scan__isnull=True)


def unread_for(scan: OuterRef) -> QuerySet[Listing]:
    """Lists that a scan waits for."""
    return Listing.objects.unread().filter(scan=scan)


def due_listings(subscription: Subscription) -> QuerySet[Listing]:
    """Readings of this subscription that can go on now, the most urgent request's first."""
    return (
        Listing.objects.unread()
        .filter(_wanted(), subscription=subscription, due_at__lte=clock.now())
        .select_related("request", "subscription", "asked", "scan")
        .order_by(*most_urgent("request__"), "request_id", "pk")
    )


def value_of(listing: Listing) -> str:
    """The id of the segment or report."""
    return targets_vault(listing.request).open(listing.asked.sealed_value, purpose="asked")


def place_of(listing: Listing) -> dict[str, Any]:
    """Where the reading is, as its pages are asked for; empty at the beginning."""
    if listing.sealed_place is None:
        return {}
    place: dict[str, Any] = json.loads(
        targets_vault(listing.request).open(listing.sealed_place, purpose=PLACE)
    )
    return place


@transaction.atomic
def go_by(listing: Listing, way: str, *, of: str) -> None:
    """How its members are asked for from now on, and what they are. What was read some other way stays."""
    row = _locked(listing)
    row.way, row.of = way, of
    row.job, row.job_at, row.word, row.sealed_place, row.rows = "", None, "", None, 0
    row.save()


@transaction.atomic
def note_job(listing: Listing, job: str) -> None:
    """Pendo has begun an export job."""
    row = _locked(listing)
    row.job, row.job_at, row.word, row.rows = job, clock.now(), "", 0
    row.save()


@transaction.atomic
def wait_for_job(listing: Listing, word: str) -> bool:
    """The export job isn't done: its word is kept, and it is asked for again. Whether it takes too long."""
    row = _locked(listing)
    row.word = word[:80]
    row.refusals += 1
    since = row.job_at or row.began_at
    if clock.now() - since > JOB_GIVEN_UP:
        row.job, row.job_at = "", None
    late = clock.now() - since > JOB_OVERDUE
    _put_off(row, settings.TIMINGS.ask, _late(row) if late else "")
    return late


@transaction.atomic
def keep_members(listing: Listing, ids: Sequence[str], *, rows: int, place: Place | None = None) -> None:
    """These ids are on the list, and so many of its rows were read."""
    row = _locked(listing)
    vault = targets_vault(row.request)
    _, digest = keyring.digester(row.of)
    seal = vault.sealer(purpose="member") if row.of == ListingOf.ACCOUNT else None
    insert_new(
        Member,
        MemberRow._fields,
        [MemberRow(row.pk, digest(each), seal(each.encode()) if seal else None) for each in ids],
    )
    row.rows = rows
    if place:
        row.sealed_place = vault.seal(json.dumps(asdict(place)), purpose=PLACE)
    _went_on(row)
    listing.rows, listing.refusals = row.rows, row.refusals


@transaction.atomic
def end(listing: Listing) -> None:
    """The list was read to its end; readings before it count no more."""
    row = _locked(listing)
    row.read_at = clock.now()
    _went_on(row)
    former = Listing.objects.filter(asked=row.asked, subscription=row.subscription, replaced=False)
    former.exclude(pk=row.pk).update(replaced=True)


@transaction.atomic
def refuse(listing: Listing, why: str) -> None:
    """The reading stays where it is, says why, and is tried again after a wait that grows."""
    row = _locked(listing)
    row.refusals += 1
    _put_off(row, settings.TIMINGS.retry, why)
    listing.refusals = row.refusals


@transaction.atomic
def start_anew(listing: Listing, why: str) -> None:
    """What was read of it counts no more; it begins again after a wait."""
    again = _in_the_place_of(_locked(listing))
    again.refusals += 1
    _put_off(again, settings.TIMINGS.retry, why)


@transaction.atomic
def start_by_export(listing: Listing) -> None:
    """What was read of it counts no more; it begins again by an export job, at once."""
    again = _in_the_place_of(_locked(listing))
    again.way = Way.EXPORT
    again.save()


def start_all_anew(subscription: Subscription) -> None:
    """What was read of this subscription may have come from another one: its lists are read again."""
    for listing in Listing.objects.filter(subscription=subscription, replaced=False).select_related(
        "request", "asked", "scan"
    ):
        if listing.request.state in ENDED:
            continue
        with transaction.atomic():
            Listing.objects.filter(pk=listing.pk).update(replaced=True)
            if listing.scan_id and listing.read_at is None:
                _begin(listing.request, subscription, [listing.asked], listing.scan)


def being_read(request: Request) -> QuerySet[Listing]:
    """Lists that the request's preview waits for, or what is about to be sent of it."""
    waiting = request.listings.unread().filter(_wanted())
    return waiting.select_related("subscription", "asked").order_by("subscription__name", "pk")


def troubles_of(request: Request) -> list[str]:
    """Why lists of the request can't be read now, with what to do, for people."""
    return troubles_among(request.listings.unread().select_related("subscription"))


def troubles_among(rows: Iterable[Listing]) -> list[str]:
    """As `troubles_of`, among these readings."""
    unread = [each for each in rows if each.read_at is None and not each.replaced and each.trouble]
    return [f"{each.subscription.name}: {each.trouble}" for each in unread]


def remove_some_replaced() -> bool:
    """Some rows of readings that count no more are gone; False if none was left."""
    over = Q(replaced=True) | Q(request__state__in=ENDED)
    listing = Listing.objects.filter(over).order_by("pk").first()
    if listing is None:
        return False
    members = list(listing.members.order_by("digest").values_list("pk", flat=True)[:MOST_REMOVED])
    if members:
        Member.objects.filter(pk__in=members).delete()
    else:
        listing.delete()
    return True


def makes_account_targets(request: Request) -> bool:
    """Whether accounts on a list are targets themselves, not only their visitors."""
    return AskedKind.ACCOUNT in traits_of(request.kind).asks


def _wanted() -> Q:
    looked_for = Q(scan__isnull=False, request__state=State.PREVIEWING)
    sent = Q(scan__isnull=True, request__state__in=UNDER_WAY, request__rest_cancelled_at__isnull=True)
    return looked_for | sent


def _begin(
    request: Request, subscription: Subscription, lists: QuerySet[Asked] | list[Asked], scan: Scan | None
) -> None:
    Listing.objects.bulk_create(
        Listing(request=request, asked=asked, subscription=subscription, scan=scan) for asked in lists
    )


def _locked(listing: Listing) -> Listing:
    """The reading, unless another process was faster, or nobody waits for it. Raises `MovedOn`."""
    same = {name: getattr(listing, name) for name in ("rows", "refusals", "way", "job")}
    row = (
        Listing.objects.unread()
        .filter(_wanted(), pk=listing.pk, **same)
        .select_related("request", "subscription", "asked", "scan")
        .select_for_update(of=("self",))
        .first()
    )
    if row is None:
        raise MovedOn
    return row


def _in_the_place_of(row: Listing) -> Listing:
    """Another reading of the same list, for the same purpose; it isn't saved."""
    Listing.objects.filter(pk=row.pk).update(replaced=True)
    return Listing(
        request=row.request,
        asked=row.asked,
        subscription=row.subscription,
        scan=row.scan,
        refusals=row.refusals,
    )


def _went_on(row: Listing) -> None:
    row.refusals, row.trouble = 0, ""
    row.save()


def _put_off(row: Listing, waits: tuple[float, ...], why: str) -> None:
    row.due_at = clock.now() + dt.timedelta(seconds=nth_wait(waits, row.refusals))
    row.trouble = why[:MOST_TROUBLE_LETTERS]
    row.save()


def _late(row: Listing) -> str:
    said = f"Pendo's word for it is “{row.word}”." if row.word else "Pendo doesn't say how it stands."
    return (
        f"Pendo hasn't finished its export of a segment, begun on {row.job_at or row.began_at:%d %b, %H:%M} "
        f"UTC. {said} It is asked again by itself. If it stays so, ask Pendo Support, or name the visitors "
        "instead."
    )
