"""The canary: of a large production request a few are sent first, the rest once Pendo has accepted those."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.workflow.kinds import Action, traits_of
from compliance.workflow.models import Attention
from compliance.workflow.pausing import pause_request
from compliance.workflow.policy import policy_over
from compliance.workflow.previews import current_preview

from .attention import tell_of
from .models import BatchState

if TYPE_CHECKING:
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Request

    from .models import Batch


def canary_size(request: Request, subscription: Subscription) -> int:
    """How many targets go first in this subscription; 0 where all may go at once.

    Resets and readmissions can be undone by the visitor's next visit or the next request: they need none.
    """
    policy = policy_over(subscriptions=[subscription], kind=request.kind)
    if traits_of(request.kind).action is not Action.ERASE or policy.canary_over is None:
        return 0
    return policy.canary_size if current_preview(request).found > policy.canary_over else 0


def wants_canary(request: Request, subscription: Subscription) -> bool:
    """Whether the next batch of the request is the first that reaches the subscription."""
    return not request.batches.filter(subscription=subscription).exclude(state=BatchState.EMPTY).exists()


def rest_may_follow(request: Request, subscription: Subscription) -> bool:
    """Whether the subscription's canary, if there is one, was accepted, or a person lets the rest go on."""
    canaries = request.batches.filter(subscription=subscription, canary=True).exclude(state=BatchState.EMPTY)
    if all(canary.accepted_at and canary.batch_receipts.exists() for canary in canaries):
        return True
    told = request.attentions.filter(subscription=subscription, reason=Attention.Reason.CANARY_STOPPED)
    return told.exists() and not told.filter(settled_at=None).exists()


def stop_if_canary(batch: Batch) -> None:
    """Where the batch is a canary, nothing further of its request is sent, and a person is told.

    Call it in the transaction in which the batch was divided, failed, or accepted without a receipt.
    """
    if batch.canary and not batch.request.rest_cancelled_at:
        tell_of(batch, Attention.Reason.CANARY_STOPPED)
        pause_request(request=batch.request, by=None)
