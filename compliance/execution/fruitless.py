"""What is tried again and again without a usable answer holds up no other, and a person is told in time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.core import clock
from compliance.core.timings import step as nth_wait
from compliance.workflow.attention import raise_attention
from compliance.workflow.models import Attention

if TYPE_CHECKING:
    from .models import Batch

#: After so many tries in a row a person is told: with the usual waits, after about three hours.
MOST_TRIES = 8


def note_fruitless(batch: Batch) -> None:
    """The batch waits, longer each time. Call it in the transaction that writes what was tried."""
    batch.asks += 1
    batch.due_at = clock.now() + dt.timedelta(seconds=nth_wait(settings.TIMINGS.retry, batch.asks))
    batch.save(update_fields=["asks", "due_at"])
    if batch.asks >= MOST_TRIES:
        raise_attention(
            request=batch.request, subscription=batch.subscription, reason=Attention.Reason.NO_ANSWER
        )


def note_progress(batch: Batch) -> None:
    """The next fruitless try counts as the first again."""
    if batch.asks:
        batch.asks = 0
        batch.save(update_fields=["asks"])
