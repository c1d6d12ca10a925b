"""The list of tasks, and where else they are shown."""

import pytest
from django.urls import reverse

from compliance.execution.telling import finish_task
from compliance.people.roles import Role
from compliance.workflow.models import Told
from compliance.workflow.recipients import hand_over, open_recipient_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def make_task(new_request, make_recipient):
    """`make_task(name)`: of a request of its own, for a recipient of its own."""

    def make(name):
        recipient = make_recipient(name=name)
        request = new_request()
        open_recipient_tasks(request)
        return request.recipient_tasks.get(recipient=recipient)

    return make


def shown(browser, query=""):
    page = browser.get(f"/tasks/{query}")
    return [task.recipient.name for task in page.context["page"].rows]


def test_open_tasks_are_listed_and_done_ones_on_their_own_tab(make_task, client_of, analyst):
    browser = client_of(analyst)
    task = make_task("Mailer")
    assert shown(browser) == ["Mailer"]

    finish_task(task=task, told=Told.TOLD, evidence="Ticket 17", by=analyst)

    assert shown(browser) == []
    assert shown(browser, "?done=1") == ["Mailer"]


def test_tasks_are_filtered(make_task, client_of, analyst, officer, later):
    mailer, warehouse = make_task("Mailer"), make_task("Warehouse")
    hand_over(task=warehouse, owner=officer, by=analyst)
    browser = client_of(analyst)

    assert shown(browser, f"?recipient={warehouse.recipient_id}") == ["Warehouse"]
    assert set(shown(browser, "?mine=on")) == {"Mailer"}
    assert shown(browser, "?due=overdue") == []
    later(days=30)
    assert mailer.recipient.name in shown(client_of(analyst), "?due=overdue")


def test_the_list_costs_the_same_for_many(make_task, client_of, analyst, django_assert_max_num_queries):
    browser = client_of(analyst)
    make_task("Mailer")
    browser.get("/tasks/")
    with django_assert_max_num_queries(30) as one:
        browser.get("/tasks/")

    for number in range(3):
        make_task(f"Mailer {number}")

    with django_assert_max_num_queries(len(one)):
        browser.get("/tasks/")


def test_ones_own_tasks_stand_on_the_work_page(make_task, client_of, analyst, officer):
    task = make_task("Mailer")

    assert reverse("task", args=[task.pk]) in client_of(analyst).get("/").content.decode()
    assert reverse("task", args=[task.pk]) not in client_of(officer).get("/").content.decode()


def test_the_page_of_a_request_shows_its_tasks_with_their_evidence(make_task, client_of, analyst):
    task = make_task("Mailer")
    browser = client_of(analyst)
    browser.post(reverse("task", args=[task.pk]), {"told": "told", "evidence": "Ticket 4711"})

    page = browser.get(reverse("request", args=[task.request.reference])).content.decode()

    assert "Ticket 4711" in page


def test_before_it_is_sent_a_request_says_who_will_be_told(new_request, make_recipient, client_of, analyst):
    make_recipient(name="Mailer")
    request = new_request()

    page = client_of(analyst).get(reverse("request", args=[request.reference])).content.decode()

    assert "these are told, too: Mailer." in page


def test_a_task_without_facts_stays_with_what_was_typed(make_task, client_of, analyst):
    task = make_task("Mailer")

    answer = client_of(analyst).post(
        reverse("task", args=[task.pk]), {"told": "impossible", "evidence": "tapes"}
    )

    assert answer.status_code == 422
    assert "tapes" in answer.content.decode()


def test_legal_reads_a_task_and_is_offered_no_form(make_task, client_of, make_person):
    task = make_task("Mailer")

    page = client_of(make_person(Role.LEGAL)).get(reverse("task", args=[task.pk])).content.decode()

    assert "Hand over" not in page


def test_an_administrator_keeps_the_register_on_screen(client_of, make_person, analyst):
    browser = client_of(make_person(Role.ADMINISTRATOR))
    values = {"name": "Mailer", "holds": "addresses", "told_by": "ticket", "owner": analyst.pk, "days": "7"}

    assert browser.post("/recipients/add/", values).status_code == 422
    assert browser.post("/recipients/add/", values | {"kinds": ["erasure"]}).status_code == 302
    assert "no: not told" in browser.get("/recipients/").content.decode()
