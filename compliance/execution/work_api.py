"""What is being done for requests, over REST: batches, what needs a person, and telling other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from ninja import Query, Router

from compliance.core.problems import INVALID, NOT_FOUND, CallRefused, FieldProblem
from compliance.core.schemas import NumberInPath, PageAsked, asked_page, refuse_unknown_parameters
from compliance.people.access import Act
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.scopes import Scope
from compliance.workflow.attention import put_aside
from compliance.workflow.calls import found, numbered, reached
from compliance.workflow.models import Attention, RecipientTask, Told
from compliance.workflow.problems import FORGOTTEN, NOT_THIS_PERSON, STATE_CHANGED
from compliance.workflow.queries import open_attentions
from compliance.workflow.recipients import hand_over, possible_owners
from compliance.workflow.sealing import evidence_of

from .giving_up import ENDABLE, give_up
from .models import Batch, BatchKind, BatchState
from .schemas import (
    AttentionOut,
    AttentionPage,
    AttentionWhere,
    BatchOut,
    BatchPage,
    FinishIn,
    HandOverIn,
    TaskOut,
    TaskPage,
    TasksAsked,
    TaskWhere,
)
from .telling import finish_task

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from compliance.people.models import Person

on_requests = Router(tags=["Batches"])
attention = Router(tags=["What needs a person"])
tasks = Router(tags=["Telling other systems"])


@on_requests.get(
    "/{reference}/batches",
    summary="List a request's batches",
    response=BatchPage,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND),
)
def requests_batches(request: Called, reference: str, asked: Query[PageAsked]) -> BatchPage:
    """What was, or will be, sent together. The calls themselves stand with the targets."""
    refuse_unknown_parameters(request, PageAsked)
    rows = found(request, reference).batches.select_related("subscription")
    page = asked_page(rows.prefetch_related("batch_receipts__receipt"), asked, order=("number",))
    return BatchPage(batches=[_batch(each) for each in page.rows], next=page.further or None)


# -- What needs a person -------------------------------------------------------------------------------------


@attention.get(
    "", summary="List what needs a person", response=AttentionPage, **read(Scope.READ, Act.READ_REQUESTS)
)
def attention_list(request: Called, asked: Query[PageAsked]) -> AttentionPage:
    """Everything that waits for somebody, the longest first, each with its ways out."""
    refuse_unknown_parameters(request, PageAsked)
    page = asked_page(reached(request, open_attentions()), asked, order=("raised_at", "pk"))
    return AttentionPage(attention=[_attention(each) for each in page.rows], next=page.further or None)


@attention.post(
    "/{number}/settle",
    summary="Say that it is dealt with",
    response={200: AttentionWhere},
    **write(Scope.WRITE, Act.SETTLE_ATTENTION, NOT_FOUND, NOT_THIS_PERSON),
)
def attention_put_aside(request: Called, number: NumberInPath) -> HttpResponse:
    """It waits for nobody any more. What would wait for ever then can't be put aside so."""
    return _way_out(request, number, put_aside)


@attention.post(
    "/{number}/end-waiting",
    summary="End the waiting",
    response={200: AttentionWhere},
    **write(Scope.APPROVE, Act.GIVE_UP, NOT_FOUND, NOT_THIS_PERSON),
)
def attention_end(request: Called, number: NumberInPath) -> HttpResponse:
    """What is still waited for counts as failed, never as done. An officer's word."""
    return _way_out(request, number, give_up)


def _way_out(call: Called, number: int, verb: Callable[..., None]) -> HttpResponse:
    def act() -> AttentionWhere:
        one = numbered(reached(call, Attention.objects.select_related("request", "subscription")), number)
        verb(attention=one, by=call.auth.person)
        return AttentionWhere(number=one.pk, request=one.request.reference, settled=True)

    return answered_once(call, status=200, verb=act)


# -- Telling other systems -----------------------------------------------------------------------------------


@tasks.get("", summary="List open tasks", response=TaskPage, **read(Scope.READ, Act.READ_REQUESTS))
def tasks_list(request: Called, asked: Query[TasksAsked]) -> TaskPage:
    """The other systems that are still to be told, the most urgent first."""
    refuse_unknown_parameters(request, TasksAsked)
    rows = _every_task(request).filter(done_at=None)
    if asked.mine:
        rows = rows.filter(owner=request.auth.person)
    page = asked_page(rows, asked, order=("due_on", "pk"))
    return TaskPage(tasks=[_task_where(each) for each in page.rows], next=page.further or None)


@tasks.get(
    "/{number}",
    summary="Read a task",
    response=TaskOut,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND, FORGOTTEN),
)
def tasks_read(request: Called, number: NumberInPath) -> TaskOut:
    """What is to be told to whom, and how it ended."""
    task = _task(request, number)
    return TaskOut(
        **_task_where(task).model_dump(),
        holds=task.recipient.holds,
        told_by=task.recipient.told_by,
        evidence=evidence_of(task),
    )


@tasks.post(
    "/{number}/finish",
    summary="Say how a task ended",
    response={200: TaskWhere},
    **write(Scope.WRITE, Act.TELL_RECIPIENTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED, FORGOTTEN),
)
def tasks_finish(request: Called, number: NumberInPath, body: FinishIn) -> HttpResponse:
    """The other system was told, or isn't for this reason; the request is closed if nothing else was left."""

    def verb() -> TaskWhere:
        finish_task(task=_task(request, number), **body.model_dump(), by=request.auth.person)
        return _task_where(_task(request, number))

    return answered_once(request, status=200, verb=verb)


@tasks.post(
    "/{number}/hand-over",
    summary="Hand a task over",
    response={200: TaskWhere},
    **write(Scope.WRITE, Act.TELL_RECIPIENTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def tasks_hand_over(request: Called, number: NumberInPath, body: HandOverIn) -> HttpResponse:
    """Somebody else looks after the task."""

    def verb() -> TaskWhere:
        task, by = _task(request, number), request.auth.person
        hand_over(task=task, owner=_owner(body.owner), by=by)
        return _task_where(_task(request, number))

    return answered_once(request, status=200, verb=verb)


def _every_task(call: Called) -> QuerySet[RecipientTask]:
    return reached(call, RecipientTask.objects.select_related("request", "recipient", "owner"))


def _task(call: Called, number: int) -> RecipientTask:
    return numbered(_every_task(call), number)


def _owner(email: str) -> Person:
    owner = possible_owners().filter(email__iexact=email.strip()).first()
    if owner is None:
        wrong = FieldProblem(pointer="/owner", detail="No analyst or officer has this e-mail address.")
        raise CallRefused(INVALID, "Mend this field.", [wrong])
    return owner


def _batch(batch: Batch) -> BatchOut:
    return BatchOut(
        number=batch.number,
        kind=BatchKind(batch.kind),
        state=BatchState(batch.state),
        subscription=batch.subscription.name,
        canary=batch.canary,
        resent=batch.resent,
        created_at=batch.created_at,
        due_at=batch.due_at,
        sent_at=batch.sent_at,
        accepted_at=batch.accepted_at,
        receipts=[each.receipt.vendor_id for each in batch.batch_receipts.all()],
    )


def _attention(one: Attention) -> AttentionOut:
    ending = ENDABLE.get(one.reason)
    return AttentionOut(
        number=one.pk,
        request=one.request.reference,
        subscription=one.subscription.name,
        reason=Attention.Reason(one.reason),
        meaning=one.get_reason_display(),
        raised_at=one.raised_at,
        may_be_settled=one.may_be_put_aside,
        may_be_ended=ending is not None,
        first=ending.first if ending else "",
    )


def _task_where(task: RecipientTask) -> TaskWhere:
    return TaskWhere(
        number=task.pk,
        request=task.request.reference,
        recipient=task.recipient.name,
        owner=task.owner.name,
        due_on=task.due_on,
        told=Told(task.told) if task.told else None,
        done_at=task.done_at,
    )
