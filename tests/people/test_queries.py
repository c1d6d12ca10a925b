"""Reads of people and their roles."""

import pytest

from compliance.people.membership import deactivate, propose_role, revoke_role
from compliance.people.queries import people_with_roles, proposals, roles_over_time, roles_to_give
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("others", [1, 8])
def test_people_with_their_roles_limits_and_absences_take_four_queries_however_many(
    make_person, django_assert_num_queries, others
):
    for _ in range(others):
        make_person(Role.ANALYST, Role.LEGAL)

    with django_assert_num_queries(4):
        roles = [[grant.role for grant in person.held] for person in people_with_roles()]

    assert roles == [["analyst", "legal"]] * others


def test_active_people_come_first(make_person):
    gone, stays = make_person(Role.ANALYST, name="Ada"), make_person(Role.ADMINISTRATOR, name="Bo")
    deactivate(person=gone, by=stays)

    assert [person.name for person in people_with_roles()] == ["Bo", "Ada"]


def test_proposals_of_deactivated_people_wait_for_nobody(make_person):
    administrator, person = make_person(Role.ADMINISTRATOR), make_person(Role.ANALYST)
    grant = propose_role(person=person, role=Role.OFFICER, by=administrator)
    assert list(proposals()) == [grant]

    deactivate(person=person, by=administrator)

    assert list(proposals()) == []


def test_roles_over_time_hold_what_was_ended_and_not_what_was_only_proposed(make_person):
    administrator, person = make_person(Role.ADMINISTRATOR), make_person(Role.ANALYST)
    propose_role(person=person, role=Role.LEGAL, by=administrator)
    propose_role(person=person, role=Role.OFFICER, by=administrator)

    revoke_role(person=person, role=Role.ANALYST, by=administrator)

    assert [(grant.role, grant.ended_at is None) for grant in roles_over_time(person)] == [
        ("legal", True),
        ("analyst", False),
    ]


def test_a_role_that_is_held_or_proposed_is_not_offered_again(make_person):
    administrator, person = make_person(Role.ADMINISTRATOR), make_person(Role.ANALYST)
    propose_role(person=person, role=Role.OFFICER, by=administrator)

    assert roles_to_give(person) == [
        Role.LEGAL,
        Role.QA,
        Role.QA_LEAD,
        Role.KEY_CUSTODIAN,
        Role.ADMINISTRATOR,
    ]
