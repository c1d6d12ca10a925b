"""Scans: where each is, and what its pages gave. What a page gives is kept in one transaction with the place.

A scan waits until the segments and reports that are asked were read (`listings`). Then it walks through
steps: what an earlier one found is removed; accounts are looked up, and their child accounts looked for; then
every visitor is read, page by page, and compared with what was asked. Killed anywhere, it goes on from the
last page kept. Only a scan that ended by itself, with ids that rose strictly and its control visitors seen,
proves that anybody is absent; any other is started anew.
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from compliance.connectors.pendo.client import PAGE
from compliance.core import clock, keyring
from compliance.core.timings import step as nth_wait
from compliance.subscriptions.models import Control

from . import listings
from .kinds import Action, traits_of
from .models import SCANNED, Asked, ListingOf, Member, Preview, Request, Scan, ScanStep, Tally, Target
from .sealing import details_of, targets_vault
from .states import AskedKind, State, TargetKind, Why
from .targets import Maker, finding_of, put_finding, seal_details
from .urgency import most_urgent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Account, Guide
    from compliance.subscriptions.models import Subscription

    from .matching import Match

#: Rows of earlier targets removed in one transaction.
MOST_CLEARED = 2_000
#: So many names are kept of an account's child accounts.
MOST_NAMED = 50
NEXT_STEP = {
    ScanStep.CLEARING: ScanStep.ACCOUNTS,
    ScanStep.ACCOUNTS: ScanStep.MEMBERS,
    ScanStep.MEMBERS: ScanStep.CHILDREN,
    ScanStep.CHILDREN: ScanStep.VISITORS,
    ScanStep.VISITORS: ScanStep.ENDED,
}


class MovedOn(Exception):
    """Another process has done something about the scan, or its preview is wanted no more."""


@dataclass(frozen=True)
class Place:
    """Where a scan is: the last id read, and the last one before it from which Pendo can be asked on.

    From there, `limit` records are asked for: more than a page's, where a page wouldn't reach far enough.
    """

    limit: int
    after: str = field(default="", repr=False)
    last: str = field(default="", repr=False)


@dataclass(frozen=True)
class Page:
    """What is kept of a page: where it ends, how many records it has, and what was made of them.

    `controls` are the control visitors on it, `emails` the addresses asked that are exactly somebody's.
    """

    place: Place
    records: int
    controls: Collection[int] = ()
    targets: Sequence[Target] = field(default=(), repr=False)
    emails: Mapping[int, int] = field(default_factory=dict)


def open_scans(preview: Preview) -> None:
    """Every subscription of the request is to be read for this preview."""
    marked = traits_of(preview.request.kind).action is Action.READMIT
    for subscription in preview.request.subscriptions.all():
        scan = Scan.objects.create(
            request=preview.request, preview=preview, subscription=subscription, marked=marked
        )
        listings.begin_for_scan(scan)


def open_scan_for_confirmation(*, request_id: int, subscription: Subscription) -> Scan:
    """A scan that looks for visitors of the request who were sent, in this subscription."""
    return Scan.objects.create(request_id=request_id, subscription=subscription, step=ScanStep.VISITORS)


def due_scans(subscription: Subscription) -> QuerySet[Scan]:
    """Scans of this subscription that can go on now, the most urgent request's first."""
    return (
        _under_way()
        .filter(
            ~Exists(listings.unread_for(OuterRef("pk"))), subscription=subscription, due_at__lte=clock.now()
        )
        .select_related("request", "subscription", "preview")
        .order_by(*most_urgent("request__"), "request_id", "pk")
    )


def previews_scanning(subscription: Subscription) -> QuerySet[Scan]:
    """Scans of this subscription that a preview waits for."""
    return _under_way().filter(subscription=subscription, preview__isnull=False)


def place_of(scan: Scan) -> Place:
    """Where the scan is."""
    if scan.sealed_place is None:
        return Place(PAGE)
    return Place(**json.loads(targets_vault(scan.request).open(scan.sealed_place, purpose="place of a scan")))


@transaction.atomic
def clear(scan: Scan) -> None:
    """Some of what was found before is removed; once nothing is left, the scan begins.

    What doesn't depend on any visitor is to be looked up from then on.
    """
    scan = _locked(scan)
    tallies = list(scan.tallies.order_by("pk").values_list("pk", flat=True)[:MOST_CLEARED])
    targets = list(_former_targets(scan).values_list("pk", flat=True)[:MOST_CLEARED])
    Tally.objects.filter(pk__in=tallies).delete()
    Target.objects.filter(pk__in=targets).delete()
    if not tallies and not targets:
        everybody = Maker(scan.request, scan.subscription).for_everybody()
        Target.objects.bulk_create(everybody, ignore_conflicts=True, batch_size=500)
        _step_on(scan)


def next_accounts(scan: Scan, count: int) -> list[Asked]:
    """Accounts asked that are to be looked up next."""
    rows = scan.request.asked.filter(kind=AskedKind.ACCOUNT, pk__gt=scan.asked_up_to).order_by("pk")
    return list(rows[:count])


def next_members(scan: Scan, count: int) -> list[Member]:
    """Accounts on the lists asked that are to be looked up next."""
    rows = Member.objects.filter(
        listing__in=scan.listings.read(), listing__of=ListingOf.ACCOUNT, pk__gt=scan.asked_up_to
    )
    return list(rows.select_related("listing").order_by("pk")[:count])


class NamedAccount(NamedTuple):
    """An account to be looked up: the row that names it, the thing asked to which it belongs, why, its id."""

    row_id: int
    asked_id: int
    why: Why
    name: str


def accounts_named(scan: Scan, count: int) -> list[NamedAccount]:
    """Accounts to be looked up next in this step of the scan: those that are asked, or those on the lists."""
    vault = targets_vault(scan.request)
    if scan.step == ScanStep.MEMBERS:
        return [
            NamedAccount(
                row.pk, row.listing.asked_id, Why.REPORT, vault.open(row.sealed_id or b"", purpose="member")
            )
            for row in next_members(scan, count)
        ]
    return [
        NamedAccount(row.pk, row.pk, Why.EXACT_ID, vault.open(row.sealed_value, purpose="asked"))
        for row in next_accounts(scan, count)
    ]


@transaction.atomic
def keep_accounts(scan: Scan, found: Sequence[tuple[NamedAccount, Account | None]]) -> None:
    """The accounts are targets with what Pendo shows of them."""
    scan = _locked(scan)
    maker = Maker(scan.request, scan.subscription)
    targets = []
    for named, account in found:
        target = maker.for_account(named.asked_id, named.name, why=named.why)
        put_finding(target, maker.vault, named.name, finding_of(target, account, {}))
        targets.append(target)
    Target.objects.bulk_create(targets, ignore_conflicts=True)
    scan.asked_up_to, scan.refusals = found[-1][0].row_id, 0
    scan.save()


@transaction.atomic
def end_step(scan: Scan, *, controls: int = 0, seen: int = 0) -> None:
    """The scan goes on with its next step, or has ended. Only for a step that has come to its own end.

    For the last one: so many of the control visitors were seen.
    """
    scan = _locked(scan)
    scan.controls, scan.seen = controls, seen
    _step_on(scan)


@transaction.atomic
def keep_children(scan: Scan, place: Place, records: int, found: Iterable[tuple[Account, str]]) -> None:
    """The accounts list the child accounts of this page, each given with its parent; it is at `place`."""
    scan = _locked(scan)
    vault = targets_vault(scan.request)
    for child, parent in found:
        digests = [digest.value for digest in keyring.lookup_digests(AskedKind.ACCOUNT, parent)]
        target = _accounts_found(scan).filter(digest__in=digests).first()
        if target is None:
            continue
        details = details_of(vault, target)
        names = [*details.get("children", []), child.id][:MOST_NAMED]
        details |= {"children": names, "children_count": details.get("children_count", 0) + 1}
        Target.objects.filter(pk=target.pk).update(sealed_details=seal_details(vault, details))
    _go_to(scan, place, records)


def targets_of(maker: Maker, matches: Iterable[Match], guides: Mapping[str, Guide]) -> list[Target]:
    """The targets that the matches of a page make. They are not saved."""
    targets = []
    for match in matches:
        for target in maker.for_visitor(match.asked_id, match.visitor.id, why=match.why):
            finding = finding_of(target, match.visitor, guides)
            put_finding(target, maker.vault, match.visitor.id, finding)
            target.spared_because = target.spared_because or match.spared
            targets.append(target)
    return targets


@transaction.atomic
def keep_page(scan: Scan, page: Page) -> None:
    """The page's targets stand, the control visitors on it count as seen, and the scan is behind it."""
    scan = _locked(scan)
    Target.objects.bulk_create(page.targets, ignore_conflicts=True, batch_size=500)
    _add_to_tallies(scan, page.emails)
    scan.controls_seen.add(*Control.objects.filter(pk__in=page.controls))
    _go_to(scan, page.place, page.records)


@transaction.atomic
def start_anew(scan: Scan, why: str) -> None:
    """The scan proves nothing and begins again after a wait that grows; its preview says why."""
    scan = _locked(scan)
    scan.step = ScanStep.CLEARING if scan.preview_id else ScanStep.VISITORS
    scan.sealed_place, scan.pages, scan.records, scan.asked_up_to = None, 0, 0, 0
    scan.began_at = clock.now()
    scan.restarts += 1
    if scan.preview_id:
        listings.begin_for_scan(scan)
    scan.controls_seen.clear()
    _put_off(scan, scan.restarts, f"{why} It is read anew by itself; nothing was concluded from it.")


@transaction.atomic
def refuse(scan: Scan, why: str) -> None:
    """The scan stays where it is, and its next page is asked for after a wait that grows."""
    scan = _locked(scan)
    scan.refusals += 1
    _put_off(scan, scan.refusals, f"{why} It is asked again by itself.")


def start_all_anew(subscription: Subscription) -> None:
    """What was read of this subscription may have come from another one: its scans begin again."""
    listings.start_all_anew(subscription)
    for scan in _under_way().filter(subscription=subscription).select_related("request", "subscription"):
        with suppress(MovedOn):
            start_anew(scan, "The key answered for another subscription.")


def _add_to_tallies(scan: Scan, emails: Mapping[int, int]) -> None:
    known = {tally.asked_id: tally for tally in scan.tallies.filter(asked__in=list(emails))}
    for asked_id, tally in known.items():
        tally.count += emails[asked_id]
    Tally.objects.bulk_update(known.values(), ["count"], batch_size=500)
    new = [Tally(scan=scan, asked_id=pk, count=count) for pk, count in emails.items() if pk not in known]
    Tally.objects.bulk_create(new, batch_size=500)


def _under_way() -> QuerySet[Scan]:
    wanted = Q(preview__isnull=True) | Q(request__state=State.PREVIEWING)
    return Scan.objects.filter(wanted).exclude(step__in=SCANNED)


def _locked(scan: Scan) -> Scan:
    """The scan, unless another process was faster, or nobody waits for it any more. Raises `MovedOn`."""
    Request.objects.select_for_update().get(pk=scan.request_id)
    same = {
        name: getattr(scan, name)
        for name in ("step", "pages", "records", "asked_up_to", "restarts", "refusals")
    }
    row = (
        _under_way()
        .select_for_update(of=("self",))
        .select_related("request", "subscription")
        .filter(pk=scan.pk, **same)
        .first()
    )
    if row is None:
        raise MovedOn
    return row


def _former_targets(scan: Scan) -> QuerySet[Target]:
    """Of this subscription, and of any that the request doesn't name any more."""
    named = scan.request.subscriptions.values("pk")
    here = Q(subscription=scan.subscription) | ~Q(subscription__in=named)
    return Target.objects.filter(here, request=scan.request).order_by("pk")


def _accounts_found(scan: Scan) -> QuerySet[Target]:
    found = Target.objects.filter(
        request=scan.request, subscription=scan.subscription, kind=TargetKind.ACCOUNT
    )
    return found.filter(sealed_details__isnull=False)


def _step_on(scan: Scan) -> None:
    scan.step = NEXT_STEP[ScanStep(scan.step)]
    if scan.step == ScanStep.MEMBERS and not listings.makes_account_targets(scan.request):
        scan.step = ScanStep.CHILDREN
    if scan.step == ScanStep.CHILDREN and not _accounts_found(scan).exists():
        scan.step = ScanStep.VISITORS
    if scan.step == ScanStep.ENDED:
        scan.ended_at = clock.now()
    else:
        scan.pages, scan.records = 0, 0
    scan.sealed_place, scan.asked_up_to = None, 0
    scan.save()


def _go_to(scan: Scan, place: Place, records: int) -> None:
    vault = targets_vault(scan.request)
    scan.sealed_place = vault.seal(json.dumps(asdict(place)), purpose="place of a scan")
    scan.pages += 1
    scan.records += records
    scan.refusals = 0
    scan.save()


def _put_off(scan: Scan, times: int, trouble: str) -> None:
    scan.due_at = clock.now() + dt.timedelta(seconds=nth_wait(settings.TIMINGS.retry, times))
    scan.save()
    text = f"{scan.subscription.name}: {trouble}"
    Preview.objects.filter(scans=scan, ready_at__isnull=True).update(trouble=text)
