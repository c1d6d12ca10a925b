"""The register of other systems, the tasks of telling them, and their reminders."""

import datetime as dt

import pytest
from auditlog.models import LogEntry

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.roles import Role
from compliance.workflow.dating import name_law
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.recipients import (
    concerned,
    due_day,
    hand_over,
    keep_recipient,
    open_recipient_tasks,
    remind_of_tasks,
    tasks_of,
)
from compliance.workflow.states import Kind
from compliance.workflow.texts import texts_of
from tests.request_fixtures import events_of, recipient_facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(new_request, make_recipient):
    make_recipient(days=10)
    request = new_request()
    open_recipient_tasks(request)
    return request.recipient_tasks.get()


# -- The register --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ADMINISTRATOR])
def test_officers_and_administrators_keep_the_register_and_the_change_is_recorded(make_person, analyst, role):
    recipient = keep_recipient(recipient=None, facts=recipient_facts(analyst), by=make_person(role))

    keep_recipient(recipient=recipient, facts=recipient_facts(analyst, days=3), by=make_person(role))

    assert LogEntry.objects.get_for_object(recipient).first().changes_dict["days"] == [7, 3]


def test_an_analyst_does_not_keep_the_register(analyst):
    with pytest.raises(NotThisPerson):
        keep_recipient(recipient=None, facts=recipient_facts(analyst), by=analyst)


def test_no_two_recipients_share_a_name(make_recipient, analyst, officer):
    make_recipient(name="Mailer")

    with pytest.raises(Refused, match="already"):
        keep_recipient(recipient=None, facts=recipient_facts(analyst, name="mailer"), by=officer)


@pytest.mark.parametrize("changes", [{"kinds": []}, {"kinds": [Kind.TEST_DATA]}, {"days": 0}])
def test_bad_facts_are_refused(analyst, officer, changes):
    with pytest.raises(Refused):
        keep_recipient(recipient=None, facts=recipient_facts(analyst, **changes), by=officer)


def test_an_owner_has_to_see_requests(make_person, officer):
    with pytest.raises(Refused, match="owner"):
        keep_recipient(recipient=None, facts=recipient_facts(make_person(Role.LEGAL)), by=officer)


# -- Whom a request concerns ---------------------------------------------------------------------------------


def test_only_active_recipients_of_its_kind_and_law_are_concerned(new_request, make_recipient):
    every = make_recipient(name="Every law")
    californian = make_recipient(name="California", laws=["US_CA"])
    make_recipient(name="Asleep", active=False)
    make_recipient(name="Customers", kinds=[Kind.OFFBOARDING])

    assert concerned(new_request(law="EU_GDPR")) == [every]
    assert concerned(new_request(law="US_CA")) == [californian, every]


def test_while_the_law_is_not_known_every_law_concerns(new_request, make_recipient, analyst):
    californian = make_recipient(laws=["US_CA"])
    request = new_request(law="")

    assert concerned(request) == [californian]
    name_law(request=request, law="EU_GDPR", calendar="", by=analyst)
    request.refresh_from_db()
    assert concerned(request) == []


def test_offboarding_is_told_only_where_the_register_says_so(new_request, make_recipient):
    make_recipient()
    both = make_recipient(name="Both", kinds=[Kind.ERASURE, Kind.OFFBOARDING])

    assert concerned(new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None)) == [both]


def test_what_tells_nobody_opens_no_task(new_request, make_recipient):
    make_recipient()
    request = new_request(kind=Kind.TEST_DATA, law="", channel=None, identity=None)

    open_recipient_tasks(request)

    assert not request.recipient_tasks.exists()


# -- Until when ----------------------------------------------------------------------------------------------


def test_a_task_is_due_after_the_days_it_may_take(new_request, make_recipient):
    assert due_day(new_request(), make_recipient(days=10)) == clock.today() + dt.timedelta(days=10)


def test_a_task_is_due_before_the_answer(new_request, make_recipient):
    request = new_request()
    answer = request.clocks.get(kind="answer")

    assert due_day(request, make_recipient(days=300)) == answer.safe - dt.timedelta(days=1)


def test_a_task_that_comes_too_late_is_due_today(new_request, make_recipient):
    request = new_request(received_on=clock.today() - dt.timedelta(days=90))

    assert due_day(request, make_recipient()) == clock.today()


def test_without_a_law_only_the_days_count(new_request, make_recipient):
    request = new_request(kind=Kind.OFFBOARDING, law="", channel=None, identity=None)

    assert due_day(request, make_recipient(days=300)) == clock.today() + dt.timedelta(days=300)


# -- Tasks ---------------------------------------------------------------------------------------------------


def test_a_task_belongs_to_the_owner_of_its_recipient(task, analyst):
    assert list(tasks_of(analyst)) == [task]
    assert events_of(task.request)[-1] == "recipient:task:opened"


def test_a_task_is_handed_over(task, analyst, officer):
    hand_over(task=task, owner=officer, by=analyst)

    assert list(tasks_of(officer)) == [task]
    assert list(tasks_of(analyst)) == []
    assert events_of(task.request)[-1] == "recipient:task:handed:over"


def test_nobody_gets_a_task_who_may_not_do_it(task, make_person, analyst):
    with pytest.raises(Refused, match="owner"):
        hand_over(task=task, owner=make_person(Role.LEGAL), by=analyst)
    with pytest.raises(NotThisPerson):
        hand_over(task=task, owner=analyst, by=make_person(Role.LEGAL))


# -- Reminders -----------------------------------------------------------------------------------------------


def test_nobody_is_reminded_early(task, later):
    later(days=6)

    remind_of_tasks()

    assert "recipient:task:reminded" not in events_of(task.request)


def test_each_reminder_goes_out_once(task, later):
    later(days=7)
    remind_of_tasks()
    remind_of_tasks()
    assert events_of(task.request)[-2:] == ["recipient:task:opened", "recipient:task:reminded"]

    later(days=4)
    remind_of_tasks()
    remind_of_tasks()
    assert events_of(task.request)[-2:] == ["recipient:task:reminded", "recipient:task:overdue"]


def test_on_its_very_day_a_task_is_not_overdue(task, later):
    later(days=10)

    remind_of_tasks()

    assert events_of(task.request)[-1] == "recipient:task:reminded"


# -- The answer to who they are ------------------------------------------------------------------------------


def test_the_recipients_are_named_in_a_ready_text(task):
    text = texts_of(task.request)[0].text

    assert "- Mailer: addresses. Is being told." in text
    assert "Pendo.io" in text
    assert task.request.reference in text
