"""Roles until a day."""

import datetime as dt

import pytest
import time_machine

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act, can
from compliance.people.membership import confirm_role, deactivate, propose_role, revoke_role
from compliance.people.models import Grant, Person
from compliance.people.queries import roles_to_give
from compliance.people.roles import Role
from compliance.people.tasks import end_expired_roles

pytestmark = pytest.mark.django_db


def day(number):
    return clock.today() + dt.timedelta(days=number)


def in_days(number):
    return time_machine.travel(clock.now() + dt.timedelta(days=number))


def events(person):
    return [entry.event for entry in entries_of(person.reference)]


def as_of_now(person):
    return Person.objects.get(pk=person.pk)


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR)


@pytest.fixture
def second(make_person):
    return make_person(Role.ADMINISTRATOR)


@pytest.fixture
def temporary(administrator, second, make_person):
    """An analyst who is an officer today and tomorrow."""
    person = make_person(Role.ANALYST)
    grant = propose_role(person=person, role=Role.OFFICER, by=administrator, ends_on=day(1))
    confirm_role(grant=grant, by=second)
    return person


def test_a_weighty_role_until_a_day_waits_for_a_second_person_as_ever(administrator, make_person):
    person = make_person(Role.ANALYST)

    propose_role(person=person, role=Role.OFFICER, by=administrator, ends_on=day(1))

    assert Role.OFFICER not in as_of_now(person).roles
    assert events(person)[-1] == "role:proposed:until"


def test_a_light_role_may_have_a_last_day_too(administrator, make_person):
    person = make_person(Role.ANALYST)

    propose_role(person=person, role=Role.LEGAL, by=administrator, ends_on=day(0))

    assert Role.LEGAL in as_of_now(person).roles
    with in_days(1):
        assert Role.LEGAL not in as_of_now(person).roles


@pytest.mark.parametrize(("days", "holds"), [(0, True), (1, True), (2, False)])
def test_the_role_is_held_until_the_end_of_its_last_day_and_not_a_moment_longer(temporary, days, holds):
    with in_days(days):
        person = as_of_now(temporary)
        held = Role.OFFICER in person.roles
        approves = can(person, Act.APPROVE)
        found = Person.objects.holding([Role.OFFICER]).filter(pk=person.pk).exists()

    assert (held, approves, found) == (holds, holds, holds)


def test_the_end_is_written_down_once_as_of_midnight(temporary):
    with in_days(5):
        end_expired_roles()
        end_expired_roles()

    grant = Grant.objects.get(person=temporary, role=Role.OFFICER)
    (entry,) = [entry for entry in entries_of(temporary.reference) if entry.event == "role:expired"]
    assert clock.timezone.localtime(grant.ended_at).replace(tzinfo=None) == dt.datetime.combine(
        day(2), dt.time.min
    )
    assert entry.body["actor"] == "system"
    assert entry.body["facts"]["ends_on"] == day(1).isoformat()


def test_nothing_is_written_down_before_the_end(temporary):
    with in_days(1):
        end_expired_roles()

    assert "role:expired" not in events(temporary)
    assert Role.OFFICER in as_of_now(temporary).roles


def test_a_role_that_has_ended_by_itself_can_be_given_again_at_once(temporary, administrator):
    with in_days(2):
        assert Role.OFFICER in roles_to_give(temporary)
        propose_role(person=temporary, role=Role.OFFICER, by=administrator)

    assert events(temporary)[-2:] == ["role:expired", "role:proposed"]


def test_a_role_that_has_ended_by_itself_is_not_ended_again(temporary, administrator):
    with in_days(2), pytest.raises(Refused, match="not held"):
        revoke_role(person=temporary, role=Role.OFFICER, by=administrator)


def test_a_temporary_role_may_be_ended_sooner(temporary, administrator):
    revoke_role(person=temporary, role=Role.OFFICER, by=administrator)

    with in_days(5):
        end_expired_roles()

    assert events(temporary)[-1] == "role:revoked"


@pytest.mark.parametrize("ends_on", [-1, -100])
def test_a_last_day_that_is_over_is_refused(administrator, make_person, ends_on):
    with pytest.raises(Refused, match="over already"):
        propose_role(person=make_person(), role=Role.LEGAL, by=administrator, ends_on=day(ends_on))


def test_a_proposal_whose_last_day_is_over_is_not_granted(administrator, second, make_person):
    grant = propose_role(person=make_person(), role=Role.OFFICER, by=administrator, ends_on=day(1))

    with in_days(2), pytest.raises(Refused, match="over already"):
        confirm_role(grant=grant, by=second)


def test_an_administrator_with_a_last_day_does_not_count_as_another(make_person):
    stays = make_person(Role.ADMINISTRATOR)
    lent = make_person()
    propose_role(person=lent, role=Role.ADMINISTRATOR, by=None, ends_on=day(1))

    with pytest.raises(Refused, match="last administrator"):
        revoke_role(person=stays, role=Role.ADMINISTRATOR, by=lent)
    with pytest.raises(Refused, match="last administrator"):
        deactivate(person=stays, by=lent)
    revoke_role(person=lent, role=Role.ADMINISTRATOR, by=stays)

    assert as_of_now(stays).roles == {Role.ADMINISTRATOR}
