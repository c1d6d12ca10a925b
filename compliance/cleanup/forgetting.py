"""Forgetting runs: thirty days after its end, a run keeps its counts and its ledger, and nobody's id."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.execution.models import BatchReceipt, Call
from compliance.workflow.models import Asked, Narrowing, Request, Target

from .models import Run

log = logging.getLogger(__name__)

KEPT_FOR = dt.timedelta(days=30)
#: Rows deleted in one transaction.
A_SLICE = 2_000
#: Runs in one turn of the task.
A_TURN = 50


def forget_old_runs() -> None:
    """Of runs that ended more than thirty days ago, no target is left, nor anything that was sealed of it."""
    old = Run.objects.filter(ended_at__lt=clock.now() - KEPT_FOR, forgotten_at=None)
    for run in old.order_by("ended_at")[:A_TURN]:
        try:
            forget(run)
        except Exception:
            log.exception("%s can't be forgotten", run)


def forget(run: Run) -> None:
    """Nothing of the run's targets is left: in slices, and whoever comes after a crash goes on."""
    requests = [request for request in (run.request, run.lifting) if request]
    count = sum(_delete_targets(request) for request in requests)
    with transaction.atomic():
        run = Run.objects.select_for_update(of=("self",)).select_related("rule").get(pk=run.pk)
        if run.forgotten_at:
            return
        for request in requests:
            _delete_rest(request)
        run.forgotten_at = clock.now()
        run.save(update_fields=["forgotten_at"])
        ledger.record(
            Event.RUN_FORGOTTEN,
            chain=run.rule.chain,
            actor=ledger.SYSTEM,
            run=run.pk,
            rule=run.rule.name,
            targets=count,
        )


def _delete_targets(request: Request) -> int:
    count = request.targets.count()
    while keys := list(request.targets.order_by("pk").values_list("pk", flat=True)[:A_SLICE]):
        Target.objects.filter(pk__in=keys).delete()
    while keys := list(request.asked.order_by("pk").values_list("pk", flat=True)[:A_SLICE]):
        Asked.objects.filter(pk__in=keys).delete()
    return count


def _delete_rest(request: Request) -> None:
    """What Pendo answered, where scans stood, and the key that could read a copy of any of it."""
    Call.objects.filter(batch__request=request).update(sealed_answer=None)
    BatchReceipt.objects.filter(batch__request=request).update(sealed_answer=None)
    request.scans.update(sealed_place=None)
    request.previews.update(sealed_summary=None)
    Narrowing.objects.filter(guard__request=request).delete()
    Request.objects.filter(pk=request.pk).update(targets_key=None)
