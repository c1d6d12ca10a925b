"""A sample of a preview: some targets, drawn at random, that an officer may open before deciding.

Nobody has to: who must tick, ticks without looking, and the ledger would claim a look that never was. How
many were looked at stands in the ledger beside the approval, also when it is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.people.access import Act

from .errors import NotThisPerson, StateChanged
from .models import Preview, Request, SampleLook, Target
from .previews import current_preview
from .reach import reaches
from .states import Outcome, State

if TYPE_CHECKING:
    from collections.abc import Collection

    from compliance.people.models import Person

SAMPLE_SIZE = 50
#: Smaller previews are looked through as a whole.
SAMPLED_FROM = 10


@dataclass(frozen=True)
class Sample:
    """Some targets drawn at random, and those of them all that contradict, as far as they are shown."""

    drawn: list[Target]
    contradicting: list[Target]

    @property
    def keys(self) -> set[int]:
        """The primary keys of all that is shown."""
        return {target.pk for target in [*self.drawn, *self.contradicting]}


def sample_of(request: Request) -> Sample:
    """The sample of what would be acted on: the same as long as that stays the same."""
    # A commitment is noise to everybody without the request's key, so its order is nobody's choice.
    pending = request.targets.filter(outcome=Outcome.PENDING).select_related("subscription")
    pending = pending.order_by("commitment", "pk")
    return Sample(list(pending[:SAMPLE_SIZE]), list(pending.filter(contradicts=True)[:SAMPLE_SIZE]))


def looked_at(preview: Preview, person: Person) -> set[int]:
    """The primary keys of the targets of this preview that the person has looked at."""
    return set(preview.looks.filter(person=person).values_list("target", flat=True))


def look_counts(preview: Preview, person: Person) -> dict[str, int]:
    """How many targets the sample shows, and how many of them the person has looked at."""
    sample, seen = sample_of(preview.request), looked_at(preview, person)
    return {
        "sample": len(sample.drawn),
        "looked": sum(target.pk in seen for target in sample.drawn),
        "contradicting": len(sample.contradicting),
        "looked_contradicting": sum(target.pk in seen for target in sample.contradicting),
    }


@transaction.atomic
def keep_looks(*, request: Request, looked: Collection[int], by: Person) -> int:
    """Of what the sample shows, the person has looked at these and no others. Returns how many those are.

    Raises `Refused` for whoever doesn't approve, and once the preview isn't waiting any more.
    """
    request = Request.objects.select_for_update().get(pk=request.pk)
    if not reaches(by, Act.APPROVE, request):
        raise NotThisPerson("The sample is for privacy officers.")
    if request.state != State.PREVIEWED:
        raise StateChanged("This request isn't waiting for an approval any more.")
    preview, seen = current_preview(request), sample_of(request).keys & set(looked)
    preview.looks.filter(person=by).exclude(target__in=seen).delete()
    looks = [SampleLook(preview=preview, person=by, target_id=pk) for pk in sorted(seen)]
    SampleLook.objects.bulk_create(looks, ignore_conflicts=True)
    return len(seen)


def record_looks(preview: Preview, by: Person) -> None:
    """The ledger says how much of the sample the person had looked at. Part of an approval."""
    if preview.found < SAMPLED_FROM:
        return
    ledger.record(
        Event.SAMPLE_LOOKED,
        chain=preview.request.chain,
        actor=by.reference,
        preview=preview.number,
        **look_counts(preview, by),
    )
