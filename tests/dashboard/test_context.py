"""The frame around every page."""

import pytest

from compliance.execution.health import beat
from compliance.people.roles import Role

MENU = {
    Role.ANALYST: ["Work", "New request", "Requests", "Subscriptions", "Policy"],
    Role.OFFICER: ["Work", "New request", "Requests", "Exports", "Subscriptions", "Policy"],
    Role.LEGAL: ["Work", "Requests", "Holds", "Exports", "Subscriptions", "Policy"],
    Role.QA: ["Work"],
    Role.KEY_CUSTODIAN: ["Work", "Subscriptions"],
    Role.ADMINISTRATOR: ["Work", "Subscriptions", "Policy", "People"],
}


def frame_of(client_of, person):
    return client_of(person).get("/").context["shell"]


@pytest.mark.parametrize("role", Role)
def test_the_menu_holds_what_the_role_may_open(client_of, make_person, role):
    frame = frame_of(client_of, make_person(role))

    assert [item.label for item in frame["menu"]] == MENU[role]
    assert [item.label for item in frame["menu"] if item.current] == ["Work"]


@pytest.mark.parametrize("role", Role)
def test_every_entry_of_the_menu_opens(client_of, make_person, role):
    browser = client_of(make_person(role))

    for item in browser.get("/").context["shell"]["menu"]:
        assert browser.get(item.url).status_code == 200, item


def test_who_does_not_read_requests_does_not_search_them(client_of, make_person):
    assert not frame_of(client_of, make_person(Role.QA))["may_search"]
    assert frame_of(client_of, make_person(Role.LEGAL))["may_search"]


def test_a_silent_worker_is_told_to_everybody_and_a_working_one_is_not(client_of, analyst):
    browser = client_of(analyst)
    before = browser.get("/").content.decode()

    beat()

    assert "No worker is working" in before
    assert "No worker is working" not in browser.get("/").content.decode()


@pytest.mark.django_db
def test_strangers_are_shown_no_menu(client):
    frame = client.get("/account/login/").context["shell"]

    assert "menu" not in frame


@pytest.mark.parametrize("role", Role)
def test_secrets_made_here_are_told_to_administrators(client_of, make_person, settings, role):
    settings.SECRETS_MADE_HERE = True

    page = client_of(make_person(role)).get("/").content.decode()

    assert ("made its own secrets" in page) == (role == Role.ADMINISTRATOR)


def test_secrets_that_were_given_are_nobodys_banner(client_of, make_person, settings):
    settings.SECRETS_MADE_HERE = False

    assert "made its own secrets" not in client_of(make_person(Role.ADMINISTRATOR)).get("/").content.decode()
