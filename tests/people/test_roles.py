"""The roles."""

from compliance.people.roles import SECOND_FACTOR_ROLES, TWO_PERSON_ROLES, Role


def test_whoever_approves_holds_keys_or_administers_needs_a_second_factor():
    assert {Role.OFFICER, Role.QA_LEAD, Role.KEY_CUSTODIAN, Role.ADMINISTRATOR} == SECOND_FACTOR_ROLES


def test_officers_and_administrators_are_made_by_two_people():
    assert {Role.OFFICER, Role.ADMINISTRATOR} == TWO_PERSON_ROLES


def test_every_role_fits_its_column():
    assert max(len(role) for role in Role) <= 20
