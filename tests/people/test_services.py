"""Services: people's accounts without a person. They hold tokens, and nothing else is theirs."""

import io

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from compliance.audit.queries import entries_of
from compliance.people.access import Act, can
from compliance.people.membership import add_person
from compliance.people.models import Person
from compliance.people.queries import possible_deputies
from compliance.people.roles import Role
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def service():
    return add_person(
        name="Bot", email="bot@example.com", roles=[Role.ANALYST, Role.OFFICER], by=None, is_service=True
    )


def test_a_service_is_added_by_command_line_and_gets_no_link():
    printed = io.StringIO()

    call_command(
        "add_person", "Bot", "--email", "bot@example.com", "--role", "analyst", "--service", stdout=printed
    )

    service = Person.objects.get()
    assert service.is_service
    assert "key" not in printed.getvalue()
    assert "add_token bot@example.com" in printed.getvalue()
    assert entries_of(service.reference).first().event == "service:added"


def test_a_service_never_approves_whatever_its_roles(service):
    assert not can(service, Act.APPROVE)
    assert can(service, Act.ENTER_REQUESTS)


def test_a_service_gets_no_mail_to_set_a_password(service):
    Client().post("/account/password/reset/", {"email": service.email})

    assert mail.outbox == []


def test_a_service_does_not_log_in_however_it_came_by_a_password(service):
    service.set_password(PASSWORD)
    service.save()
    browser = Client()

    answer = browser.post("/account/login/", {"login": service.email, "password": PASSWORD})

    assert answer.url == "/account/inactive/"
    assert browser.get("/").url.startswith("/account/login/")


def test_a_service_stands_in_for_nobody(service, analyst):
    assert service not in possible_deputies(analyst)


def test_the_page_of_a_service_says_what_it_is(client_of, make_person, service):
    page = client_of(make_person(Role.ADMINISTRATOR)).get(f"/people/{service.pk}/").content.decode()

    assert "never logs in and never approves" in page
