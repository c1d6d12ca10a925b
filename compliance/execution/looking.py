"""Confirmation: what Pendo says is done is looked for; only what is absent is erased."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, keyring
from compliance.core.chunks import chunks
from compliance.core.timings import step as nth_wait
from compliance.workflow import scans
from compliance.workflow.matching import MOST_IN_A_QUESTION
from compliance.workflow.models import Attention, Scan, ScanStep, Target
from compliance.workflow.previews import MOST_LOOKED_UP
from compliance.workflow.states import Outcome
from compliance.workflow.urgency import most_urgent

from .attention import tell_of
from .lookups import MOST_IN_A_PASS, Pass, look_for
from .models import Batch, BatchKind, BatchReceipt, BatchState, Look, Sending
from .moves import lock, step
from .planning import advance, make_batch, settle_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription

#: A visitor that is still there after so many rounds is sent once more: the first may have come too early.
ROUNDS_BEFORE_RESENDING = 2
WAITING = (Outcome.ACCEPTED, Outcome.PRESENT)
#: The targets of such batches are looked for.
LOOKED_FOR = (BatchState.ACCEPTED, BatchState.DONE)


def batches_to_look_at(subscription: Subscription) -> QuerySet[Batch]:
    """Batches that Pendo says are done, and accepted ones whose receipt isn't known, due to be looked at."""
    receipts = BatchReceipt.objects.filter(batch=OuterRef("pk"))
    return (
        Batch.objects.filter(
            Q(state=BatchState.DONE) | Q(~Exists(receipts), state=BatchState.ACCEPTED),
            subscription=subscription,
            due_at__lte=clock.now(),
            scan__isnull=True,
        )
        .select_related("request", "subscription")
        .order_by(*most_urgent("request__"), "due_at")
    )


def scanned_batches(subscription: Subscription) -> QuerySet[Batch]:
    """Batches whose targets a scan has looked for to its end."""
    return (
        Batch.objects.filter(subscription=subscription, scan__step=ScanStep.ENDED, state__in=LOOKED_FOR)
        .select_related("request", "subscription", "scan")
        .order_by(*most_urgent("request__"), "pk")
    )


def draw_slice(_: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """What scans have found counts for such batches as long as `may_go_on`: of many, that takes a while."""
    while may_go_on() and (batch := scanned_batches(subscription).first()):
        _draw(batch)
    _drop_scans(subscription)


def look_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Targets of such batches are looked for as long as `may_go_on`. Raises `Trouble` or `Paused`.

    Where a request has many of them, a scan is opened instead.
    """
    _open_scans(subscription)
    while may_go_on() and (batch := batches_to_look_at(subscription).first()):
        targets = _still_to_look_for(batch)
        look = look_for(pendo, subscription, list(targets[:MOST_IN_A_PASS]), may_go_on)
        _keep(batch, look)
        if look.oddity and look.asked_too_often:
            raise look.oddity


def _drop_scans(subscription: Subscription) -> None:
    """Scans by which no batch is looked for any more are gone: what they proved, stands with the batches."""
    wanted = Batch.objects.filter(scan=OuterRef("pk"), state__in=LOOKED_FOR)
    confirming = Scan.objects.filter(subscription=subscription, preview__isnull=True)
    confirming.filter(~Exists(wanted)).delete()


def _open_scans(subscription: Subscription) -> None:
    """Requests with more visitors to be looked for than one look-up each is meant for, have them scanned for.

    What is due later waits for the next scan.
    """
    due = batches_to_look_at(subscription).filter(kind=BatchKind.VISITORS).order_by()
    several = due.values("request").annotate(batches=Count("pk")).filter(batches__gt=1).order_by("request")
    for request_id in several.values_list("request", flat=True):
        waiting = _waiting(due.filter(request=request_id))
        if waiting[: MOST_LOOKED_UP + 1].count() > MOST_LOOKED_UP:
            _open_scan(subscription, request_id)


@transaction.atomic
def _open_scan(subscription: Subscription, request_id: int) -> None:
    lock([request_id])
    scan = scans.open_scan_for_confirmation(request_id=request_id, subscription=subscription)
    due = batches_to_look_at(subscription).filter(kind=BatchKind.VISITORS, request=request_id)
    Batch.objects.filter(pk__in=list(due.values_list("pk", flat=True))).update(scan=scan)


def _waiting(batches: QuerySet[Batch]) -> QuerySet[Sending]:
    """What is still to be looked for in this round of the batches."""
    return Sending.objects.filter(
        batch__in=batches, round__lte=F("batch__rounds"), target__outcome__in=WAITING
    ).order_by("pk")


def note_present(scan: Scan, visitor_ids: Iterable[str]) -> None:
    """Those of the visitors for whom the scan looks were seen: they have had their turn in this round.

    Call it inside the transaction in which the page is kept.
    """
    looked_for = _waiting(Batch.objects.filter(scan=scan))
    digests = keyring.digests_of("visitor", visitor_ids)
    for some in chunks(digests, MOST_IN_A_QUESTION):
        seen = looked_for.filter(target__digest__in=some).values_list("batch__rounds", "pk").order_by("pk")
        by_round: dict[int, list[int]] = {}
        for rounds, pk in seen:
            by_round.setdefault(rounds, []).append(pk)
        for rounds, sendings in by_round.items():
            Sending.objects.filter(pk__in=sendings).update(round=rounds + 1)


@transaction.atomic
def _draw(batch: Batch) -> None:
    """What the scan has proved about the batch counts: who wasn't on any of its pages, is absent."""
    lock([batch.request_id])
    now = scanned_batches(batch.subscription).filter(pk=batch.pk).first()
    if now is None or now.scan is None:
        return
    batch, scan = now, now.scan
    waiting = Target.objects.filter(outcome__in=WAITING).order_by("pk")
    absent = list(waiting.filter(sendings__batch=batch, sendings__round__lte=batch.rounds))
    present = list(waiting.filter(sendings__batch=batch, sendings__round__gt=batch.rounds))
    Batch.objects.filter(pk=batch.pk).update(scan=None)
    batch.scan = None
    _count(batch, absent, present, controls=scan.controls, seen=scan.seen)
    _end_round(batch)
    advance(batch.request)


def _still_to_look_for(batch: Batch) -> QuerySet[Target]:
    sendings = Sending.objects.filter(batch=batch, round__lte=batch.rounds)
    return (
        Target.objects.filter(pk__in=sendings.values("target"), outcome__in=WAITING)
        .select_related("request")
        .order_by("pk")
    )


@transaction.atomic
def _keep(batch: Batch, look: Pass) -> None:
    """The pass stands with its counts, absent targets are erased, a finished round is drawn to its end."""
    lock([batch.request_id])
    absent = [target for target, record in look.found if record is None]
    present = [target for target, record in look.found if record is not None]
    _count(batch, absent, present, controls=look.controls.asked, seen=look.controls.seen)
    Sending.objects.filter(batch=batch, target__in=_had_their_turn(look)).update(round=batch.rounds + 1)
    if not _still_to_look_for(batch).exists():
        _end_round(batch)
    advance(batch.request)


def _count(batch: Batch, absent: list[Target], present: list[Target], *, controls: int, seen: int) -> None:
    """The pass stands with its counts, and what it showed counts."""
    row = Look.objects.create(
        batch=batch, controls=controls, controls_seen=seen, absent=len(absent), present=len(present)
    )
    ledger.record(
        Event.LOOK_PASSED,
        chain=batch.request.chain,
        actor=ledger.SYSTEM,
        look=row.pk,
        absent=row.absent,
        present=row.present,
        seen=row.controls_seen,
        controls=row.controls,
    )
    settle_batch(batch, Outcome.ERASED, why="looked for and absent, control visitors seen", targets=absent)
    if batch.state == BatchState.DONE:
        settle_batch(batch, Outcome.PRESENT, why="Pendo says done, yet it is still there", targets=present)
    elif _is_overdue(batch):
        # Its receipt isn't known, so Pendo can't be asked: what is still there by now counts as done in vain.
        settle_batch(
            batch, Outcome.PRESENT, why="Pendo's time is over, yet it is still there", targets=present
        )


def _had_their_turn(look: Pass) -> list[int]:
    """Whom Pendo gives no usable answer for, waits for the next round, so that it holds up no other."""
    turns = [target.pk for target, _ in look.found]
    return [*turns, look.refused.pk] if look.refused and not look.asked_too_often else turns


def _end_round(batch: Batch) -> None:
    left = Target.objects.filter(sendings__batch=batch, outcome__in=WAITING)
    batch.rounds += 1
    batch.due_at = clock.now() + dt.timedelta(seconds=nth_wait(settings.TIMINGS.recheck, batch.rounds))
    batch.save(update_fields=["rounds", "due_at"])
    # Pendo hasn't said "done", or gave no usable answer for one of them.
    unsaid = left.filter(outcome=Outcome.ACCEPTED).exists()
    if not left.exists():
        step(batch, BatchState.CONFIRMED, batch=batch.number)
        return
    if (unsaid or batch.state == BatchState.ACCEPTED) and _is_overdue(batch):
        tell_of(batch, Attention.Reason.RECEIPT_OVERDUE)
    if not unsaid and batch.rounds >= ROUNDS_BEFORE_RESENDING:
        last_word = batch.resent or batch.request.rest_cancelled_at
        tell_of(batch, Attention.Reason.STILL_PRESENT) if last_word else _resend(batch, left)


def _resend(batch: Batch, left: QuerySet[Target]) -> None:
    """Once more under the same approval: Pendo says that nothing of it is open, or has had all its time."""
    target_ids = list(left.values_list("pk", flat=True))
    again = make_batch(
        batch.request,
        subscription_id=batch.subscription_id,
        target_ids=target_ids,
        kind=BatchKind(batch.kind),
        parent=batch,
        resent=True,
    )
    ledger.record(
        Event.BATCH_RESENT,
        chain=batch.request.chain,
        actor=ledger.SYSTEM,
        count=len(target_ids),
        batch=batch.number,
        resent_as=again.number,
    )
    step(batch, BatchState.CONFIRMED, batch=batch.number)


def _is_overdue(batch: Batch) -> bool:
    accepted_at = batch.accepted_at or clock.now()
    return clock.now() - accepted_at > dt.timedelta(seconds=settings.TIMINGS.receipt_overdue)
