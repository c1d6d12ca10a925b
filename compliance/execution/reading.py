"""The read lane: what Pendo is asked, in the order in which waiting costs most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.workflow.previews import complete_preview, keep_lookup, note_trouble, waiting_targets
from compliance.workflow.sealing import targets_vault

from .asking import ask_slice
from .looking import look_slice
from .lookups import look_for
from .receipts import receipt_slice

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription

#: In one pass, so that its results are kept soon.
MOST_IN_A_PASS = 100


def read_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Lost calls, previews, receipts, confirmations, as long as `may_go_on`. Raises `Trouble` or `Paused`."""
    ask_slice(pendo, subscription, may_go_on)
    preview_slice(pendo, subscription, may_go_on)
    receipt_slice(pendo, subscription, may_go_on)
    look_slice(pendo, subscription, may_go_on)


def preview_slice(pendo: Pendo, subscription: Subscription, may_go_on: Callable[[], bool]) -> None:
    """Targets of waiting previews are looked up as long as `may_go_on`. Raises `Trouble` or `Paused`."""
    while may_go_on() and (targets := list(waiting_targets(subscription)[:MOST_IN_A_PASS])):
        look = look_for(pendo, subscription, targets, may_go_on)
        for target, visitor in look.found:
            keep_lookup(target, targets_vault(target.request), visitor)
        if look.trouble:
            raise look.trouble
        note_trouble(subscription, "")
        for request in {target.request for target in targets}:
            complete_preview(request)
