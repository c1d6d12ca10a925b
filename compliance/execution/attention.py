"""What about a batch needs a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.workflow.attention import raise_attention

if TYPE_CHECKING:
    from compliance.workflow.models import Attention

    from .models import Batch


def tell_of(batch: Batch, reason: Attention.Reason) -> None:
    """A person is told, for the batch's request and subscription; nothing happens if they were already."""
    raise_attention(request=batch.request, subscription=batch.subscription, reason=reason)
