"""Guards at the last moment: a call names nobody outside the guard of the rule that is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.workflow.guards import outside_guard
from compliance.workflow.models import Target
from compliance.workflow.states import Outcome

from .models import Sending
from .planning import settle_batch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .models import Batch


def take_out_unguarded(batch: Batch, names: Mapping[int, str]) -> set[int]:
    """Those of the targets, by their keys and ids, that the guard keeps back: failed, and out of the batch.

    The preview was compared with it, so there is none unless somebody has changed rows by hand. Call it with
    the request locked, in the transaction in which a call is written down.
    """
    outside = outside_guard(batch.request, names)
    if outside:
        why = f"outside the guard of the rule, and taken out of batch {batch.number} before it was sent"
        targets = list(Target.objects.filter(pk__in=outside).order_by("pk"))
        settle_batch(batch, Outcome.FAILED, why=why, targets=targets)
        Sending.objects.filter(batch=batch, target__in=outside).delete()
    return outside
