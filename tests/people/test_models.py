"""People and grants."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from compliance.core import clock
from compliance.people.membership import add_person
from compliance.people.models import Grant, Person
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db


def test_people_are_found_in_whatever_case_their_address_is_typed():
    person = add_person(name="Ada", email="Ada@Colleagues.Example", roles=[], by=None)

    assert Person.objects.get_by_natural_key(" ADA@colleagues.example ") == person


def test_nobody_is_found_without_an_address():
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get_by_natural_key(None)


def test_the_text_of_a_person_names_neither_name_nor_address(make_person):
    person = make_person(Role.ANALYST, name="Ada Byron", email="ada@colleagues.example")

    assert str(person) == person.reference == f"person/{person.pk}"
    assert repr(person) == f"<Person: person/{person.pk}>"


def test_roles_are_those_granted_and_not_ended(make_person):
    person = make_person(Role.ANALYST, Role.LEGAL)
    Grant.objects.create(person=person, role=Role.OFFICER, proposed_by=make_person(Role.ADMINISTRATOR))
    Grant.objects.filter(person=person, role=Role.LEGAL).update(ended_at=clock.now())

    again = Person.objects.get(pk=person.pk)

    assert again.roles == {Role.ANALYST}
    assert again.role_labels == ["Privacy analyst"]


def test_a_role_is_held_since_it_was_granted(make_person):
    person = make_person(Role.OFFICER)

    assert person.holds_since(Role.OFFICER) == person.grants.get().granted_at
    assert person.holds_since(Role.LEGAL) is None


@pytest.mark.parametrize(
    ("role", "needed"),
    [
        (Role.ANALYST, False),
        (Role.OFFICER, True),
        (Role.LEGAL, False),
        (Role.QA, False),
        (Role.KEY_CUSTODIAN, True),
        (Role.ADMINISTRATOR, True),
    ],
)
def test_a_second_factor_is_needed_for_the_roles_that_weigh_more(make_person, role, needed):
    assert make_person(role).needs_second_factor is needed


def test_holding_finds_active_people_with_one_of_the_roles(make_person):
    officer, analyst = make_person(Role.OFFICER), make_person(Role.ANALYST, Role.LEGAL)
    make_person(Role.QA)
    gone = make_person(Role.OFFICER)
    gone.is_active = False
    gone.save()

    assert set(Person.objects.holding([Role.OFFICER, Role.LEGAL])) == {officer, analyst}


def test_a_role_is_held_or_proposed_once_at_a_time(make_person):
    person = make_person(Role.ANALYST)

    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(person=person, role=Role.ANALYST)


def test_a_person_whom_something_names_is_not_deleted(make_person):
    with pytest.raises(ProtectedError):
        make_person(Role.ANALYST).delete()
