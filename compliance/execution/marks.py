"""Reading who is marked Do Not Process, page by page, for the batches that may or may not be at Pendo.

The list grows with every deletion and may take longer than a slice, so that where its reading is stands in
a row, and no page is kept. One reading serves all batches that were uncertain when it began.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from compliance.connectors.pendo.client import PAGE, quotable
from compliance.core import clock, crypto, keyring
from compliance.core.chunks import chunks
from compliance.workflow.matching import MOST_IN_A_QUESTION

from .guard import ODD, UNANSWERED, usable
from .models import RECORDS, Batch, BatchKind, BatchState, MarkedReading, Sending
from .moves import lock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription

PURPOSE = "place in the Do-Not-Process list"


@transaction.atomic
def join_reading(batch: Batch) -> None:
    """The batch waits for a reading of which nothing has been asked yet."""
    lock([batch.request_id])
    reading = MarkedReading.objects.filter(
        subscription=batch.subscription, kind=batch.kind, pages=0, ended_at=None
    ).first()
    if reading is None:
        reading = MarkedReading.objects.create(subscription=batch.subscription, kind=batch.kind)
    Sending.objects.filter(batch=batch, marked=True).update(marked=False)
    Batch.objects.filter(pk=batch.pk, state=BatchState.UNCERTAIN).update(reading=reading)


def read_marks(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Readings of the subscription go on, as long as `may_go_on`, by at least a page. Raises `Trouble`."""
    while reading := _under_way(subscription).first():
        _read_page(pendo, reading)
        if not may_go_on():
            break


def drop_readings(subscription: Subscription) -> None:
    """Readings that served every batch that waited for them are gone."""
    waiting = Batch.objects.filter(reading=OuterRef("pk"))
    MarkedReading.objects.filter(~Exists(waiting), subscription=subscription).delete()


def leave_reading(batch: Batch) -> None:
    """The batch waits for no reading any more, and what only it waited for is gone."""
    Batch.objects.filter(pk=batch.pk).update(reading=None)
    drop_readings(batch.subscription)


def _under_way(subscription: Subscription) -> QuerySet[MarkedReading]:
    rows = MarkedReading.objects.filter(subscription=subscription, ended_at=None)
    return rows.select_related("subscription").order_by("pk")


def _read_page(pendo: Pendo, reading: MarkedReading) -> None:
    # Before it is asked: a batch that is sent while this page is on its way must not join what it can't show.
    if not _as_it_was(reading).update(pages=reading.pages + 1):
        return
    reading.pages += 1
    after = _place_of(reading)
    answer, page = pendo.do_not_process(RECORDS[BatchKind(reading.kind)], after=after)
    if answer.verdict in ODD | UNANSWERED:
        # Nothing is known from it, and it mustn't hold up what else is asked in this lane.
        _keep(reading, [], ended_at=clock.now())
    if not usable(answer):
        return
    onward = next((each for each in reversed(page) if quotable(each)), "")
    if onward > after:
        _keep(reading, page, sealed_place=_sealed(reading, onward))
    else:
        # A full page without an id to go on from: what follows it can't be read.
        _keep(reading, page, ended_at=clock.now(), whole=len(page) < PAGE)


def _keep(reading: MarkedReading, page: Sequence[str], **changes: object) -> None:
    """Whom the page names is known to be marked, and the reading is behind it; unless another asks, too."""
    record = RECORDS[BatchKind(reading.kind)]
    requests = list(Batch.objects.filter(reading=reading).values_list("request_id", flat=True))
    with transaction.atomic():
        lock(requests)
        if not _as_it_was(reading).update(**changes):
            return
        for some in chunks(keyring.digests_of(record, page), MOST_IN_A_QUESTION):
            Sending.objects.filter(batch__reading=reading, target__digest__in=some).update(marked=True)


def _as_it_was(reading: MarkedReading) -> QuerySet[MarkedReading]:
    """The reading's row, unless another process has asked for a page since this one last did."""
    return MarkedReading.objects.filter(pk=reading.pk, pages=reading.pages, ended_at=None)


def _place_of(reading: MarkedReading) -> str:
    if reading.sealed_place is None:
        return ""
    key = reading.subscription.unwrapped_key()
    return crypto.open_sealed(key, bytes(reading.sealed_place), purpose=PURPOSE).decode()


def _sealed(reading: MarkedReading, place: str) -> bytes:
    return crypto.seal(reading.subscription.unwrapped_key(), place.encode(), purpose=PURPOSE)
