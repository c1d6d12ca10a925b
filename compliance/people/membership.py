"""Adding people, and giving and taking their roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused

from .expiry import write_down
from .models import Grant, Person
from .roles import LIMITABLE_ROLES, TWO_PERSON_ROLES, Role
from .tokens import revoke_all_tokens

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection


@transaction.atomic
def add_person(
    *,
    name: str,
    email: str,
    roles: Collection[Role],
    by: Person | None,
    is_service: bool = False,
    limited: bool = False,
) -> Person:
    """The person can set a password and holds the roles; on screen, weighty roles wait for a second person.

    `by` is None for the command line, which belongs to whoever owns the machine. A service never logs in: its
    address is where mail about it goes. `limited` is as for `propose_role`. Raises `Refused`.
    """
    address = email.strip().lower()
    _refuse_bad_name(name.strip())
    _refuse_bad_address(address)
    person = Person(email=address, name=name.strip(), is_service=is_service)
    person.set_unusable_password()
    person.save()
    EmailAddress.objects.create(user=person, email=address, primary=True, verified=True)
    at_once = [role for role in roles if by is None or role not in TWO_PERSON_ROLES]
    ledger.record(
        Event.SERVICE_ADDED if is_service else Event.PERSON_ADDED,
        chain=person.reference,
        actor=_name(by),
        person=person.reference,
        roles=", ".join(at_once) or "none",
    )
    for role in roles:
        propose_role(person=person, role=role, by=by, limited=limited)
    return person


@transaction.atomic
def propose_role(
    *,
    person: Person,
    role: Role,
    by: Person | None,
    ends_on: dt.date | None = None,
    limited: bool = False,
) -> Grant:
    """The role is granted, or, if it weighs much and a person asks on screen, waits for a second person.

    With `ends_on` it is held until the end of that day. If it is `limited`, it reaches only the subscriptions
    that `subscriptions.limits` then names. Raises `Refused` when the role is held or proposed
    already, for a deactivated person, and when people would raise themselves.
    """
    if by == person:
        raise Refused("You cannot give yourself a role. Ask another administrator.")
    if not person.is_active:
        raise Refused("This person is deactivated, so can't be given a role.")
    if limited and role not in LIMITABLE_ROLES:
        raise Refused(f"{role.label} is a role for all subscriptions: give it without choosing some.")
    _refuse_past(ends_on)
    write_down(Grant.objects.expired().filter(person=person, role=role))
    if Grant.objects.filter(person=person, role=role, ended_at__isnull=True).exists():
        raise Refused("This role is held or proposed already.")
    grant = Grant.objects.create(person=person, role=role, proposed_by=by, ends_on=ends_on, limited=limited)
    if by is None or role not in TWO_PERSON_ROLES:
        return _granted(grant, by)
    _record(grant, by, lasting=Event.ROLE_PROPOSED, until=Event.ROLE_PROPOSED_UNTIL)
    return grant


@transaction.atomic
def confirm_role(*, grant: Grant, by: Person) -> Grant:
    """The proposed role is held from now on. Raises `Refused` for the proposer and for the person raised."""
    grant = _still_proposed(grant)
    if by in {grant.proposed_by, grant.person}:
        raise Refused("A second administrator has to grant this role: not its proposer, not its holder.")
    _refuse_past(grant.ends_on)
    return _granted(grant, by)


@transaction.atomic
def decline_role(*, grant: Grant, by: Person) -> None:
    """The proposal is gone. Its proposer may take it back, too."""
    _end(_still_proposed(grant), Event.ROLE_DECLINED, by)


@transaction.atomic
def revoke_role(*, person: Person, role: Role, by: Person) -> None:
    """The role is no longer held. Raises `Refused` for the last administrator."""
    # All holders are locked, in order: two administrators who end each other's role wait for one another.
    holders = Grant.objects.active().select_for_update().filter(role=role).order_by("pk")
    grant = next((held for held in holders if held.person_id == person.pk), None)
    if grant is None:
        raise Refused("This role is not held.")
    _refuse_last_administrator(person, role)
    _end(grant, Event.ROLE_REVOKED, by)


@transaction.atomic
def deactivate(*, person: Person, by: Person) -> None:
    """The person can't log in any more, holds no role and no token; open sessions end with the next click."""
    if person == by:
        raise Refused("You cannot deactivate yourself.")
    if not person.is_active:
        raise Refused("This person is deactivated already.")
    _refuse_last_administrator(person, Role.ADMINISTRATOR)
    _end_all_roles(person, by)
    person.is_active = False
    person.save(update_fields=["is_active"])
    revoke_all_tokens(person=person, by=by)
    ledger.record(
        Event.PERSON_DEACTIVATED, chain=person.reference, actor=by.reference, person=person.reference
    )


@transaction.atomic
def reactivate(*, person: Person, by: Person) -> None:
    """The person can set a new password and log in again, and holds no role until one is given anew.

    The old password is gone, and with it every session that was open when the person was deactivated.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.is_active:
        raise Refused("This person is active already.")
    # Whoever was deactivated before roles were ended with it may still hold some.
    _end_all_roles(person, by)
    person.is_active = True
    person.set_unusable_password()
    person.save(update_fields=["is_active", "password"])
    ledger.record(
        Event.PERSON_REACTIVATED, chain=person.reference, actor=by.reference, person=person.reference
    )


def _granted(grant: Grant, by: Person | None) -> Grant:
    grant.granted_by, grant.granted_at = by, clock.now()
    grant.save(update_fields=["granted_by", "granted_at"])
    _record(grant, by, lasting=Event.ROLE_GRANTED, until=Event.ROLE_GRANTED_UNTIL)
    return grant


def _record(grant: Grant, by: Person | None, *, lasting: Event, until: Event) -> None:
    """The entry says until when, where the role has a last day."""
    chain, actor = grant.person.reference, _name(by)
    if grant.ends_on:
        day = ledger.as_fact(grant.ends_on)
        ledger.record(until, chain=chain, actor=actor, role=grant.role, person=chain, ends_on=day)
    else:
        ledger.record(lasting, chain=chain, actor=actor, role=grant.role, person=chain)


def _end(grant: Grant, event: Event, by: Person) -> None:
    grant.ended_at = clock.now()
    grant.save(update_fields=["ended_at"])
    chain = grant.person.reference
    ledger.record(event, chain=chain, actor=by.reference, role=grant.role, person=chain)


def _end_all_roles(person: Person, by: Person) -> None:
    write_down(Grant.objects.expired().filter(person=person))
    left = Grant.objects.select_for_update().filter(person=person, ended_at__isnull=True)
    for grant in left.order_by("pk"):
        _end(grant, Event.ROLE_REVOKED if grant.granted_at else Event.ROLE_DECLINED, by)


def _refuse_past(ends_on: dt.date | None) -> None:
    if ends_on and ends_on < clock.today():
        raise Refused("The last day of this role is over already. Propose it anew with a later one.")


def _still_proposed(grant: Grant) -> Grant:
    found = Grant.objects.proposed().select_for_update().filter(pk=grant.pk).first()
    if found is None:
        raise Refused("Somebody has decided about this role already. Reload the page.")
    return found


def _refuse_bad_name(name: str) -> None:
    try:
        Person._meta.get_field("name").clean(name, None)
    except ValidationError as error:
        raise Refused(f"The name can't be used. {' '.join(error.messages)}") from error


def _refuse_bad_address(address: str) -> None:
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(f"{address!r} is not an e-mail address.") from error
    if Person.objects.filter(email=address).exists():
        raise Refused("A person with this e-mail address is here already.")


def _refuse_last_administrator(person: Person, role: Role) -> None:
    # Locked, so that two administrators can't end each other's role at the same moment. Who holds the role
    # until a day doesn't count: after that day there would be none.
    held = (
        Grant.objects.active()
        .select_for_update()
        .filter(role=Role.ADMINISTRATOR, person__is_active=True, ends_on__isnull=True)
    )
    holders = {grant.person_id for grant in held}
    if role == Role.ADMINISTRATOR and holders == {person.pk}:
        raise Refused(
            "This is the last administrator; one with a last day doesn't count. Make another one first."
        )


def _name(by: Person | None) -> str:
    return by.reference if by else ledger.COMMAND_LINE
