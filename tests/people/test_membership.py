"""Adding people, and giving and taking their roles."""

import pytest
from allauth.account.models import EmailAddress

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.people.membership import (
    add_person,
    confirm_role,
    deactivate,
    decline_role,
    propose_role,
    reactivate,
    revoke_role,
)
from compliance.people.models import Grant, Person
from compliance.people.roles import TWO_PERSON_ROLES, Role

pytestmark = pytest.mark.django_db
AT_ONCE = [role for role in Role if role not in TWO_PERSON_ROLES]
TWO_PERSON = [role for role in Role if role in TWO_PERSON_ROLES]


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR)


@pytest.fixture
def second(make_person):
    return make_person(Role.ADMINISTRATOR)


@pytest.fixture
def analyst(make_person):
    return make_person(Role.ANALYST)


def roles_now(person):
    return Person.objects.get(pk=person.pk).roles


def history(person):
    return [(entry.event, entry.body["actor"], entry.body["facts"]) for entry in entries_of(person.reference)]


# -- Adding ------------------------------------------------------------------------------------------------


def test_a_person_added_on_screen_holds_what_one_administrator_may_give(administrator):
    person = add_person(
        name="Bo", email="Bo@Colleagues.Example ", roles=[Role.ANALYST, Role.OFFICER], by=administrator
    )

    assert roles_now(person) == {Role.ANALYST}
    assert person.email == "bo@colleagues.example"
    assert not person.has_usable_password()
    assert EmailAddress.objects.get(user=person).verified


def test_a_person_added_by_command_line_holds_every_role_at_once():
    assert roles_now(add_person(name="Bo", email="bo@colleagues.example", roles=list(Role), by=None)) == set(
        Role
    )


def test_the_ledger_says_who_added_whom_with_what(administrator):
    person = add_person(
        name="Bo", email="bo@colleagues.example", roles=[Role.ANALYST, Role.OFFICER], by=administrator
    )

    me, they = person.reference, administrator.reference
    assert history(person) == [
        ("person:added", they, {"person": me, "roles": "analyst"}),
        ("role:granted", they, {"person": me, "role": "analyst"}),
        ("role:proposed", they, {"person": me, "role": "officer"}),
    ]


def test_the_ledger_names_neither_name_nor_address(administrator):
    person = add_person(name="Bo Cusack", email="bo@colleagues.example", roles=[Role.QA], by=administrator)

    texts = " ".join(entry.text for entry in entries_of(person.reference))
    assert "Cusack" not in texts
    assert "@" not in texts


@pytest.mark.parametrize("email", ["PERSON@colleagues.example", " person@colleagues.example"])
def test_an_address_that_is_taken_is_refused(make_person, email):
    make_person(Role.ANALYST, email="person@colleagues.example")

    with pytest.raises(Refused, match="here already"):
        add_person(name="Bo", email=email, roles=[Role.ANALYST], by=None)


@pytest.mark.parametrize("email", ["", "bo", "bo@", "bo@x y.example"])
def test_what_is_no_address_is_refused(email):
    with pytest.raises(Refused, match="not an e-mail address"):
        add_person(name="Bo", email=email, roles=[Role.ANALYST], by=None)


@pytest.mark.parametrize("name", ["", "  ", "x" * 121], ids=["empty", "spaces", "too long"])
def test_a_name_that_cannot_be_used_is_refused(name):
    with pytest.raises(Refused, match="name"):
        add_person(name=name, email="bo@colleagues.example", roles=[Role.ANALYST], by=None)


def test_a_refused_person_leaves_nothing_behind(administrator):
    before = Person.objects.count(), Grant.objects.count()

    with pytest.raises(Refused):
        add_person(name="Bo", email=administrator.email, roles=[Role.ANALYST], by=administrator)

    assert (Person.objects.count(), Grant.objects.count()) == before


# -- Giving ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in AT_ONCE if role != Role.ANALYST])
def test_a_light_role_is_held_at_once(administrator, analyst, role):
    propose_role(person=analyst, role=role, by=administrator)

    assert roles_now(analyst) == {Role.ANALYST, role}


@pytest.mark.parametrize("role", TWO_PERSON)
def test_a_weighty_role_waits_for_a_second_person(administrator, second, analyst, role):
    grant = propose_role(person=analyst, role=role, by=administrator)
    assert roles_now(analyst) == {Role.ANALYST}

    confirm_role(grant=grant, by=second)

    assert roles_now(analyst) == {Role.ANALYST, role}
    assert history(analyst)[-2:] == [
        ("role:proposed", administrator.reference, {"person": analyst.reference, "role": role.value}),
        ("role:granted", second.reference, {"person": analyst.reference, "role": role.value}),
    ]


@pytest.mark.parametrize("role", Role)
def test_nobody_gives_themselves_a_role(make_person, role):
    person = make_person(*set(Role) - {role})

    with pytest.raises(Refused, match="yourself"):
        propose_role(person=person, role=role, by=person)

    assert role not in roles_now(person)


def test_the_proposer_does_not_grant(administrator, analyst):
    grant = propose_role(person=analyst, role=Role.OFFICER, by=administrator)

    with pytest.raises(Refused, match="second administrator"):
        confirm_role(grant=grant, by=administrator)

    assert roles_now(analyst) == {Role.ANALYST}


def test_the_holder_to_be_does_not_grant(administrator, second):
    grant = propose_role(person=second, role=Role.OFFICER, by=administrator)

    with pytest.raises(Refused, match="second administrator"):
        confirm_role(grant=grant, by=second)

    assert Role.OFFICER not in roles_now(second)


def test_a_role_is_given_once(administrator, analyst):
    with pytest.raises(Refused, match="already"):
        propose_role(person=analyst, role=Role.ANALYST, by=administrator)


def test_a_role_is_proposed_once(administrator, second, analyst):
    propose_role(person=analyst, role=Role.OFFICER, by=administrator)

    with pytest.raises(Refused, match="already"):
        propose_role(person=analyst, role=Role.OFFICER, by=second)


def test_a_proposal_is_decided_once(administrator, second, analyst):
    grant = propose_role(person=analyst, role=Role.OFFICER, by=administrator)
    confirm_role(grant=grant, by=second)

    with pytest.raises(Refused, match="decided"):
        decline_role(grant=grant, by=second)
    with pytest.raises(Refused, match="decided"):
        confirm_role(grant=grant, by=second)

    assert roles_now(analyst) == {Role.ANALYST, Role.OFFICER}


@pytest.mark.parametrize("who", ["proposer", "second"])
def test_a_declined_role_is_not_held_and_can_be_proposed_again(administrator, second, analyst, who):
    grant = propose_role(person=analyst, role=Role.OFFICER, by=administrator)

    decline_role(grant=grant, by=administrator if who == "proposer" else second)

    assert roles_now(analyst) == {Role.ANALYST}
    assert history(analyst)[-1][0] == "role:declined"
    assert propose_role(person=analyst, role=Role.OFFICER, by=second)


def test_a_deactivated_person_is_given_no_role(administrator, analyst):
    deactivate(person=analyst, by=administrator)

    with pytest.raises(Refused, match="deactivated"):
        propose_role(person=analyst, role=Role.LEGAL, by=administrator)


# -- Taking ------------------------------------------------------------------------------------------------


def test_a_role_that_is_ended_is_no_longer_held(administrator, analyst):
    revoke_role(person=analyst, role=Role.ANALYST, by=administrator)

    assert roles_now(analyst) == set()
    assert history(analyst)[-1] == (
        "role:revoked",
        administrator.reference,
        {"person": analyst.reference, "role": "analyst"},
    )


@pytest.mark.parametrize("role", [Role.LEGAL, Role.OFFICER])
def test_a_role_that_is_not_held_is_not_ended(administrator, analyst, role):
    with pytest.raises(Refused, match="not held"):
        revoke_role(person=analyst, role=role, by=administrator)


def test_the_last_administrator_stays(administrator, analyst):
    propose_role(person=analyst, role=Role.ADMINISTRATOR, by=administrator)

    with pytest.raises(Refused, match="last administrator"):
        revoke_role(person=administrator, role=Role.ADMINISTRATOR, by=administrator)

    assert Role.ADMINISTRATOR in roles_now(administrator)


def test_an_administrator_may_leave_the_role_to_another(administrator, second):
    revoke_role(person=administrator, role=Role.ADMINISTRATOR, by=administrator)

    assert roles_now(administrator) == set()


def test_a_deactivated_administrator_does_not_count_as_another(administrator, second):
    deactivate(person=second, by=administrator)

    with pytest.raises(Refused, match="last administrator"):
        revoke_role(person=administrator, role=Role.ADMINISTRATOR, by=administrator)


# -- Leaving -----------------------------------------------------------------------------------------------


def test_a_deactivated_person_is_out_at_the_next_click(administrator, analyst, client_of):
    client = client_of(analyst)
    assert client.get("/account/password/change/").status_code == 200

    deactivate(person=analyst, by=administrator)

    assert client.get("/account/password/change/").url.startswith("/account/login/")
    assert not client.login(email=analyst.email, password="correct horse battery staple")
    assert history(analyst)[-1][0] == "person:deactivated"


def test_nobody_deactivates_themselves(administrator, second):
    with pytest.raises(Refused, match="yourself"):
        deactivate(person=administrator, by=administrator)


def test_a_person_is_deactivated_once(administrator, analyst):
    deactivate(person=analyst, by=administrator)

    with pytest.raises(Refused, match="already"):
        deactivate(person=analyst, by=administrator)


def test_the_last_administrator_is_not_deactivated(administrator, analyst):
    with pytest.raises(Refused, match="last administrator"):
        deactivate(person=administrator, by=analyst)


def test_with_a_person_every_role_ends(administrator, second, analyst):
    propose_role(person=analyst, role=Role.OFFICER, by=administrator)

    deactivate(person=analyst, by=second)

    assert not Grant.objects.filter(person=analyst, ended_at__isnull=True).exists()
    assert [event for event, *_ in history(analyst)][-3:] == [
        "role:revoked",
        "role:declined",
        "person:deactivated",
    ]


# -- Coming back -------------------------------------------------------------------------------------------


def test_a_reactivated_person_holds_nothing_until_it_is_given_anew(administrator, second, make_person):
    officer = make_person(Role.OFFICER)
    deactivate(person=officer, by=administrator)

    reactivate(person=officer, by=administrator)

    assert Person.objects.get(pk=officer.pk).is_active
    assert roles_now(officer) == set()
    assert history(officer)[-1] == (
        "person:reactivated",
        administrator.reference,
        {"person": officer.reference},
    )
    officer.refresh_from_db()
    grant = propose_role(person=officer, role=Role.OFFICER, by=administrator)
    assert roles_now(officer) == set()
    confirm_role(grant=grant, by=second)
    assert Person.objects.get(pk=officer.pk).roles == {Role.OFFICER}


def test_roles_left_from_an_earlier_deactivation_do_not_come_back(administrator, analyst):
    Person.objects.filter(pk=analyst.pk).update(is_active=False)

    reactivate(person=analyst, by=administrator)

    assert roles_now(analyst) == set()


def test_neither_the_old_password_nor_an_old_session_opens_anything(administrator, analyst, client_of):
    client = client_of(analyst)
    assert client.get("/").status_code == 200
    deactivate(person=analyst, by=administrator)

    reactivate(person=analyst, by=administrator)

    assert client.get("/").url.startswith("/account/login/")
    assert not client.login(email=analyst.email, password="correct horse battery staple")


def test_who_is_active_is_not_reactivated(administrator, analyst):
    with pytest.raises(Refused, match="active already"):
        reactivate(person=analyst, by=administrator)
