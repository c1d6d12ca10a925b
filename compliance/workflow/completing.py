"""Adding a preview up, in slices: what was asked and not found, what is spared by rule, the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from .guards import mark_narrowed_out
from .matching import EXACT_EMAIL
from .models import SCANNED, Asked, RefusedTarget, Request, Scan, ScanStep, Target
from .outcomes import settle
from .states import AskedKind, Outcome, Spared, State, Why
from .targets import Finding, Maker, put_finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

#: Targets in one transaction, and in one entry of the ledger.
A_SLICE = 2_000
#: With more exact matches than this, a person says who is meant.
MOST_MATCHES = 3


def still_looking(request: Request) -> bool:
    """Whether something has to be asked of Pendo yet."""
    scanning = request.scans.exclude(step__in=SCANNED, preview__isnull=False)
    return scanning.exists() or request.targets.filter(looked_up_at__isnull=True).exists()


@transaction.atomic
def add_up_slice(request: Request) -> bool:
    """A piece of adding up is done; False if nothing was left to do."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    if request.state != State.PREVIEWING:
        return False
    return (
        _add_absent(request)
        or _settle_absent(request)
        or _mark_refused(request)
        or mark_narrowed_out(request)
        or _settle_spared(request)
    )


def _add_absent(request: Request) -> bool:
    """Some things that a scan didn't find have their rows; after the last, e-mails with many matches wait."""
    scan = request.scans.filter(step=ScanStep.ENDED, preview__isnull=False).first()
    if scan is None:
        return False
    people = request.asked.filter(kind__in=[AskedKind.VISITOR, AskedKind.EMAIL], pk__gt=scan.asked_up_to)
    some = list(people.order_by("pk").values_list("pk", flat=True)[:A_SLICE])
    if some:
        _add_rows(scan, Asked.objects.filter(pk__in=set(some) - _found(scan, some)).order_by("pk"))
        scan.asked_up_to = some[-1]
    else:
        scan.step = ScanStep.ADDED_UP
        _mark_many_matches(scan)
    scan.save(update_fields=["asked_up_to", "step"])
    return True


def _found(scan: Scan, asked: list[int]) -> set[int]:
    """Which of these things stand for somebody. Who only resembles an e-mail address doesn't have it."""
    by_id = Target.objects.filter(asked__in=asked, why=Why.EXACT_ID).order_by("pk")
    # The subscription is told apart here: asked for it, SQLite would read all that the subscription has.
    here = {
        pk
        for pk, subscription in by_id.values_list("asked", "subscription")
        if subscription == scan.subscription_id
    }
    return here | set(scan.tallies.filter(asked__in=asked).values_list("asked", flat=True))


def _add_rows(scan: Scan, absent: Iterable[Asked]) -> None:
    """Each has a row that says so; an e-mail address stands in the place of an id."""
    maker = Maker(scan.request, scan.subscription)
    targets = []
    for asked in absent:
        name = maker.value_of(asked)
        why = Why.EMAIL if asked.kind == AskedKind.EMAIL else Why.EXACT_ID
        for target in maker.for_visitor(asked.pk, name, why=why):
            put_finding(target, maker.vault, name, Finding())
            targets.append(target)
    # The same text may be named as an id and as an e-mail address: one row says it for both.
    Target.objects.bulk_create(targets, ignore_conflicts=True, batch_size=500)


def _mark_many_matches(scan: Scan) -> None:
    many = scan.tallies.filter(count__gt=MOST_MATCHES).values("asked")
    Target.objects.filter(
        request=scan.request,
        subscription=scan.subscription,
        asked__in=many,
        why__in=EXACT_EMAIL,
        spared_because="",
    ).update(spared_because=Spared.MANY_MATCHES)


def _settle_absent(request: Request) -> bool:
    absent = request.targets.filter(outcome=Outcome.PENDING, sealed_details__isnull=True)
    return _settle(
        request, absent, Outcome.NOT_FOUND, why="looked up for the preview, with control visitors seen"
    )


def _mark_refused(request: Request) -> bool:
    """What two people have refused stays spared, however often it is looked up."""
    refused = RefusedTarget.objects.filter(refusal__request=request, refusal__agreed=True)
    pending = request.targets.filter(outcome=Outcome.PENDING, commitment__in=refused.values("commitment"))
    marked = pending.exclude(spared_because=Spared.REFUSED).update(spared_because=Spared.REFUSED)
    return bool(marked)


def _settle_spared(request: Request) -> bool:
    spared = request.targets.filter(outcome=Outcome.PENDING).exclude(spared_because="").order_by("pk")
    first = spared.first()
    if first is None:
        return False
    alike = spared.filter(spared_because=first.spared_because)
    return _settle(request, alike, Outcome.SPARED, why=Spared(first.spared_because).label)


def _settle(request: Request, targets: QuerySet[Target], new: Outcome, *, why: str) -> bool:
    """Some of the targets, all of one subscription, have the outcome; False if there are none."""
    first = targets.select_related("subscription").order_by("pk").first()
    if first is None:
        return False
    alike = targets.filter(subscription=first.subscription_id).order_by("pk")
    settle(
        list(alike.values_list("pk", flat=True)[:A_SLICE]),
        request=request,
        subscription=first.subscription,
        old=Outcome.PENDING,
        new=new,
        why=why,
    )
    return True
