"""Being away for some days, with somebody who stands in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused

from .access import Act, can
from .models import Absence, Person
from .roles import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A longer absence is a slip of the keyboard, or somebody who has left.
LONGEST = dt.timedelta(days=366)


@transaction.atomic
def mark_absent(
    *, person: Person, deputy: Person, from_on: dt.date, until_on: dt.date, by: Person
) -> Absence:
    """The person is away from the first day until the last, and the deputy gets their mail, too.

    Everybody does this for themselves, an administrator for others. Raises `Refused`.
    """
    # Locked: two absences at the same moment would both see no other.
    person = Person.objects.select_for_update().get(pk=person.pk)
    _refuse_stranger(person, by)
    _refuse_bad_deputy(person, deputy)
    _refuse_bad_days(person, from_on, until_on)
    absence = Absence.objects.create(
        person=person, deputy=deputy, from_on=from_on, until_on=until_on, marked_by=by
    )
    _record(Event.ABSENCE_MARKED, absence, by)
    return absence


@transaction.atomic
def end_absence(*, absence: Absence, by: Person) -> None:
    """The person is back, or stays after all. Raises `Refused` for an absence that is over."""
    _refuse_stranger(absence.person, by)
    standing = Absence.objects.standing().select_for_update().filter(pk=absence.pk).first()
    if standing is None:
        raise Refused("This absence is over already.")
    standing.ended_at = clock.now()
    standing.save(update_fields=["ended_at"])
    _record(Event.ABSENCE_ENDED, standing, by)


def shortcomings(absence: Absence) -> list[str]:
    """What the deputy can't do, in sentences."""
    deputy, missing = absence.deputy, absence.person.roles - absence.deputy.roles
    sentences = []
    if missing:
        labels = ", ".join(role.label for role in Role if role in missing)
        sentences.append(
            f"{deputy.name} doesn't hold {labels}: gets the mail, but can't do what that role does. An "
            "administrator can give a role for these days."
        )
    if _overlapping(deputy, absence.from_on, absence.until_on):
        sentences.append(f"{deputy.name} is marked absent on some of these days, too.")
    return sentences


def with_deputies(people: Iterable[Person]) -> list[Person]:
    """These people and whoever stands in today for those of them who are away, and so on."""
    found = {person.pk: person for person in people}
    away = set(found)
    while away:
        deputies = Person.objects.filter(
            is_active=True, stands_in__in=Absence.objects.current().filter(person__in=away)
        )
        more = {deputy.pk: deputy for deputy in deputies if deputy.pk not in found}
        found |= more
        away = set(more)
    return list(found.values())


def _record(event: Event, absence: Absence, by: Person) -> None:
    ledger.record(
        event,
        chain=absence.person.reference,
        actor=by.reference,
        person=absence.person.reference,
        from_on=ledger.as_fact(absence.from_on),
        until_on=ledger.as_fact(absence.until_on),
        deputy=absence.deputy.reference,
    )


def _overlapping(person: Person, from_on: dt.date, until_on: dt.date) -> bool:
    standing = Absence.objects.standing().filter(person=person)
    return standing.filter(from_on__lte=until_on, until_on__gte=from_on).exists()


def _refuse_stranger(person: Person, by: Person) -> None:
    if by != person and not can(by, Act.MANAGE_PEOPLE):
        raise Refused("Only this person or an administrator says when this person is away.")


def _refuse_bad_deputy(person: Person, deputy: Person) -> None:
    if not person.is_active:
        raise Refused("This person is deactivated, so isn't expected here anyway.")
    if deputy == person:
        raise Refused("Nobody stands in for themselves. Choose a colleague.")
    if not deputy.is_active:
        raise Refused("The deputy is deactivated. Choose a colleague who can log in.")


def _refuse_bad_days(person: Person, from_on: dt.date, until_on: dt.date) -> None:
    if until_on < from_on:
        raise Refused("The last day lies before the first one.")
    if until_on < clock.today():
        raise Refused("The last day is over already.")
    if until_on - from_on > LONGEST:
        raise Refused("An absence lasts a year at most. Somebody who has left is deactivated instead.")
    if _overlapping(person, from_on, until_on):
        raise Refused("These days overlap with an absence that stands already. End that one first.")
