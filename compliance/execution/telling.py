"""Doing the task of telling another system. The last one may be what a request waits for to be closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.workflow.models import Told
from compliance.workflow.recipients import WANTS_FACTS, locked_task
from compliance.workflow.sealing import EVIDENCE, correspondence_vault

from .planning import advance

if TYPE_CHECKING:
    from compliance.people.models import Person
    from compliance.workflow.models import RecipientTask

#: "None." or "n/a" shows nobody why a recipient was left out.
FEWEST_CHARACTERS = 20


@transaction.atomic
def finish_task(*, task: RecipientTask, told: Told, evidence: str, by: Person) -> None:
    """The recipient was told, or isn't for this reason; the request is closed if nothing else was left.

    Raises `Refused` without evidence, and for a reason that nothing is said for.
    """
    task, evidence = locked_task(task, by), evidence.strip()
    _refuse_empty(told, evidence)
    vault = correspondence_vault(task.request)
    task.told, task.sealed_evidence = told, vault.seal(evidence, purpose=EVIDENCE)
    task.done_at, task.done_by = clock.now(), by
    task.save(update_fields=["told", "sealed_evidence", "done_at", "done_by"])
    event = Event.RECIPIENT_TOLD if told == Told.TOLD else Event.RECIPIENT_NOT_TOLD
    why = {} if told == Told.TOLD else {"why": Told(told).value.replace("_", " ")}
    ledger.record(
        event,
        chain=task.request.chain,
        actor=by.reference,
        task=task.pk,
        recipient=task.recipient.name,
        evidence=vault.commit("reason", evidence).hex(),
        **why,
    )
    advance(task.request)


def _refuse_empty(told: Told, evidence: str) -> None:
    if not evidence:
        raise Refused(
            "Say what shows that it was told: a ticket's number, an answer, or who said so and when."
        )
    if told in WANTS_FACTS and len(evidence) < FEWEST_CHARACTERS:
        raise Refused("Say in detail why: the law wants the facts, not a word. A sentence or two will do.")
