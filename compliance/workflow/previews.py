"""The preview: every target looked up, counted, and bound by a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Count, Q

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto
from compliance.people.access import Act

from . import guards, listings, scans
from .attention import settle_attention
from .completing import add_up_slice, still_looking
from .errors import NotThisPerson, StateChanged
from .kinds import Action, traits_of
from .models import Attention, Hold, Preview, Request, Target
from .moves import move
from .reach import reaches
from .screening import is_screened, locked_preview, screen_slice
from .sealing import Vault, target_id
from .states import CHANGEABLE, SOURCES, AskedKind, Outcome, State
from .summaries import end_summary, sum_up_slice, wants_summary
from .targets import Maker, Record, finding_of, put_finding
from .urgency import most_urgent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Guide
    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

#: More visitors than this are found by one scan instead of a look-up for each.
MOST_LOOKED_UP = 500
#: So many rows are written, or removed, while a person waits.
MOST_AT_ONCE = 5_000


@transaction.atomic
def start_preview(*, request: Request, by: Person | None) -> Preview:
    """What was asked is being looked up in every subscription of the request.

    A former preview and its approvals count no more. Raises `IllegalMove` once sending has begun. However
    much is asked, only a few rows are written here: few visitors are targets at once, and looked up one by
    one; for many, or for what can only be found by looking at everybody, a scan makes the targets.
    """
    for attention in request.attentions.filter(reason=Attention.Reason.HOLD_LIFTED, settled_at=None):
        settle_attention(attention=attention, by=None)
    number = request.previews.count() + 1
    preview = Preview.objects.create(request=request, number=number)
    request.scans.all().delete()
    guards.start_over(request)
    listings.replace_all(request)
    subscriptions = list(request.subscriptions.all())
    if _is_small(request):
        request.targets.all().delete()
        for subscription in subscriptions:
            Target.objects.bulk_create(_targets_at_once(request, subscription), ignore_conflicts=True)
        count = request.targets.count()
    else:
        scans.open_scans(preview)
        count = request.asked.count() * len(subscriptions)
    actor = by.reference if by else ledger.SYSTEM
    names = ", ".join(subscription.name for subscription in subscriptions)
    facts: dict[str, str | int] = {"preview": number, "targets": count, "subscriptions": names}
    if number == 1:
        ledger.record(Event.PREVIEW_STARTED, chain=request.chain, actor=actor, **facts)
    else:
        move(request, State.PREVIEWING, actor=actor, changes=None, **facts)
    return preview


@transaction.atomic
def look_again(*, request: Request, by: Person) -> Preview:
    """A fresh preview of the same set is under way."""
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.ENTER_REQUESTS, request):
        raise NotThisPerson("Your roles don't let you have a preview made.")
    if request.state not in CHANGEABLE:
        raise StateChanged("This request isn't waiting any more. Reload the page.")
    return start_preview(request=request, by=by)


def waiting_targets(subscription: Subscription) -> QuerySet[Target]:
    """Targets of this subscription still to be looked up for a preview, the most urgent request first."""
    return (
        Target.objects.filter(
            subscription=subscription, looked_up_at__isnull=True, request__state=State.PREVIEWING
        )
        .select_related("request")
        .order_by(*most_urgent("request__"), "request_id", "pk")
    )


def keep_lookup(
    target: Target, vault: Vault, record: Record, guides: Mapping[str, Guide] | None = None
) -> None:
    """What Pendo said of the target is kept under seal; `complete_preview` counts once all are looked up.

    In the place of all staged guides stand, from then on, those that are staged now, if there are any.
    """
    if target.everybody and not target.guide and _name_staged(target, guides or {}):
        return
    put_finding(target, vault, target_id(vault, target), finding_of(target, record, guides or {}))
    fields = ("looked_up_at", "sealed_details", "spared_because", "contradicts")
    Target.objects.filter(pk=target.pk, looked_up_at__isnull=True).update(
        **{name: getattr(target, name) for name in fields}
    )


@transaction.atomic
def _name_staged(target: Target, guides: Mapping[str, Guide]) -> bool:
    """Each staged guide is a target of its own, so that only what was approved is reset; False if none is."""
    # Whoever starts another preview locks the request, too, and removes the target.
    request = Request.objects.select_for_update().get(pk=target.request_id)
    staged = list(Maker(request, target.subscription).for_staged(target.asked_id, guides))
    if staged and Target.objects.filter(pk=target.pk, looked_up_at__isnull=True).delete()[0]:
        Target.objects.bulk_create(staged, batch_size=500)
    return bool(staged)


def complete_preview(request: Request, may_go_on: Callable[[], bool] = lambda: True) -> bool:
    """The preview is counted and digested if everything was looked up; False if that isn't so yet.

    It is added up, and compared with the holds, in slices for as long as `may_go_on`; whoever comes next goes
    on.
    """
    request = Request.objects.get(pk=request.pk)
    if request.state != State.PREVIEWING or still_looking(request):
        return False
    preview = current_preview(request)
    while add_up_slice(request) or screen_slice(request) or guards.check_slice(request):
        if not may_go_on():
            return False
    while wants_summary(request) and sum_up_slice(preview):
        if not may_go_on():
            return False
    return _finish(request)


def _finish(request: Request) -> bool:
    """The preview is ready, unless something has happened to the request meanwhile."""
    preview = current_preview(request)
    if preview.ready_at:
        # Another process was faster: its summary isn't a count any more.
        return False
    _count(preview)
    end_summary(preview)
    with transaction.atomic():
        request = Request.objects.select_for_update().get(pk=request.pk)
        now = locked_preview(request)
        if request.state != State.PREVIEWING or now.pk != preview.pk or not is_screened(now):
            return False
        preview.screening, preview.screened_up_to = False, now.screened_up_to
        preview.save()
        counts = {"preview": preview.number, "not_found": preview.not_found}
        if preview.found or preview.spared or preview.held:
            found: dict[str, str | int] = {"found": preview.found, "digest": preview.digest}
            move(request, State.PREVIEWED, actor=ledger.SYSTEM, changes=None, **found, **counts)
        else:
            move(request, State.NOTHING_FOUND, actor=ledger.SYSTEM, changes=None, **counts)
        guards.conclude(request, preview)
    return True


def current_preview(request: Request) -> Preview:
    """The preview that counts: the last one. Raises `Preview.DoesNotExist` before there is one."""
    preview = last_preview(request)
    if preview is None:
        raise Preview.DoesNotExist
    return preview


def last_preview(request: Request) -> Preview | None:
    """As `current_preview`; None where nothing was looked up yet, since a person has to confirm it first."""
    return request.previews.last()


def digest_of(request: Request) -> str:
    """The digest of the set that an approval binds: pending targets, their subscriptions, the action."""
    # The database sorts bytes as Python does, so that a large set is read as a stream.
    pending = request.targets.filter(outcome=Outcome.PENDING).order_by("commitment")
    names = request.subscriptions.order_by("pk").values_list("pk", flat=True)
    return crypto.sorted_set_digest(
        (bytes(value) for value in pending.values_list("commitment", flat=True).iterator()),
        action=traits_of(request.kind).action.value,
        options=[f"subscription/{pk}" for pk in names],
    )


@transaction.atomic
def recount_preview(*, request: Request, by: Person) -> Preview:
    """A new preview has the counts and the digest of the targets as they are now; nothing is looked up again.

    Approvals of the former one count no more. What the summary says of a large set stays as it was found.
    Call it with the request locked, and in a state in which it waits for an approval.
    """
    # Whom somebody takes in after all may be held.
    preview = _counted_anew(request, screening=Hold.objects.standing().exists())
    ledger.record(
        Event.PREVIEW_RECOUNTED,
        chain=request.chain,
        actor=by.reference,
        preview=preview.number,
        found=preview.found,
        spared=preview.spared,
        digest=preview.digest,
    )
    return preview


def screen_again(request: Request, may_go_on: Callable[[], bool] = lambda: True) -> None:
    """What waits for an approval was compared with holds placed since, and counted anew if some are held.

    It is compared in slices for as long as `may_go_on`; whoever comes next goes on.
    """
    while screen_slice(request):
        if not may_go_on():
            return
    _end_screening(request)


@transaction.atomic
def _end_screening(request: Request) -> None:
    request = Request.objects.select_for_update().get(pk=request.pk)
    former = locked_preview(request)
    if request.state != State.PREVIEWED or not former.screening or not is_screened(former):
        return
    former.screening = False
    former.save(update_fields=["screening"])
    if request.targets.filter(outcome=Outcome.PENDING).count() == former.found:
        return
    preview = _counted_anew(request, screening=False)
    ledger.record(
        Event.PREVIEW_HELD,
        chain=request.chain,
        actor=ledger.SYSTEM,
        preview=preview.number,
        found=preview.found,
        held=preview.held,
        digest=preview.digest,
    )


def _counted_anew(request: Request, *, screening: bool) -> Preview:
    former = current_preview(request)
    preview = Preview(
        request=request,
        number=former.number + 1,
        started_at=former.started_at,
        sealed_summary=former.sealed_summary,
        screening=screening,
    )
    _count(preview)
    preview.save()
    return preview


def _count(preview: Preview) -> None:
    """The preview's counts and digest are those of the targets as they are now. It isn't saved."""
    request = preview.request
    counts = dict(request.targets.values_list("outcome").annotate(count=Count("pk")).order_by("outcome"))
    preview.found = counts.get(Outcome.PENDING, 0)
    preview.not_found = counts.get(Outcome.NOT_FOUND, 0)
    preview.spared = counts.get(Outcome.SPARED, 0)
    preview.held = counts.get(Outcome.HELD, 0)
    preview.contradicting = request.targets.filter(outcome=Outcome.PENDING, contradicts=True).count()
    preview.digest = digest_of(request)
    preview.ready_at, preview.trouble = clock.now(), ""


def note_trouble(subscription: Subscription, text: str) -> None:
    """Previews that wait for this subscription say why; an empty text says that they go on."""
    looking = Q(request__in=waiting_targets(subscription).order_by().values("request"))
    scanning = Q(pk__in=scans.previews_scanning(subscription).order_by().values("preview"))
    Preview.objects.filter(looking | scanning, ready_at__isnull=True).update(trouble=text)


def _is_small(request: Request) -> bool:
    """Whether its targets can be made at once, and looked up one by one."""
    readmits = traits_of(request.kind).action is Action.READMIT
    by_scan = request.asked.filter(kind__in=[AskedKind.ACCOUNT, AskedKind.EMAIL, *SOURCES])
    visitors = _few(request.asked.filter(kind=AskedKind.VISITOR))
    if readmits or by_scan.exists() or visitors > MOST_LOOKED_UP or guards.wants_count(request):
        return False
    rows = max(visitors, 1) * max(_few(request.asked.filter(kind=AskedKind.GUIDE)), 1)
    return rows <= MOST_AT_ONCE and _few(request.targets.all()) <= MOST_AT_ONCE


def _few(rows: QuerySet[Any]) -> int:
    """How many there are, if there are few."""
    return rows.order_by()[: MOST_AT_ONCE + 1].count()


def _targets_at_once(request: Request, subscription: Subscription) -> Iterator[Target]:
    maker = Maker(request, subscription)
    for asked in request.asked.filter(kind=AskedKind.VISITOR).order_by("pk"):
        yield from maker.for_visitor(asked.pk, maker.value_of(asked))
    yield from maker.for_everybody()
