"""The order of every queue of work: kinds by their rank, and within one the earliest `send_by` first.

A date alone wouldn't do: whoever clears test data names the day, and a million test visitors with an early
one would stand before a person's erasure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Case, F, IntegerField, Value, When

from .kinds import TRAITS

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable


def rank_of(request: str = "") -> Case:
    """The rank of a request's kind; `request` is the way to it, as `request__`, or empty for itself."""
    kinds: dict[int, list[str]] = {}
    for kind, traits in TRAITS.items():
        kinds.setdefault(traits.rank, []).append(kind)
    whens = [When(**{f"{request}kind__in": several}, then=Value(rank)) for rank, several in kinds.items()]
    return Case(*whens, output_field=IntegerField())


def most_urgent(request: str = "") -> tuple[Combinable, ...]:
    """What to order by first, so that the most urgent request comes first."""
    return rank_of(request), F(f"{request}send_by")
