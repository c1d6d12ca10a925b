"""The guard of a retention request, once more before each batch: whoever was seen since is spared.

Between the preview and the sending lie an approval, a grace period and hours of pace. Asking one by one would
cost up to 500 calls a batch; a question for "who was seen since D" would have to trust that an answer without
somebody means that they weren't. So Pendo is asked when those of the batch were last seen, a hundred in one
question, and whoever isn't in the answer, or can't be named in it, is looked up alone. Only one whose last
visit is known, or who isn't there any more, is sent.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.timezone import get_default_timezone

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.answers import Verdict
from compliance.connectors.pendo.client import MOST_IDS_A_QUESTION, quotable
from compliance.workflow.models import Target
from compliance.workflow.outcomes import settle
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import Outcome, Spared, TargetKind

from .fruitless import note_fruitless
from .guard import UNANSWERED, Trouble, usable
from .models import Batch, BatchKind, BatchState, Sending
from .moves import lock, step
from .planning import advance, make_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from compliance.connectors.answers import Answer
    from compliance.connectors.pendo import Account, Pendo, Visitor


def recheck(pendo: Pendo, batch: Batch, may_go_on: Callable[[], bool]) -> bool:
    """Whether the batch, without whom the policy spares by now, is to be sent. Raises `Trouble`.

    Those for whom there was no time, or no usable answer, go on as another batch. Where Pendo gives none at
    all, it waits by itself, longer each time: an erasure behind it needs no such answer.
    """
    since = _guarded_since(batch)
    if since is None:
        return True
    vault = targets_vault(batch.request)
    waiting = Target.objects.filter(sendings__batch=batch, outcome=Outcome.PENDING)
    ids = {target_id(vault, each): each for each in waiting.defer("sealed_details").order_by("pk")}
    try:
        visits = _last_visits(pendo, ids, may_go_on)
    except Trouble as trouble:
        if trouble.answer.verdict not in UNANSWERED:
            raise
        visits = {}
    seen = [ids[each].pk for each, visit in visits.items() if visit and visit >= since]
    return _keep(batch, seen=seen, unasked=[ids[each].pk for each in ids if each not in visits])


def _guarded_since(batch: Batch) -> dt.datetime | None:
    """The start of the day from which on a visit spares; None where no policy does."""
    day = batch.request.seen_before
    return dt.datetime.combine(day, dt.time(), tzinfo=get_default_timezone()) if day else None


def _last_visits(
    pendo: Pendo, ids: dict[str, Target], may_go_on: Callable[[], bool]
) -> dict[str, dt.datetime | None]:
    """When each was last seen, None for who isn't there; of some at least, of all if the slice lasts."""
    visits: dict[str, dt.datetime | None] = {}
    names = [each for each, target in ids.items() if target.kind == TargetKind.VISITOR and quotable(each)]
    for start in range(0, len(names), MOST_IDS_A_QUESTION):
        if visits and not may_go_on():
            return visits
        visits |= _asked_together(pendo, names[start : start + MOST_IDS_A_QUESTION])
    for each in [each for each in ids if each not in visits]:
        if visits and not may_go_on():
            break
        try:
            visits |= _asked_alone(pendo, each, TargetKind(ids[each].kind))
        except Trouble:
            if visits:
                break
            raise
    return visits


def _asked_together(pendo: Pendo, names: Sequence[str]) -> dict[str, dt.datetime | None]:
    answer, visits = pendo.last_visits(names)
    known = visits.items() if usable(answer) else ()
    return {each: visit for each, visit in known if visit is not None}


def _asked_alone(pendo: Pendo, name: str, kind: TargetKind) -> dict[str, dt.datetime | None]:
    answer, record = _looked_up(pendo, name, kind)
    if record:
        return {name: record.last_visit}
    known = answer.verdict is Verdict.NOT_FOUND or usable(answer)
    return {name: None} if known else {}


def _looked_up(pendo: Pendo, name: str, kind: TargetKind) -> tuple[Answer, Visitor | Account | None]:
    if kind is TargetKind.ACCOUNT:
        of_account = pendo.account(name)
        return of_account.answer, of_account.account
    of_visitor = pendo.visitor(name)
    return of_visitor.answer, of_visitor.visitor


@transaction.atomic
def _keep(batch: Batch, *, seen: Sequence[int], unasked: Sequence[int]) -> bool:
    """The batch holds whom it may; whether that is anybody, and nobody was faster."""
    lock([batch.request_id])
    if not Batch.objects.filter(pk=batch.pk, state=BatchState.READY).exists():
        return False
    if len(unasked) == batch.sendings.count():
        note_fruitless(batch)
        return False
    if seen:
        _spare(batch, seen)
    if unasked:
        _cut(batch, unasked)
    if batch.sendings.exists():
        return True
    step(batch, BatchState.EMPTY, batch=batch.number)
    advance(batch.request)
    return False


def _spare(batch: Batch, target_ids: Sequence[int]) -> None:
    settle(
        target_ids,
        request=batch.request,
        subscription=batch.subscription,
        old=Outcome.PENDING,
        new=Outcome.SPARED,
        why="seen on or after the day that the policy names, when looked at before sending",
    )
    Target.objects.filter(pk__in=target_ids).update(spared_because=Spared.SEEN_SINCE)
    Sending.objects.filter(batch=batch, target__in=target_ids).delete()


def _cut(batch: Batch, target_ids: Sequence[int]) -> None:
    """Nothing was sent of the batch, so that some of it may as well stand in another."""
    rest = make_batch(
        batch.request,
        subscription_id=batch.subscription_id,
        target_ids=[],
        kind=BatchKind(batch.kind),
        canary=batch.canary,
        parent=batch,
    )
    Sending.objects.filter(batch=batch, target__in=target_ids).update(batch=rest)
    ledger.record(
        Event.BATCH_CUT,
        chain=batch.request.chain,
        actor=ledger.SYSTEM,
        count=len(target_ids),
        batch=batch.number,
        rest=rest.number,
    )
