"""Other systems that hold the same data: their register, and the tasks of telling them of a request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.law import ClockKind
from compliance.people.access import MAY, Act, can
from compliance.people.models import Person

from .errors import NotThisPerson, StateChanged
from .kinds import KINDS_WITH_RECIPIENTS, traits_of
from .models import Recipient, RecipientTask, Request, Told
from .reach import reaches

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

#: Days before its due day on which the owner of an open task is reminded.
REMINDED_BEFORE = 3
LONGEST_DAYS = 365
#: For these it has to be shown why.
WANTS_FACTS = frozenset({Told.IMPOSSIBLE, Told.DISPROPORTIONATE})


# -- The register --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RecipientFacts:
    """What the register says about a recipient."""

    name: str
    holds: str
    told_by: str
    owner: Person
    days: int
    kinds: Sequence[str]
    #: Empty: every law.
    laws: Sequence[str]
    active: bool = True


@transaction.atomic
def keep_recipient(*, recipient: Recipient | None, facts: RecipientFacts, by: Person) -> Recipient:
    """The register says this about the recipient, or has a new one; the change record says who changed it.

    Tasks that are open stay as they are. Raises `Refused`.
    """
    if not can(by, Act.CHANGE_RECIPIENTS):
        raise NotThisPerson("Only an administrator or a privacy officer says who is told of an erasure.")
    _refuse_bad_facts(facts, besides=recipient)
    kept = Recipient.objects.select_for_update().get(pk=recipient.pk) if recipient else Recipient()
    for name, value in vars(facts).items():
        setattr(kept, name, value)
    kept.save()
    return kept


def possible_owners() -> QuerySet[Person]:
    """Who may look after a recipient: whoever may do its tasks."""
    people = Person.objects.holding(MAY[Act.TELL_RECIPIENTS]).filter(is_service=False)
    return people.order_by("name", "pk")


def _refuse_bad_facts(facts: RecipientFacts, *, besides: Recipient | None) -> None:
    others = Recipient.objects.exclude(pk=besides.pk) if besides else Recipient.objects.all()
    if others.filter(name__iexact=facts.name).exists():
        raise Refused("There is a recipient of this name already: change that one.")
    if not facts.kinds or not set(facts.kinds) <= set(KINDS_WITH_RECIPIENTS):
        raise Refused("Say which kinds of request concern it.")
    if not 1 <= facts.days <= LONGEST_DAYS:
        raise Refused(f"It may take 1 to {LONGEST_DAYS} days.")
    _refuse_bad_owner(facts.owner)


def _refuse_bad_owner(owner: Person) -> None:
    if not possible_owners().filter(pk=owner.pk).exists():
        raise Refused("Its owner has to be an analyst or officer: whoever tells it sees the request.")


# -- Tasks ---------------------------------------------------------------------------------------------------


def concerned(request: Request) -> list[Recipient]:
    """The active recipients that hold what the request is about. While its law isn't known, of every law."""
    return [
        recipient
        for recipient in Recipient.objects.filter(active=True)
        if request.kind in recipient.kinds
        and (not recipient.laws or not request.law or request.law in recipient.laws)
    ]


def open_recipient_tasks(request: Request) -> None:
    """Each recipient concerned has a task. Inside the transaction in which the request begins to be sent."""
    if not traits_of(request.kind).tells_recipients:
        return
    for recipient in concerned(request):
        task = RecipientTask.objects.create(
            request=request, recipient=recipient, owner=recipient.owner, due_on=due_day(request, recipient)
        )
        _record(Event.RECIPIENT_TASK_OPENED, task, due_on=ledger.as_fact(task.due_on))


def due_day(request: Request, recipient: Recipient) -> dt.date:
    """When the evidence has to be there: before the day of the answer, if that hasn't come yet."""
    today = clock.today()
    answer = request.clocks.filter(kind=ClockKind.ANSWER).first()
    day = today + dt.timedelta(days=recipient.days)
    return max(today, min(day, answer.safe - dt.timedelta(days=1))) if answer else day


def has_open_tasks(request: Request) -> bool:
    """Whether a recipient is still to be told: so long the request isn't closed."""
    return request.recipient_tasks.filter(done_at=None).exists()


def tasks_of(person: Person) -> QuerySet[RecipientTask]:
    """The open tasks of this person, the most urgent first."""
    mine = RecipientTask.objects.filter(owner=person, done_at=None)
    return mine.select_related("request", "recipient", "owner").order_by("due_on", "pk")


@transaction.atomic
def hand_over(*, task: RecipientTask, owner: Person, by: Person) -> None:
    """Somebody else looks after an open task. Raises `Refused`."""
    task = locked_task(task, by)
    _refuse_bad_owner(owner)
    if owner == task.owner:
        raise Refused(f"{owner.name} looks after this task already.")
    former, task.owner = task.owner, owner
    task.save(update_fields=["owner"])
    _record(
        Event.RECIPIENT_TASK_HANDED_OVER,
        task,
        actor=by.reference,
        former=former.reference,
        owner=owner.reference,
    )


def locked_task(task: RecipientTask, by: Person) -> RecipientTask:
    """The task while nobody else does it, with its request held. Raises `Refused` for one that is done."""
    request = Request.objects.select_for_update().get(pk=task.request_id)
    if not reaches(by, Act.TELL_RECIPIENTS, request):
        raise NotThisPerson("Your roles don't let you do this task.")
    task = RecipientTask.objects.select_related("request", "recipient", "owner").get(pk=task.pk)
    if task.done_at:
        raise StateChanged("Somebody has done this task already. Reload the page.")
    return task


# -- Reminders -----------------------------------------------------------------------------------------------


def remind_of_tasks() -> None:
    """Whatever reminder is due stands in the ledger, which mail follows; none stands there twice."""
    last = clock.today() + dt.timedelta(days=REMINDED_BEFORE)
    due = RecipientTask.objects.filter(done_at=None, due_on__lte=last, overdue_at=None)
    for pk in due.order_by("due_on", "pk").values_list("pk", flat=True):
        remind_of_task(pk)


@transaction.atomic
def remind_of_task(task_id: int) -> bool:
    """One reminder about the task stands in the ledger if one is due that hasn't gone out; says whether."""
    tasks = RecipientTask.objects.select_for_update(of=("self",)).select_related("request", "recipient")
    task = tasks.get(pk=task_id)
    left = (task.due_on - clock.today()).days
    if task.done_at or task.overdue_at or left > REMINDED_BEFORE or (left >= 0 and task.reminded_at):
        return False
    if left < 0:
        task.overdue_at, event = clock.now(), Event.RECIPIENT_TASK_OVERDUE
    else:
        task.reminded_at, event = clock.now(), Event.RECIPIENT_TASK_REMINDED
    task.save(update_fields=["reminded_at", "overdue_at"])
    _record(event, task, due_on=ledger.as_fact(task.due_on))
    return True


def _record(
    event: Event, task: RecipientTask, *, actor: str = ledger.SYSTEM, **facts: ledger.type_of_fact
) -> None:
    ledger.record(
        event, chain=task.request.chain, actor=actor, task=task.pk, recipient=task.recipient.name, **facts
    )
