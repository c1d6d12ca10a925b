"""Choosing among what was found: what is spared may be ticked, what would be acted on may be left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.core.errors import Refused
from compliance.people.access import Act

from .changers import note_changer
from .errors import NotThisPerson, StateChanged
from .guards import refuse_guarded
from .models import Request, Target
from .outcomes import settle
from .previews import recount_preview
from .reach import reaches
from .states import Outcome, Spared, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from django.db.models import QuerySet

    from compliance.people.models import Person

    from .models import Preview

#: Settled in one statement: databases take only so many values in one.
SLICE = 2_000
#: With one click: all of it is one transaction, for which others who write have to wait.
MOST_AT_ONCE = 10_000
#: A policy decides about the first, and is looked at again just before sending; two people have decided about
#: the second; Pendo refuses the third.
NOT_FOR_CHOICE = frozenset({Spared.SEEN_SINCE, Spared.REFUSED, Spared.NOT_STAGED})


@transaction.atomic
def choose_targets(
    *, request: Request, by: Person, include: Collection[int] = (), exclude: Collection[int] = ()
) -> Preview:
    """Of what was found, these are acted on after all, those are left out; the preview is counted anew.

    Earlier approvals count no more, and the person doesn't approve it. All of the choice stands, or none:
    half of it could be approved by somebody else's recount. Raises `Refused`.
    """
    _begin(request, by, include, exclude)
    for some in slices(include):
        _settle(request, some, old=Outcome.SPARED, new=Outcome.PENDING, because="")
    for some in slices(exclude):
        spare(request, some, because=Spared.NOT_CHOSEN)
    return _recounted(request, by)


def choosable(request: Request, because: Spared | None) -> QuerySet[Target]:
    """Targets that are spared for this reason; without one, those that would be acted on."""
    targets = request.targets.select_related("subscription").order_by("pk")
    if because is None:
        return targets.filter(outcome=Outcome.PENDING)
    return targets.filter(outcome=Outcome.SPARED, spared_because=because)


def _begin(request: Request, by: Person, include: Collection[int], exclude: Collection[int]) -> None:
    if not reaches(by, Act.ENTER_REQUESTS, request):
        raise NotThisPerson("Your roles don't let you choose what is acted on.")
    locked = _waiting(request)
    refuse_guarded(locked)
    if not include and not exclude:
        raise Refused("Nothing is ticked.")
    for some in slices(include):
        if locked.targets.filter(pk__in=some, spared_because__in=NOT_FOR_CHOICE).exists():
            raise Refused(
                "Nobody chooses about these: the policy spares them, two people have refused them, or Pendo "
                "can't do it."
            )
    if locked.targets.filter(outcome=Outcome.PENDING).count() + len(include) <= len(exclude):
        raise Refused("Nothing would be left to be done. Cancel the request instead.")
    locked.changed_by = by
    locked.save(update_fields=["changed_by"])
    note_changer(locked, by)


def spare(request: Request, keys: Collection[int], *, because: Spared) -> None:
    """Those of the targets that would be acted on aren't, for this reason. Inside a transaction."""
    _settle(request, keys, old=Outcome.PENDING, new=Outcome.SPARED, because=because)


def _settle(
    request: Request, keys: Collection[int], *, old: Outcome, new: Outcome, because: Spared | str
) -> None:
    """Those of the targets that are still at `old` are at `new`."""
    _waiting(request)
    chosen = request.targets.filter(pk__in=keys, outcome=old)
    by_subscription: dict[int, list[int]] = {}
    for key, where in chosen.order_by("pk").values_list("pk", "subscription"):
        by_subscription.setdefault(where, []).append(key)
    for subscription in request.subscriptions.filter(pk__in=by_subscription).order_by("pk"):
        some = by_subscription[subscription.pk]
        why = "refused" if because == Spared.REFUSED else "a person chose"
        settle(some, request=request, subscription=subscription, old=old, new=new, why=why)
        Target.objects.filter(pk__in=some).update(spared_because=because)


def _recounted(request: Request, by: Person) -> Preview:
    return recount_preview(request=_waiting(request), by=by)


def _waiting(request: Request) -> Request:
    locked = Request.objects.select_for_update().get(pk=request.pk)
    if locked.state != State.PREVIEWED:
        raise StateChanged("This request isn't waiting for an approval any more. Reload the page.")
    return locked


def slices(keys: Collection[int]) -> Iterator[Sequence[int]]:
    """The keys in order, as many at a time as a statement takes."""
    ordered = sorted(set(keys))
    return (ordered[start : start + SLICE] for start in range(0, len(ordered), SLICE))
