"""After a call that left open what Pendo has: ask Pendo, settle, and only then send again.

Whether Pendo has a batch shows in two places: its open deletion requests (where they name ids), and the
Do-Not-Process list, which ids join at the moment a deletion is requested (Pendo support 13857784403611).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.connectors.answers import Verdict
from compliance.connectors.pendo.client import quotable
from compliance.core import clock
from compliance.core.timings import step as nth_wait
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Attention, Target
from compliance.workflow.sealing import details_of, target_id, targets_vault
from compliance.workflow.states import Outcome

from .guard import Trouble, recognise
from .meaning import BULK_DELETE, Meaning
from .models import Batch, BatchState
from .moves import step
from .planning import advance, make_batch, settle_batch, targets_of
from .receipts import accept

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Deletion, Pendo
    from compliance.subscriptions.models import Subscription


@dataclass(frozen=True)
class Knowledge:
    """What Pendo has of a batch: the targets it has queued, the receipt that names some of them."""

    queued: list[Target] = field(repr=False)
    others: list[Target] = field(repr=False)
    deletion: Deletion | None = None
    #: Whether not being on the Do-Not-Process list says anything of the others: not if they stood on it before.
    conclusive: bool = True


def uncertain_batches(subscription: Subscription) -> QuerySet[Batch]:
    """Batches to be asked about now."""
    return (
        Batch.objects.filter(subscription=subscription, state=BatchState.UNCERTAIN, due_at__lte=clock.now())
        .select_related("request", "subscription")
        .order_by("due_at")
    )


def ask_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Uncertain batches are asked about for as long as `may_go_on`. Raises `Trouble` or `Paused`."""
    if not uncertain_batches(subscription).exists():
        return
    recognise(pendo, subscription)
    answer, deletions = pendo.open_deletions()
    if not answer.ok:
        raise Trouble(answer)
    while may_go_on() and (batch := uncertain_batches(subscription).first()):
        _settle(batch, _knowledge(pendo, batch, deletions))


def _knowledge(pendo: Pendo, batch: Batch, deletions: list[Deletion]) -> Knowledge:
    vault = targets_vault(batch.request)
    targets = {target_id(vault, target): target for target in targets_of(batch)}
    naming = next((deletion for deletion in deletions if deletion.ids & targets.keys()), None)
    named = naming.ids & targets.keys() if naming else frozenset()
    # A visitor that was on the list before this call proves nothing by standing on it.
    telling = {
        visitor_id
        for visitor_id, target in targets.items()
        if not batch.resent and not details_of(vault, target).get("do_not_process")
    }
    # Refused alone, with an id that is on the list: Pendo documents one cause, that it is queued already.
    listed = set(targets) if _refused_alone(batch, targets) else telling
    queued = named | _on_do_not_process(pendo, listed - named)
    own = _in_our_queue(batch, targets.values())
    has = {name for name, target in targets.items() if name in queued or target.pk in own}
    return Knowledge(
        queued=[targets[name] for name in targets if name in has],
        others=[targets[name] for name in targets if name not in has],
        deletion=naming,
        conclusive=not has and telling == set(targets),
    )


def _refused_alone(batch: Batch, targets: Collection[str]) -> bool:
    return len(targets) == 1 and _last_meaning(batch) is Meaning.ASK_WHICH


def _last_meaning(batch: Batch) -> Meaning:
    return BULK_DELETE[Verdict(batch.calls.values_list("verdict", flat=True).latest("pk"))]


def _in_our_queue(batch: Batch, targets: Iterable[Target]) -> set[int]:
    """Those of the targets that another batch of ours, accepted and not done, holds too."""
    elsewhere = Target.objects.filter(
        subscription=batch.subscription,
        sendings__batch__state=BatchState.ACCEPTED,
        digest__in=[bytes(target.digest) for target in targets],
    ).exclude(sendings__batch=batch)
    digests = {bytes(digest) for digest in elsewhere.values_list("digest", flat=True)}
    return {target.pk for target in targets if bytes(target.digest) in digests}


def _on_do_not_process(pendo: Pendo, wanted: set[str]) -> set[str]:
    """Those of the ids that are marked Do Not Process, by one paged pass over Pendo's list."""
    found: set[str] = set()
    after = ""
    while wanted - found:
        answer, page = pendo.do_not_process(after=after)
        if not answer.ok:
            raise Trouble(answer)
        found |= wanted.intersection(page)
        onward = next((visitor_id for visitor_id in reversed(page) if quotable(visitor_id)), "")
        if onward <= after:
            break
        after = onward
    return found


@transaction.atomic
def _settle(batch: Batch, known: Knowledge) -> None:
    if not known.others:
        accept(batch, known.deletion, how="found at Pendo when asked")
    elif _last_meaning(batch) is Meaning.ASK_WHICH:
        _divide(batch, known)
    elif _had_time(batch, known):
        _release(batch, known)
    else:
        _ask_later(batch)
    advance(batch.request)


def _had_time(batch: Batch, known: Knowledge) -> bool:
    """A "not there" counts once Pendo had time to show it; an inconclusive answer only after a day."""
    age = clock.now() - (batch.sent_at or clock.now())
    wait = settings.TIMINGS.settle_after if known.conclusive else settings.TIMINGS.inconclusive_after
    return age >= dt.timedelta(seconds=wait) and batch.asks > 0


def _release(batch: Batch, known: Knowledge) -> None:
    settle_batch(batch, Outcome.PENDING, why="Pendo was asked and does not have them")
    how = "asked; not in its queue" if known.conclusive else "asked; inconclusive for a day"
    step(batch, BatchState.READY, changes={"due_at": clock.now()}, batch=batch.number, how=how)


def _ask_later(batch: Batch) -> None:
    batch.asks += 1
    batch.due_at = clock.now() + dt.timedelta(seconds=nth_wait(settings.TIMINGS.ask, batch.asks + 1))
    batch.save(update_fields=["asks", "due_at"])


def _divide(batch: Batch, known: Knowledge) -> None:
    """A batch refused as a whole: what Pendo has is accepted, the rest goes on without it.

    If nothing of it is known to Pendo, it is halved, until the one target that Pendo refuses stands alone.
    """
    if not known.queued and len(known.others) == 1:
        _give_up(batch)
        return
    settle_batch(batch, Outcome.PENDING, why="the batch was divided")
    parts = [known.others] if known.queued else _halves(known.others)
    step(
        batch,
        BatchState.SPLIT,
        batch=batch.number,
        known=len(known.queued),
        parts=len(parts) + bool(known.queued),
    )
    for part in parts:
        _child(batch, part)
    if known.queued:
        _accept_child(batch, known)


def _accept_child(batch: Batch, known: Knowledge) -> None:
    child = _child(batch, known.queued, state=BatchState.UNCERTAIN)
    accept(child, known.deletion, how="queued at Pendo before")


def _child(batch: Batch, targets: list[Target], state: BatchState = BatchState.READY) -> Batch:
    return make_batch(
        batch.request,
        subscription_id=batch.subscription_id,
        target_ids=[target.pk for target in targets],
        parent=batch,
        resent=batch.resent,
        state=state,
    )


def _halves(targets: list[Target]) -> list[list[Target]]:
    middle = len(targets) // 2
    return [targets[:middle], targets[middle:]]


def _give_up(batch: Batch) -> None:
    why = "Pendo refuses this one visitor, and does not have it in its queue"
    settle_batch(batch, Outcome.FAILED, why=why)
    step(batch, BatchState.FAILED, batch=batch.number, why=why)
    raise_attention(
        request=batch.request, subscription=batch.subscription, reason=Attention.Reason.BATCH_REFUSED
    )
