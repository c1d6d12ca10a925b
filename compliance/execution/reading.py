"""The read lane: what Pendo is asked, in the order in which waiting costs most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.connectors.pendo import Visitor
from compliance.workflow.previews import complete_preview, keep_lookup, note_trouble, waiting_targets
from compliance.workflow.sealing import targets_vault

from .asking import ask_slice
from .looking import look_slice
from .lookups import MOST_IN_A_PASS, Pass, look_for
from .receipts import receipt_slice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Target

    from .guard import Oddity


def read_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Lost calls, previews, receipts, confirmations, as long as `may_go_on`. Raises `Trouble` or `Paused`."""
    ask_slice(pendo, subscription, may_go_on)
    oddity = preview_slice(pendo, subscription, may_go_on)
    receipt_slice(pendo, subscription, may_go_on)
    look_slice(pendo, subscription, may_go_on)
    if oddity:
        raise oddity


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
            refused[look.refused.pk] = look.oddity
        note_trouble(subscription, "")
    return next(iter(refused.values()), None)


def _next_targets(subscription: Subscription, leave_out: Collection[int]) -> list[Target]:
    return list(waiting_targets(subscription).exclude(pk__in=leave_out)[:MOST_IN_A_PASS])


def _keep(look: Pass) -> None:
    for target, visitor in look.found:
        keep_lookup(target, targets_vault(target.request), visitor if isinstance(visitor, Visitor) else None)
    for request in {target.request for target, _ in look.found}:
        complete_preview(request)
