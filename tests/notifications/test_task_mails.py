"""Mail about telling other systems."""

import pytest

from compliance.notifications.tasks import deliver
from compliance.people.membership import deactivate
from compliance.people.roles import Role
from compliance.workflow.recipients import hand_over, open_recipient_tasks, remind_of_tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(new_request, make_recipient, second_officer, outbox):
    """One that the analyst looks after, beside two officers."""
    make_recipient(days=5)
    request = new_request()
    open_recipient_tasks(request)
    return request.recipient_tasks.get()


def told_of(outbox, task, words):
    """Who got a mail of which the subject begins so."""
    deliver()
    return [to for to, subject in outbox() if subject.startswith(f"Erasure Desk: {words}")]


def test_its_owner_is_told_of_a_new_task(task, outbox, analyst):
    assert told_of(outbox, task, f"tell Mailer of {task.request.reference}") == [analyst.email]


def test_its_owner_is_reminded_and_officers_hear_of_it_once_it_is_overdue(
    task, outbox, later, analyst, officer, second_officer
):
    later(days=3)
    remind_of_tasks()
    assert told_of(outbox, task, "tell Mailer") == [analyst.email] * 2

    later(days=3)
    remind_of_tasks()
    everybody = sorted([analyst.email, officer.email, second_officer.email])
    assert told_of(outbox, task, "Mailer was to be told") == everybody


def test_a_new_owner_is_told(task, outbox, analyst, officer):
    hand_over(task=task, owner=officer, by=analyst)

    assert told_of(outbox, task, "Ana Analyst handed you a task") == [officer.email]


def test_officers_are_told_where_the_owner_is_gone(
    task, outbox, analyst, officer, second_officer, make_person
):
    deactivate(person=analyst, by=make_person(Role.ADMINISTRATOR))

    assert told_of(outbox, task, "tell Mailer") == sorted([officer.email, second_officer.email])
