"""Giving a role for some subscriptions only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.people import membership

from .models import GrantReach

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from compliance.people.models import Grant, Person
    from compliance.people.roles import Role

    from .models import Subscription


@transaction.atomic
def give_role(
    *,
    person: Person,
    role: Role,
    by: Person | None,
    within: Collection[Subscription] = (),
    ends_on: dt.date | None = None,
) -> Grant:
    """As `membership.propose_role`; with `within`, the role reaches these subscriptions only."""
    grant = membership.propose_role(person=person, role=role, by=by, ends_on=ends_on, limited=bool(within))
    if within:
        _limit(grant, within, by)
    return grant


@transaction.atomic
def add_person(
    *,
    name: str,
    email: str,
    roles: Collection[Role],
    by: Person | None,
    within: Collection[Subscription] = (),
    is_service: bool = False,
) -> Person:
    """As `membership.add_person`; with `within`, every role reaches these subscriptions only."""
    person = membership.add_person(
        name=name, email=email, roles=roles, by=by, is_service=is_service, limited=bool(within)
    )
    for grant in person.grants.order_by("pk") if within else ():
        _limit(grant, within, by)
    return person


def _limit(grant: Grant, within: Collection[Subscription], by: Person | None) -> None:
    for each in within:
        GrantReach.objects.create(grant=grant, subscription=each)
    ledger.record(
        Event.ROLE_LIMITED,
        chain=grant.person.reference,
        actor=by.reference if by else ledger.COMMAND_LINE,
        role=grant.role,
        person=grant.person.reference,
        subscriptions=", ".join(sorted(each.name for each in within)),
    )
