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

from django.db.models import Model, Q
from django.shortcuts import get_object_or_404

from compliance.people.access import MAY, Act, act_of, can, signed_in
from compliance.people.roles import Role

from .errors import NotThisPerson
from .kinds import KINDS_FOR_TESTS
from .models import Request
from .states import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

Row = TypeVar("Row", bound=Model)

#: They are there for tests, and reach nothing else.
ROLES_FOR_TESTS = frozenset({Role.QA, Role.QA_LEAD})


@dataclass(frozen=True)
class Span:
    """How far one role reaches."""

    kinds: frozenset[Kind]

    @property
    def is_whole(self) -> bool:
        """Whether it reaches every request."""
        return self.kinds == _EVERY_KIND

    def holds(self, kind: str) -> bool:
        """Whether it reaches a request of this kind."""
        return kind in self.kinds

    def condition(self, path: str) -> Q:
        """What rows that lead to a request by `path` have to fulfil."""
        return Q() if self.kinds == _EVERY_KIND else Q(**{f"{path}kind__in": self.kinds})


_EVERY_KIND = frozenset(Kind)


def spans_of(person: Person, act: Act) -> list[Span]:
    """How far each role reaches that lets the person do this; a service, besides, only what it entered."""
    if not can(person, act):
        return []
    roles = person.roles & MAY[act]
    return [Span(KINDS_FOR_TESTS if role in ROLES_FOR_TESTS else _EVERY_KIND) for role in roles]


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
    spans, before = spans_of(person, act), f"{path}__" if path else ""
    if not spans:
        return rows.none()
    if person.is_service:
        rows = rows.filter(**{f"{before}entered_by": person})
    if any(span.is_whole for span in spans):
        return rows
    return rows.filter(reduce(or_, (span.condition(before) for span in spans)))


def reaches_all(person: Person, act: Act) -> bool:
    """Whether the person may do this with every request there is or will be."""
    return not person.is_service and any(span.is_whole for span in spans_of(person, act))


def reaches(person: Person, act: Act, request: Request) -> bool:
    """Whether the person may do this with the request."""
    if person.is_service and request.entered_by_id != person.pk:
        return False
    return any(span.holds(request.kind) for span in spans_of(person, act))


def kinds_entered_by(person: Person) -> list[Kind]:
    """The kinds of request that the person may enter, in the order of their table."""
    spans = spans_of(person, Act.ENTER_REQUESTS)
    return [kind for kind in Kind if any(kind in span.kinds for span in spans)]


def refuse_out_of_reach(person: Person, *, kind: Kind, subscriptions: Collection[Subscription]) -> None:
    """Raises `NotThisPerson` for whoever may not enter a request of this kind for these subscriptions."""
    spans = spans_of(person, Act.ENTER_REQUESTS)
    if not spans:
        raise NotThisPerson("Your roles don't let you enter or change requests.")
    if not any(kind in span.kinds for span in spans):
        raise NotThisPerson("Your roles let you enter only requests about tests.")


def reached_in(request: HttpRequest, rows: QuerySet[Row], path: str = "request") -> QuerySet[Row]:
    """Those of the rows with whose request whoever is logged in may do what this view is for."""
    return within_reach(rows, signed_in(request), act_of(request), path)


def request_or_404(request: HttpRequest, reference: str) -> Request:
    """The request with this reference, if whoever is logged in may do with it what this view is for."""
    return get_object_or_404(reached_by(signed_in(request), act_of(request)), reference=reference)
