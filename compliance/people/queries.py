"""Reads of people and their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Prefetch

from .models import Absence, Grant, Person, Token
from .roles import Role

if TYPE_CHECKING:
    from django.db.models import QuerySet


def people_with_roles() -> QuerySet[Person]:
    """Everybody, active people first, each with `held`: the roles held now, and `away`: absences today."""
    # For which subscriptions a role is limited stands in a room above: its rows are fetched along by name.
    active = Grant.objects.active().prefetch_related("reaches__subscription").order_by("granted_at", "pk")
    held = Prefetch("grants", queryset=active, to_attr="held")
    current = Absence.objects.current().select_related("deputy")
    away = Prefetch("absences", queryset=current, to_attr="away")
    return Person.objects.prefetch_related(held, away).order_by("-is_active", "name", "pk")


def proposals() -> QuerySet[Grant]:
    """Roles of active people that wait for a second person, the oldest first."""
    waiting = Grant.objects.proposed().filter(person__is_active=True)
    return waiting.select_related("person", "proposed_by").order_by("proposed_at")


def roles_over_time(person: Person) -> QuerySet[Grant]:
    """Every role that the person was ever given, the newest first."""
    given = Grant.objects.filter(person=person, granted_at__isnull=False)
    return given.select_related("granted_by").order_by("-granted_at", "-pk")


def roles_to_give(person: Person) -> list[Role]:
    """The roles that the person neither holds nor is proposed for."""
    grants = Grant.objects.filter(person=person, ended_at__isnull=True)
    taken = {grant.role for grant in grants if not (grant.granted_at and grant.is_over)}
    return [role for role in Role if role not in taken]


def standing_absences(person: Person) -> QuerySet[Absence]:
    """The person's absences, under way or to come."""
    return Absence.objects.standing().filter(person=person).select_related("person", "deputy")


def stood_in_for(person: Person) -> QuerySet[Absence]:
    """Absences today in which this person stands in."""
    return Absence.objects.current().filter(deputy=person).select_related("person")


def possible_deputies(person: Person) -> list[Person]:
    """Everybody else who can log in, each with `held`: the roles held now."""
    return list(people_with_roles().filter(is_active=True, is_service=False).exclude(pk=person.pk))


def tokens_of(person: Person) -> QuerySet[Token]:
    """The person's API tokens, the newest first."""
    return Token.objects.filter(person=person).select_related("person", "allowed_by", "revoked_by")


def all_tokens() -> QuerySet[Token]:
    """Everybody's API tokens, the newest first."""
    return Token.objects.select_related("person", "allowed_by", "revoked_by")


def waiting_tokens() -> QuerySet[Token]:
    """API tokens that an administrator has to allow, the oldest first."""
    return Token.objects.waiting().select_related("person").order_by("made_at", "pk")
