"""After a silence: a restored backup can't be told from a machine that was off, so Pendo is asked first.

A database that is put back from a backup is as old as its last heartbeat. What was sent after that, it
doesn't know: there, a batch stands ready that Pendo may have had for days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.workflow.models import Attention
from compliance.workflow.states import Outcome

from .attention import tell_of
from .health import WOKE, WORKER, heartbeat_age
from .models import ONE_BY_ONE, Batch, BatchState, Heartbeat
from .moves import lock, step
from .planning import settle_batch

if TYPE_CHECKING:
    import datetime as dt

CHAIN = "engine"


@transaction.atomic
def note_silence() -> None:
    """If no worker was seen for too long, it is known that one woke up now. Call it before the next beat."""
    if not _silent():
        return
    last = Heartbeat.objects.get(name=WORKER)
    Heartbeat.objects.update_or_create(name=WOKE, defaults={"at": clock.now()})
    ledger.record(Event.SILENCE_ENDED, chain=CHAIN, actor=ledger.SYSTEM, since=ledger.as_fact(last.at))


def woke_at() -> dt.datetime | None:
    """The end of the last silence: now, where one hasn't been noted yet. None where there never was one."""
    if _silent():
        return clock.now()
    woke = Heartbeat.objects.filter(name=WOKE).first()
    return woke.at if woke else None


def may_have_been_sent(batch: Batch, woke_at: dt.datetime | None) -> bool:
    """Whether this database may not know of it: recorded before a silence, and not asked about since."""
    if woke_at is None or batch.request.opened_at >= woke_at:
        return False
    return batch.cleared_at is None or batch.cleared_at < woke_at


def _silent() -> bool:
    age = heartbeat_age()
    return age is not None and age > settings.TIMINGS.silence


@transaction.atomic
def doubt(batch: Batch) -> None:
    """Pendo is asked about the batch before it is sent; about a wipe for everybody, a person is.

    Unless it was cancelled, or the waiting for it ended, since it was chosen.
    """
    lock([batch.request_id])
    if not Batch.objects.filter(pk=batch.pk, state=BatchState.READY).exists():
        return
    settle_batch(batch, Outcome.UNCERTAIN, why="they may have been sent without this database's knowing")
    changes = {"sent_at": clock.now(), "due_at": clock.now(), "asks": 0}
    step(batch, BatchState.UNCERTAIN, changes=changes, batch=batch.number)
    if batch.kind in ONE_BY_ONE:
        tell_of(batch, Attention.Reason.WIPE_UNCERTAIN)
