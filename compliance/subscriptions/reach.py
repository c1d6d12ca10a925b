"""Who reaches which subscription, and what belongs to it: as far as a grant is limited to some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model, prefetch_related_objects
from django.shortcuts import get_object_or_404

from compliance.people.access import Act, act_of, grants_for, signed_in

from .models import Subscription

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from compliance.people.models import Grant, Person

Row = TypeVar("Row", bound=Model)


def limits_of(grants: Iterable[Grant]) -> list[frozenset[int] | None]:
    """For each grant the keys of the subscriptions that it reaches; None where it reaches all of them."""
    grants = list(grants)
    # Kept on the grants, which the person keeps: asked once for each person and page, and only if need be.
    prefetch_related_objects([grant for grant in grants if grant.limited], "reaches")
    return [_limit_of(grant) if grant.limited else None for grant in grants]


def reached_subscriptions(person: Person, act: Act) -> QuerySet[Subscription]:
    """The subscriptions with which the person may do this."""
    return in_reach(Subscription.objects.all(), person, act, path="pk")


def in_reach(rows: QuerySet[Row], person: Person, act: Act, path: str = "subscription") -> QuerySet[Row]:
    """Those of the rows whose subscription, at `path`, the person may do this with."""
    limits = limits_of(grants_for(person, act))
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits):
        return rows
    return rows.filter(**{f"{path}__in": frozenset().union(*known)}) if known else rows.none()


def reaches_subscription(person: Person, act: Act, subscription: Subscription) -> bool:
    """Whether the person may do this with the subscription."""
    limits = limits_of(grants_for(person, act))
    return any(limit is None or subscription.pk in limit for limit in limits)


def reached_row_or_404(request: HttpRequest, rows: QuerySet[Row], pk: int, path: str = "subscription") -> Row:
    """The row, if whoever is logged in may do with its subscription what this view is for."""
    return get_object_or_404(in_reach(rows, signed_in(request), act_of(request), path), pk=pk)


def subscription_or_404(request: HttpRequest, pk: int) -> Subscription:
    """The subscription, if whoever is logged in may do with it what this view is for."""
    return reached_row_or_404(request, Subscription.objects.all(), pk, path="pk")


def _limit_of(grant: Grant) -> frozenset[int]:
    return frozenset(reach.subscription_id for reach in grant.reaches.all())
