"""Who reaches which request: a role lets somebody do something, and only as far as it reaches.

So reach belongs to an act: it is what those of a person's roles reach that let them do just this. Every door
to a request, and every list of what belongs to requests, goes through here. Existence isn't told: what is out
of reach is not found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Exists, Model, OuterRef, Q
from django.shortcuts import get_object_or_404

from compliance.people.access import Act, act_of, grants_for, signed_in
from compliance.people.roles import Role
from compliance.subscriptions.models import Subscription
from compliance.subscriptions.reach import limits_of

from .errors import NotThisPerson
from .kinds import KINDS_FOR_TESTS
from .models import Request
from .states import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from compliance.people.models import Person

Row = TypeVar("Row", bound=Model)

#: They are there for tests, and reach nothing else.
ROLES_FOR_TESTS = frozenset({Role.QA, Role.QA_LEAD})


@dataclass(frozen=True)
class Span:
    """How far one grant reaches: which kinds, and of requests in which subscriptions; None for all."""

    kinds: frozenset[Kind]
    subscriptions: frozenset[int] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it reaches every request."""
        return self.kinds == _EVERY_KIND and self.subscriptions is None

    def holds(self, kind: str, subscriptions: Collection[int]) -> bool:
        """Whether it reaches a request of this kind, all of whose subscriptions these are."""
        return kind in self.kinds and self.covers(subscriptions)

    def covers(self, subscriptions: Collection[int]) -> bool:
        """Whether it reaches all of these subscriptions."""
        return self.subscriptions is None or self.subscriptions.issuperset(subscriptions)

    def condition(self, path: str) -> Q:
        """What rows that lead to a request by `path` have to fulfil."""
        before = f"{path}__" if path else ""
        condition = Q() if self.kinds == _EVERY_KIND else Q(**{f"{before}kind__in": self.kinds})
        if self.subscriptions is None:
            return condition
        links = Request.subscriptions.through.objects.filter(request=OuterRef(path or "pk"))
        inside = links.filter(subscription__in=self.subscriptions)
        outside = links.exclude(subscription__in=self.subscriptions)
        return condition & Q(Exists(inside)) & ~Q(Exists(outside))


_EVERY_KIND = frozenset(Kind)


def spans_of(person: Person, act: Act) -> list[Span]:
    """How far each grant reaches that lets the person do this; a service, besides, only what it entered."""
    grants = grants_for(person, act)
    return [
        Span(KINDS_FOR_TESTS if grant.role in ROLES_FOR_TESTS else _EVERY_KIND, limit)
        for grant, limit in zip(grants, limits_of(grants), strict=True)
    ]


def visible_to(person: Person) -> QuerySet[Request]:
    """The requests that the person may read."""
    return reached_by(person, Act.READ_REQUESTS)


def reached_by(person: Person, act: Act) -> QuerySet[Request]:
    """The requests with which the person may do this."""
    return within_reach(Request.objects.all(), person, act, path="")


def within_reach(
    rows: QuerySet[Row], person: Person, act: Act = Act.READ_REQUESTS, path: str = "request"
) -> QuerySet[Row]:
    """Those of the rows whose request, at `path`, the person may do this with. Empty: they are requests.

    For whoever reaches everything, the rows are asked for as they are: no index is lost.
    """
    spans = spans_of(person, act)
    if not spans:
        return rows.none()
    if person.is_service:
        rows = rows.filter(**{f"{path}__entered_by" if path else "entered_by": person})
    if any(span.is_whole for span in spans):
        return rows
    return rows.filter(reduce(or_, (span.condition(path) for span in spans)))


def reaches_all(person: Person, act: Act) -> bool:
    """Whether the person may do this with every request there is or will be."""
    return not person.is_service and any(span.is_whole for span in spans_of(person, act))


def reaches(person: Person, act: Act, request: Request) -> bool:
    """Whether the person may do this with the request."""
    if person.is_service and request.entered_by_id != person.pk:
        return False
    spans = spans_of(person, act)
    if any(span.is_whole for span in spans):
        return True
    named = set(request.subscriptions.values_list("pk", flat=True)) if spans else set()
    return any(span.holds(request.kind, named) for span in spans)


def kinds_entered_by(person: Person) -> list[Kind]:
    """The kinds of request that the person may enter, in the order of their table."""
    spans = spans_of(person, Act.ENTER_REQUESTS)
    return [kind for kind in Kind if any(kind in span.kinds for span in spans)]


def subscriptions_entered_by(person: Person, kind: Kind) -> QuerySet[Subscription]:
    """The subscriptions for which the person may enter a request of this kind."""
    spans = [span for span in spans_of(person, Act.ENTER_REQUESTS) if kind in span.kinds]
    if any(span.subscriptions is None for span in spans):
        return Subscription.objects.all()
    keys: set[int] = set().union(*(span.subscriptions or () for span in spans))
    return Subscription.objects.filter(pk__in=keys)


def refuse_out_of_reach(person: Person, *, kind: Kind, subscriptions: Collection[Subscription]) -> None:
    """Raises `NotThisPerson` for whoever may not enter a request of this kind for these subscriptions."""
    spans = spans_of(person, Act.ENTER_REQUESTS)
    if not spans:
        raise NotThisPerson("Your roles don't let you enter or change requests.")
    spans = [span for span in spans if kind in span.kinds]
    if not spans:
        raise NotThisPerson("Your roles let you enter only requests about tests.")
    named = {subscription.pk for subscription in subscriptions}
    if not any(span.covers(named) for span in spans):
        raise NotThisPerson("Your roles don't reach all of these subscriptions. Choose only those they do.")


def reached_in(request: HttpRequest, rows: QuerySet[Row], path: str = "request") -> QuerySet[Row]:
    """Those of the rows with whose request whoever is logged in may do what this view is for."""
    return within_reach(rows, signed_in(request), act_of(request), path)


def request_or_404(request: HttpRequest, reference: str) -> Request:
    """The request with this reference, if whoever is logged in may do with it what this view is for."""
    return get_object_or_404(reached_by(signed_in(request), act_of(request)), reference=reference)
