"""The frame around every page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.core import clock
from compliance.execution.health import beat
from compliance.people.access import MAY, Act
from compliance.people.roles import Role
from compliance.subscriptions.models import PauseReason, Subscription
from compliance.subscriptions.pausing import pause
from compliance.workflow.models import Request
from compliance.workflow.reach import ROLES_FOR_TESTS

MENU = {
    Role.ANALYST: [
        "Work",
        "New request",
        "Requests",
        "Watch",
        "Subscriptions",
        "Policy",
        "Laws",
        "Incidents",
        "Recipients",
    ],
    Role.OFFICER: [
        "Work",
        "New request",
        "Requests",
        "Watch",
        "Clean-up",
        "Exports",
        "Subscriptions",
        "Policy",
        "Laws",
        "Incidents",
        "Recipients",
    ],
    Role.LEGAL: [
        "Work",
        "Requests",
        "Watch",
        "Clean-up",
        "Holds",
        "Exports",
        "Subscriptions",
        "Policy",
        "Laws",
        "Incidents",
        "Recipients",
    ],
    Role.QA: ["Work", "New request", "Requests", "Clean-up"],
    Role.QA_LEAD: ["Work", "New request", "Requests", "Clean-up"],
    Role.KEY_CUSTODIAN: ["Work", "Subscriptions"],
    Role.ADMINISTRATOR: ["Work", "Subscriptions", "Policy", "Laws", "Recipients", "Webhooks", "People"],
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
    assert not frame_of(client_of, make_person(Role.KEY_CUSTODIAN))["may_search"]
    assert frame_of(client_of, make_person(Role.LEGAL))["may_search"]


def test_a_silent_worker_is_told_to_everybody_and_a_working_one_is_not(client_of, analyst):
    browser = client_of(analyst)
    before = browser.get("/").content.decode()

    beat()

    assert "No worker is working" in before
    assert "No worker is working" not in browser.get("/").content.decode()


def test_a_subscription_that_pendo_does_not_answer_for_is_told_to_everybody(
    client_of, make_person, silent_subscription, new_request
):
    subscription = silent_subscription()
    request = new_request(subscriptions=[subscription])
    Request.objects.filter(pk=request.pk).update(send_by=clock.today())
    Subscription.objects.filter(pk=subscription.pk).update(silent_since=clock.now())

    for role in Role:
        page = client_of(make_person(role)).get("/").content.decode()

        assert f"Pendo hasn’t answered for {subscription.name} since" in page
        assert ("can’t wait for the next working day" in page) == (role not in ROLES_FOR_TESTS)
        reads = role in MAY[Act.READ_REQUESTS] - ROLES_FOR_TESTS
        assert ('href="/endangered/"' in page) == reads


def test_a_paused_subscription_is_not_said_to_be_silent(client_of, analyst, silent_subscription):
    subscription = silent_subscription()
    Subscription.objects.update(silent_since=clock.now())
    pause(subscription=subscription, reason=PauseReason.PERSON, by=None)

    assert "hasn’t answered" not in client_of(analyst).get("/").content.decode()


def test_what_has_no_frame_asks_for_nothing_of_it(client_of, make_person):
    browser = client_of(make_person(Role.QA))

    assert "execution_heartbeat" in queries_of(browser, "/", status=200)
    assert "execution_heartbeat" not in queries_of(browser, "/people/", status=403)


def queries_of(browser, url, *, status):
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == status
    return str(asked.captured_queries)


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
