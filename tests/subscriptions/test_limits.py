"""Roles for some subscriptions: given, shown, announced."""

import io

import pytest
from django.core.management import CommandError, call_command

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.notifications.mails import BY_NAME
from compliance.people.access import Act, can
from compliance.people.membership import confirm_role
from compliance.people.models import Grant, Person
from compliance.people.roles import LIMITABLE_ROLES, Role
from compliance.subscriptions.limits import give_role
from compliance.subscriptions.models import GrantReach
from compliance.subscriptions.queries import names_within
from compliance.subscriptions.reach import in_reach, reached_subscriptions, reaches_subscription


@pytest.fixture
def shop(silent_subscription):
    return silent_subscription()


def last(person):
    return list(entries_of(person.reference))[-1]


# -- Given ---------------------------------------------------------------------------------------------------


def test_a_role_for_one_subscription_reaches_that_one(make_person, shop, silent_subscription):
    other, person = silent_subscription(), make_person()
    grant = give_role(person=person, role=Role.KEY_CUSTODIAN, within=[shop], by=None)

    assert names_within(grant) == shop.name
    assert list(reached_subscriptions(person, Act.ENTER_KEYS)) == [shop]
    assert reaches_subscription(person, Act.PAUSE, shop)
    assert not reaches_subscription(person, Act.PAUSE, other)
    assert not reached_subscriptions(person, Act.APPROVE).exists()


def test_without_a_choice_it_reaches_all_also_those_to_come(make_person, shop, silent_subscription):
    person = make_person()
    grant = give_role(person=person, role=Role.ANALYST, by=None)
    later = silent_subscription()

    assert not grant.limited
    assert names_within(grant) == ""
    assert set(reached_subscriptions(person, Act.PAUSE)) == {shop, later}


def test_the_ledger_names_the_subscriptions(make_person, shop, silent_subscription):
    person, other = make_person(), silent_subscription()
    give_role(person=person, role=Role.QA, within=[other, shop], by=None)

    assert last(person).event == "role:limited"
    assert last(person).body["facts"] == {
        "role": "qa",
        "person": person.reference,
        "subscriptions": f"{shop.name}, {other.name}",
    }


@pytest.mark.parametrize("role", sorted(set(Role) - LIMITABLE_ROLES))
def test_what_is_for_all_subscriptions_is_not_limited(make_person, shop, role):
    with pytest.raises(Refused, match="for all subscriptions"):
        give_role(person=make_person(), role=role, within=[shop], by=None)

    assert not Grant.objects.filter(role=role).exists()


def test_a_proposal_is_limited_and_stays_so_when_it_is_granted(make_person, shop):
    first, second = make_person(Role.ADMINISTRATOR), make_person(Role.ADMINISTRATOR)
    person = make_person()
    proposal = give_role(person=person, role=Role.OFFICER, within=[shop], by=first)
    granted = confirm_role(grant=proposal, by=second)

    assert names_within(granted) == shop.name
    assert can(person, Act.APPROVE)
    assert not can(person, Act.LET_GO_ON)


def test_of_two_roles_the_wider_one_says_how_far_an_act_reaches(make_person, shop, silent_subscription):
    other, person = silent_subscription(), make_person(Role.ANALYST)
    give_role(person=person, role=Role.KEY_CUSTODIAN, within=[shop], by=None)

    assert set(reached_subscriptions(person, Act.PAUSE)) == {shop, other}
    assert list(reached_subscriptions(person, Act.ENTER_KEYS)) == [shop]


def test_whoever_reaches_all_is_asked_nothing_more(make_person, shop, django_assert_num_queries):
    person = make_person(Role.OFFICER)
    assert person.roles

    with django_assert_num_queries(1):
        assert list(in_reach(GrantReach.objects.all(), person, Act.PAUSE)) == []


# -- On screen -----------------------------------------------------------------------------------------------


def test_an_administrator_chooses_the_subscriptions_and_sees_them(client_of, make_person, shop):
    browser, person = client_of(make_person(Role.ADMINISTRATOR)), make_person()

    browser.post(f"/people/{person.pk}/roles/give/", {"role": "analyst", "within": [shop.pk]})

    assert names_within(person.grants.get()) == shop.name
    page, people = browser.get(f"/people/{person.pk}/"), browser.get("/people/")
    assert f"only for <strong>{shop.name}</strong>" in page.content.decode()
    assert f"Privacy analyst for {shop.name}" in people.content.decode()


def test_a_new_person_may_be_limited_at_once(client_of, make_person, shop):
    browser = client_of(make_person(Role.ADMINISTRATOR))
    values = {"name": "Bo", "email": "bo@colleagues.example", "roles": ["qa"], "within": [shop.pk]}

    assert "Only for these subscriptions" in browser.get("/people/add/").content.decode()
    browser.post("/people/add/", values)

    assert names_within(Grant.objects.get(person__email="bo@colleagues.example")) == shop.name


def test_a_choice_that_does_not_fit_the_role_is_refused_and_nothing_given(client_of, make_person, shop):
    browser, person = client_of(make_person(Role.ADMINISTRATOR)), make_person()

    page = browser.post(
        f"/people/{person.pk}/roles/give/", {"role": "legal", "within": [shop.pk]}, follow=True
    )

    assert "Legal is a role for all subscriptions" in page.content.decode()
    assert not person.grants.exists()


def test_an_unknown_subscription_keeps_what_was_typed(client_of, make_person, shop):
    browser, person = client_of(make_person(Role.ADMINISTRATOR)), make_person()

    page = browser.post(f"/people/{person.pk}/roles/give/", {"role": "analyst", "within": [99999]})

    assert page.status_code == 422
    assert "is not one of the available choices" in page.content.decode()


# -- By command ----------------------------------------------------------------------------------------------


def add(*arguments):
    printed = io.StringIO()
    call_command("add_person", "Ada", "--email", "ada@colleagues.example", *arguments, stdout=printed)
    return printed.getvalue()


def test_the_command_limits_every_role(shop):
    printed = add("--role", "analyst", "--role", "qa", "--subscription", shop.name)

    assert f"for {shop.name} only" in printed
    assert {names_within(grant) for grant in Person.objects.get().grants.all()} == {shop.name}


def test_the_command_names_a_subscription_that_there_is_not(shop):
    with pytest.raises(CommandError, match="no subscription of this name"):
        add("--role", "analyst", "--subscription", "Elsewhere")
    assert not Person.objects.exists()


# -- By mail -------------------------------------------------------------------------------------------------


def test_the_mail_about_a_weighty_role_says_for_which(make_person, shop):
    person, reader = make_person(name="Olga"), make_person(Role.OFFICER)
    give_role(person=person, role=Role.OFFICER, within=[shop], by=None)
    entry = next(each for each in entries_of(person.reference) if each.event == "role:granted")

    assert BY_NAME["role_granted"].context(entry, reader)["within"] == shop.name


def test_mail_about_a_subscription_goes_to_whoever_reaches_it(make_person, shop, silent_subscription):
    here, there, everywhere = make_person(), make_person(), make_person(Role.OFFICER)
    give_role(person=here, role=Role.OFFICER, within=[shop], by=None)
    give_role(person=there, role=Role.OFFICER, within=[silent_subscription()], by=None)
    entry = next(iter(entries_of(f"subscription/{shop.pk}")))

    assert set(BY_NAME["subscription_paused"].recipients(entry)) == {here, everywhere}


def test_mail_about_a_request_goes_to_whoever_reaches_it(make_person, previewed_request, silent_subscription):
    request = previewed_request()
    here, there = make_person(), make_person()
    give_role(person=here, role=Role.OFFICER, within=list(request.subscriptions.all()), by=None)
    give_role(person=there, role=Role.OFFICER, within=[silent_subscription()], by=None)
    entry = list(entries_of(request.chain))[-1]

    assert BY_NAME["to_decide"].recipients(entry) == [here]
