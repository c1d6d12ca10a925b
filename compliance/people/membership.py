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

from .models import Grant, Person
from .roles import TWO_PERSON_ROLES, Role
from .tokens import revoke_all_tokens

if TYPE_CHECKING:
    from collections.abc import Collection


@transaction.atomic
def add_person(
    *, name: str, email: str, roles: Collection[Role], by: Person | None, is_service: bool = False
) -> Person:
    """The person can set a password and holds the roles; on screen, weighty roles wait for a second person.

    `by` is None for the command line, which belongs to whoever owns the machine. A service never logs in: its
    address is where mail about it goes. Raises `Refused`.
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
        propose_role(person=person, role=role, by=by)
    return person


@transaction.atomic
def propose_role(*, person: Person, role: Role, by: Person | None) -> Grant:
    """The role is granted, or, if it weighs much and a person asks on screen, waits for a second person.

    Raises `Refused` when the role is held or proposed already, for a deactivated person, and when people
    would raise themselves.
    """
    if by == person:
        raise Refused("You cannot give yourself a role. Ask another administrator.")
    if not person.is_active:
        raise Refused("This person is deactivated, so can't be given a role.")
    if Grant.objects.filter(person=person, role=role, ended_at__isnull=True).exists():
        raise Refused("This role is held or proposed already.")
    grant = Grant.objects.create(person=person, role=role, proposed_by=by)
    if by is None or role not in TWO_PERSON_ROLES:
        return _granted(grant, by)
    ledger.record(
        Event.ROLE_PROPOSED, chain=person.reference, actor=_name(by), role=role, person=person.reference
    )
    return grant


@transaction.atomic
def confirm_role(*, grant: Grant, by: Person) -> Grant:
    """The proposed role is held from now on. Raises `Refused` for the proposer and for the person raised."""
    grant = _still_proposed(grant)
    if by in {grant.proposed_by, grant.person}:
        raise Refused("A second administrator has to grant this role: not its proposer, not its holder.")
    return _granted(grant, by)


@transaction.atomic
def decline_role(*, grant: Grant, by: Person) -> None:
    """The proposal is gone. Its proposer may take it back, too."""
    grant = _still_proposed(grant)
    _end(grant)
    ledger.record(
        Event.ROLE_DECLINED,
        chain=grant.person.reference,
        actor=by.reference,
        role=grant.role,
        person=grant.person.reference,
    )


@transaction.atomic
def revoke_role(*, person: Person, role: Role, by: Person) -> None:
    """The role is no longer held. Raises `Refused` for the last administrator."""
    # All holders are locked, in order: two administrators who end each other's role wait for one another.
    holders = Grant.objects.active().select_for_update().filter(role=role).order_by("pk")
    grant = next((held for held in holders if held.person_id == person.pk), None)
    if grant is None:
        raise Refused("This role is not held.")
    _refuse_last_administrator(person, role)
    _end(grant)
    ledger.record(
        Event.ROLE_REVOKED, chain=person.reference, actor=by.reference, role=role, person=person.reference
    )


@transaction.atomic
def deactivate(*, person: Person, by: Person) -> None:
    """The person can't log in any more; open sessions end with the next click, and API tokens at once."""
    if person == by:
        raise Refused("You cannot deactivate yourself.")
    if not person.is_active:
        raise Refused("This person is deactivated already.")
    _refuse_last_administrator(person, Role.ADMINISTRATOR)
    person.is_active = False
    person.save(update_fields=["is_active"])
    revoke_all_tokens(person=person, by=by)
    ledger.record(
        Event.PERSON_DEACTIVATED, chain=person.reference, actor=by.reference, person=person.reference
    )


def _granted(grant: Grant, by: Person | None) -> Grant:
    grant.granted_by, grant.granted_at = by, clock.now()
    grant.save(update_fields=["granted_by", "granted_at"])
    ledger.record(
        Event.ROLE_GRANTED,
        chain=grant.person.reference,
        actor=_name(by),
        role=grant.role,
        person=grant.person.reference,
    )
    return grant


def _end(grant: Grant) -> None:
    grant.ended_at = clock.now()
    grant.save(update_fields=["ended_at"])


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
    # Locked, so that two administrators can't end each other's role at the same moment.
    held = Grant.objects.active().select_for_update().filter(role=Role.ADMINISTRATOR, person__is_active=True)
    holders = {grant.person_id for grant in held}
    if role == Role.ADMINISTRATOR and holders == {person.pk}:
        raise Refused("This is the last administrator. Make another one first.")


def _name(by: Person | None) -> str:
    return by.reference if by else ledger.COMMAND_LINE
