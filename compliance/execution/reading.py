"""The read lane: what Pendo is asked, in the order in which waiting costs most."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.workflow.previews import complete_preview, keep_lookup, note_trouble, waiting_targets
from compliance.workflow.scans import due_scans
from compliance.workflow.sealing import targets_vault

from .asking import ask_slice, uncertain_batches
from .looking import batches_to_look_at, look_slice, scanned_batches
from .lookups import MOST_IN_A_PASS, Pass, look_for
from .receipts import due_receipts, receipt_slice
from .scanning import scan_slice
from .watching import watch_slice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Target

    from .guard import Oddity


#: What the watch leaves the lane to.
BEFORE_THE_WATCH = (
    uncertain_batches,
    waiting_targets,
    due_receipts,
    batches_to_look_at,
    scanned_batches,
    due_scans,
)


def read_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Lost calls, previews, receipts, confirmations, scans, and last the watch, as long as `may_go_on`.

    A scan may take minutes: it leaves half of each slice to the others, and gets at least a page of each.
    Raises `Trouble` or `Paused`.
    """
    others_may = _for_half_a_slice(may_go_on) if due_scans(subscription).exists() else may_go_on
    ask_slice(pendo, subscription, others_may)
    oddity = preview_slice(pendo, subscription, others_may)
    receipt_slice(pendo, subscription, others_may)
    look_slice(pendo, subscription, others_may)
    scan_slice(pendo, subscription, may_go_on)
    watch_slice(pendo, subscription, may_go_on, others_wait=lambda: _others_wait(subscription))
    if oddity:
        raise oddity


def _others_wait(subscription: Subscription) -> bool:
    return any(due(subscription).exists() for due in BEFORE_THE_WATCH)


def _for_half_a_slice(may_go_on: Callable[[], bool]) -> Callable[[], bool]:
    end = time.monotonic() + settings.TIMINGS.slice / 2
    return lambda: time.monotonic() < end and may_go_on()


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
