"""The demo, made once and safe to make again."""

import pytest
from django.test import Client

from compliance.audit.models import Entry
from compliance.core.errors import Refused
from compliance.demo.building import SUBSCRIPTION, build_demo
from compliance.demo.people import PASSWORD, PEOPLE
from compliance.people.models import Person
from compliance.people.roles import Role
from compliance.subscriptions.keys import key_in_use
from compliance.subscriptions.models import Subscription


@pytest.fixture
def allowed(db, settings):
    settings.PENDO_ALLOW_CUSTOM_URL = True


@pytest.fixture
def demo(allowed, sandbox):
    build_demo(sandbox_url=sandbox.url)
    return Subscription.objects.get(name=SUBSCRIPTION)


def test_every_role_has_somebody_and_what_needs_two_has_two():
    roles = [person.role for person in PEOPLE]

    assert set(roles) == set(Role)
    assert roles.count(Role.OFFICER) == roles.count(Role.ADMINISTRATOR) == 2


def test_everybody_can_log_in_and_holds_their_role(demo, settings):
    settings.DEMO = True
    for invented in PEOPLE:
        browser = Client()
        answer = browser.post("/account/login/", {"login": invented.email, "password": PASSWORD})

        assert (answer.status_code, answer.url) == (302, "/"), invented
        assert Person.objects.get(email=invented.email).roles == {invented.role}


def test_the_subscription_answers_from_the_sandbox(demo, sandbox):
    assert demo.url == sandbox.url
    assert not demo.production
    assert key_in_use(demo) is not None
    assert demo.controls.exists()


def test_made_again_nothing_changes(demo, sandbox):
    before = Entry.objects.count()

    build_demo(sandbox_url=sandbox.url)

    assert Person.objects.count() == len(PEOPLE)
    assert Entry.objects.count() == before


def test_a_sandbox_at_another_port_is_found_again(demo):
    build_demo(sandbox_url="http://127.0.0.1:1")

    demo.refresh_from_db()
    assert demo.url == "http://127.0.0.1:1"


def test_without_a_sandbox_there_is_no_half_made_subscription(allowed):
    with pytest.raises(Refused):
        build_demo(sandbox_url="http://127.0.0.1:1")

    assert not Subscription.objects.exists()
