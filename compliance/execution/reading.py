"""The read lane: what Pendo is asked, in the order in which waiting costs most."""

from __future__ import annotations

import time
from itertools import count
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.workflow.listings import due_listings
from compliance.workflow.offerings import due_offerings
from compliance.workflow.previews import complete_preview, keep_lookup, note_trouble, waiting_targets
from compliance.workflow.scans import due_scans
from compliance.workflow.sealing import targets_vault

from .asking import ask_slice, uncertain_batches
from .listing import list_slice
from .looking import batches_to_look_at, draw_slice, look_slice, scanned_batches
from .lookups import MOST_IN_A_PASS, Pass, look_for
from .offering import offer_slice
from .receipts import due_receipts, receipt_slice
from .scanning import scan_slice
from .watching import watch_slice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Target

    from .guard import Oddity


def read_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Lost calls, previews, receipts, confirmations, scans, and last the watch, as long as `may_go_on`.

    However much one sort of work has to do, each with something due has its share of every slice. Raises
    `Trouble` or `Paused`.
    """
    end = time.monotonic() + settings.TIMINGS.slice
    oddity = None
    wait = [due(subscription).exists() for due, _ in STAGES]
    for number, (_, work) in enumerate(STAGES):
        share = _share(end, 1 / (1 + sum(wait[number + 1 :])), may_go_on)
        oddity = work(pendo, subscription, share) or oddity
    watch_slice(pendo, subscription, may_go_on, others_wait=lambda: _others_wait(subscription))
    if oddity:
        raise oddity


def _others_wait(subscription: Subscription) -> bool:
    return any(due(subscription).exists() for due in BEFORE_THE_WATCH)


def _share(end: float, part: float, may_go_on: Callable[[], bool]) -> Callable[[], bool]:
    """Like `may_go_on`, until so much of the time left is over; but for at least one step."""
    now = time.monotonic()
    own_end, steps = now + (end - now) * part, count()
    return lambda: may_go_on() and (next(steps) == 0 or time.monotonic() < own_end)


def preview_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> Oddity | None:
    """Targets of waiting previews are looked up as long as `may_go_on`. Raises `Trouble` or `Paused`.

    Those that Pendo gives no usable answer for are left for another slice; the first such answer is returned.
    """
    refused: dict[int, Oddity] = {}
    while may_go_on() and (targets := _next_targets(subscription, leave_out=refused)):
        look = look_for(pendo, subscription, targets, may_go_on)
        _keep(look)
        if look.oddity and look.asked_too_often:
            raise look.oddity
        if look.oddity and look.refused:
            refused |= {target.pk: look.oddity for target in _of_the_same(look.refused)}
        note_trouble(subscription, "")
    return next(iter(refused.values()), None)


def _next_targets(subscription: Subscription, leave_out: Collection[int]) -> list[Target]:
    """The next targets, one for each visitor: several may be about the same."""
    waiting = waiting_targets(subscription).exclude(pk__in=leave_out)[:MOST_IN_A_PASS]
    return list(
        {(target.request_id, bytes(target.digest), target.everybody): target for target in waiting}.values()
    )


def _of_the_same(target: Target) -> list[Target]:
    """The target and whatever else waits for the same visitor: other guides."""
    if target.everybody:
        return [target]
    return list(
        waiting_targets(target.subscription).filter(
            request=target.request, kind=target.kind, digest=target.digest, everybody=False
        )
    )


def _keep(look: Pass) -> None:
    for found, record in look.found:
        vault = targets_vault(found.request)
        for target in _of_the_same(found):
            keep_lookup(target, vault, record, look.guides)
    for request in {target.request for target, _ in look.found}:
        complete_preview(request)


#: What there is to do in the order in which waiting costs most, and what does it.
STAGES = (
    (uncertain_batches, ask_slice),
    # Two questions, while somebody looks at a form.
    (due_offerings, offer_slice),
    (waiting_targets, preview_slice),
    (due_receipts, receipt_slice),
    (scanned_batches, draw_slice),
    (batches_to_look_at, look_slice),
    (due_listings, list_slice),
    (due_scans, scan_slice),
)
#: What the watch leaves the lane to.
BEFORE_THE_WATCH = tuple(due for due, _ in STAGES)
