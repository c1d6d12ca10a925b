"""No work without the second factor that a role demands."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

from compliance.people.roles import SECOND_FACTOR_ROLES, Role

pytestmark = pytest.mark.django_db
LIGHT = sorted(set(Role) - SECOND_FACTOR_ROLES)


def logged_in(client, person):
    client.force_login(person)
    return client


@pytest.mark.parametrize("role", sorted(SECOND_FACTOR_ROLES))
def test_whoever_weighs_more_is_sent_to_set_it_up(make_person, client, role):
    answer = logged_in(client, make_person(role)).get("/")

    assert answer.url == "/account/second-factor/totp/activate/"


@pytest.mark.parametrize("role", LIGHT)
def test_others_work_without(make_person, client, role):
    assert logged_in(client, make_person(role)).get("/").status_code == 200


def test_one_weighty_role_among_others_is_enough(make_person, client):
    assert logged_in(client, make_person(*Role)).get("/").status_code == 302


def test_whoever_has_set_it_up_works(make_person, client):
    person = make_person(Role.OFFICER)
    TOTP.activate(person, generate_totp_secret())

    assert logged_in(client, person).get("/").status_code == 200


def test_sending_a_form_is_no_way_around_it(make_person, client):
    answer = logged_in(client, make_person(Role.ADMINISTRATOR)).post("/people/add/", {"name": "Bo"})

    assert answer.url == "/account/second-factor/totp/activate/"


@pytest.mark.parametrize(
    "page",
    ["/account/password/change/", "/account/logout/", "/account/second-factor/", "/account/reauthenticate/"],
)
def test_one_can_still_see_to_ones_own_account(make_person, client, page):
    assert logged_in(client, make_person(Role.OFFICER)).get(page).status_code == 200


def test_the_page_says_why_one_is_there(make_person, client):
    answer = logged_in(client, make_person(Role.OFFICER)).get("/", follow=True)

    assert "Your role needs a second factor" in answer.content.decode()


def test_the_demo_asks_for_none(make_person, client, settings):
    settings.DEMO = True

    assert logged_in(client, make_person(Role.OFFICER)).get("/").status_code == 200


def test_strangers_are_none_of_its_business(client):
    assert client.get("/account/login/").status_code == 200
