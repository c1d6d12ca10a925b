"""Doing the tasks of telling other systems: no request is closed before the last one."""

import pytest

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.execution.telling import finish_task
from compliance.people.roles import Role
from compliance.workflow.errors import NotThisPerson, StateChanged
from compliance.workflow.models import Told
from compliance.workflow.sealing import evidence_of
from compliance.workflow.states import Kind, State
from tests.request_fixtures import events_of
from tests.workflow_fixtures import visitor

FACTS = "The backups of 2019 lie on tapes that no machine reads any more."


@pytest.fixture
def waiting(desk, make_recipient, later):
    """A request of which everything at Pendo is done, and one recipient is still to be told."""
    make_recipient()
    request = desk.executing(desk.ids(2))
    desk.finish(later)
    request.refresh_from_db()
    return request


def told(request, by, told=Told.TOLD, evidence="Ticket 17, closed"):
    finish_task(task=request.recipient_tasks.get(), told=told, evidence=evidence, by=by)


def test_a_request_is_not_closed_before_its_recipients_are_told(waiting, analyst):
    assert waiting.state == State.CONFIRMING

    told(waiting, analyst)

    waiting.refresh_from_db()
    assert waiting.state == State.CLOSED
    assert events_of(waiting)[-2:] == ["recipient:told", "request:closed"]


def test_the_last_task_does_not_close_what_pendo_has_not_done(desk, make_recipient, analyst):
    make_recipient()
    request = desk.executing(desk.ids(2))
    desk.run()

    told(request, analyst)

    request.refresh_from_db()
    assert request.state == State.CONFIRMING


def test_one_of_two_tasks_is_not_enough(desk, make_recipient, later, analyst):
    make_recipient(), make_recipient(name="Warehouse")
    request = desk.executing(desk.ids(1))
    desk.finish(later)

    for expected, task in zip([State.CONFIRMING, State.CLOSED], request.recipient_tasks.all(), strict=True):
        finish_task(task=task, told=Told.TOLD, evidence="Ticket 17", by=analyst)
        request.refresh_from_db()
        assert request.state == expected


def test_tasks_stand_from_the_beginning_of_the_execution_and_not_before(desk, make_recipient):
    make_recipient()

    assert not desk.approved(desk.ids(1)).recipient_tasks.exists()
    assert desk.executing(desk.ids(1, start=1)).recipient_tasks.count() == 1


def test_offboarding_waits_for_its_recipients_too(desk, make_recipient, later, analyst):
    make_recipient(kinds=[Kind.OFFBOARDING])
    request = desk.executing_targets(Kind.OFFBOARDING, [visitor(desk.ids(1)[0])])
    desk.finish(later)
    request.refresh_from_db()
    assert request.state == State.CONFIRMING

    told(request, analyst)

    request.refresh_from_db()
    assert request.state == State.CLOSED


def test_the_evidence_is_sealed_and_committed_to(waiting, analyst):
    told(waiting, analyst, evidence="Yolanda of Mailer wrote on the 3rd")

    task = waiting.recipient_tasks.get()
    assert evidence_of(task) == "Yolanda of Mailer wrote on the 3rd"
    assert b"Yolanda" not in bytes(task.sealed_evidence)
    assert "Yolanda" not in "".join(entry.text for entry in entries_of(waiting.chain))


@pytest.mark.parametrize("why", [Told.IMPOSSIBLE, Told.DISPROPORTIONATE])
def test_not_telling_wants_the_facts(waiting, analyst, why):
    with pytest.raises(Refused, match="facts"):
        told(waiting, analyst, told=why, evidence="too much")

    told(waiting, analyst, told=why, evidence=FACTS)

    waiting.refresh_from_db()
    assert waiting.state == State.CLOSED
    assert events_of(waiting)[-2] == "recipient:not:told"


def test_nothing_ends_without_evidence(waiting, analyst):
    with pytest.raises(Refused, match="shows"):
        told(waiting, analyst, evidence="  ")

    assert waiting.recipient_tasks.get().done_at is None


def test_a_task_is_done_once(waiting, analyst):
    task = waiting.recipient_tasks.get()
    finish_task(task=task, told=Told.TOLD, evidence="Ticket 17", by=analyst)

    with pytest.raises(StateChanged):
        finish_task(task=task, told=Told.TOLD, evidence="Ticket 18", by=analyst)


def test_legal_does_no_task(waiting, make_person):
    with pytest.raises(NotThisPerson):
        told(waiting, make_person(Role.LEGAL))
