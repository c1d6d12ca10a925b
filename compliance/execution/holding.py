"""Holds at the last moment: whoever is held is taken out in the transaction that writes a call down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.workflow.hold_matching import held_among, hold_back

from .models import BatchState, Sending
from .moves import step
from .planning import advance

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Set as AbstractSet

    from .models import Batch


def take_out_held(batch: Batch, target_ids: Collection[int]) -> AbstractSet[int]:
    """Those of the targets that a hold keeps back; they are held, and no longer in the batch.

    Call it with the request locked, in the transaction in which a call is written down.
    """
    held = held_among(batch.request, batch.subscription, target_ids)
    if held:
        why = f"taken out of batch {batch.number} before it was sent"
        hold_back(batch.request, batch.subscription, held, why=why)
        Sending.objects.filter(batch=batch, target__in=held).delete()
    return held.keys()


def empty(batch: Batch) -> None:
    """Nobody of the batch is left, and its request goes on to where it belongs."""
    step(batch, BatchState.EMPTY, batch=batch.number)
    advance(batch.request)
