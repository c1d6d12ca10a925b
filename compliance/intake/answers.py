"""What the API tells about requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch

from compliance.core.keyset import page_of
from compliance.core.problems import INVALID, CallRefused, FieldProblem
from compliance.execution.queries import last_calls
from compliance.people.access import Act
from compliance.workflow import approvals
from compliance.workflow.hold_reasons import HoldReason
from compliance.workflow.models import Preview
from compliance.workflow.previews import current_preview
from compliance.workflow.queries import outcome_counts_of
from compliance.workflow.reach import reached_by
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import CompanyRole, Kind, Outcome, Spared, State, TargetKind, Why

from .schemas import (
    Approvals,
    Approved,
    CallOut,
    ClockOut,
    PreviewOut,
    Progress,
    RequestOut,
    RequestPage,
    TargetOut,
    TargetPage,
    Where,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from compliance.core.keyset import Page
    from compliance.execution.models import Call
    from compliance.people.models import Person
    from compliance.workflow.models import Request, Target

    from .schemas import RequestsAsked, TargetsAsked

#: Pendo was sent what has one of these.
SENT = (
    Outcome.UNCERTAIN,
    Outcome.ACCEPTED,
    Outcome.PRESENT,
    Outcome.ERASED,
    Outcome.RESET,
    Outcome.RETURNED,
    Outcome.FAILED,
)


def where(request: Request) -> Where:
    """Where the request stands."""
    return Where(reference=request.reference, state=State(request.state), clocks=_clocks(request))


def approved(request: Request) -> Approved:
    """Where the request stands after somebody has approved it."""
    preview = current_preview(request)
    given = len(approvals.standing_approvals(preview))
    return Approved(
        **where(request).model_dump(),
        approvals=Approvals(given=given, wanted=approvals.wanted_for(preview)),
        grace_until=request.grace_until,
    )


def told_requests(person: Person, act: Act) -> QuerySet[Request]:
    """The requests with which the person may do this over the API: none whose file is still being read."""
    previews = Prefetch("previews", Preview.objects.defer("sealed_summary").order_by("number"))
    reached = reached_by(person, act).exclude(state=State.CHECKING)
    return reached.prefetch_related("clocks", "subscriptions", previews)


def one_request(request: Request) -> RequestOut:
    """All that there is to say about a request, but for its targets."""
    return _told(request, outcome_counts_of([request])[request.pk])


def some_requests(asked: RequestsAsked, person: Person) -> RequestPage:
    """A page of the requests that are asked for and that the person may read. Constant queries."""
    filters = {"state": asked.state, "kind": asked.kind, "external_reference": asked.reference}
    reached = told_requests(person, Act.READ_REQUESTS)
    rows = reached.filter(**{name: value for name, value in filters.items() if value})
    page = page_of(rows, order=("-pk",), cursor=asked.cursor, size=asked.limit)
    _refuse_bad_cursor(asked.cursor, page)
    counts = outcome_counts_of(page.rows)
    return RequestPage(
        requests=[_told(request, counts[request.pk]) for request in page.rows], next=page.further or None
    )


def some_targets(request: Request, asked: TargetsAsked) -> TargetPage:
    """A page of the request's targets; only these are opened from their seals. Constant queries, too."""
    rows = request.targets.select_related("subscription", "held_by")
    if asked.outcome:
        rows = rows.filter(outcome=asked.outcome)
    page = page_of(rows, order=("pk",), cursor=asked.cursor, size=asked.limit)
    _refuse_bad_cursor(asked.cursor, page)
    return TargetPage(targets=_targets(request, page.rows), next=page.further or None)


def _told(request: Request, counts: Mapping[Outcome, int]) -> RequestOut:
    return RequestOut(
        **where(request).model_dump(),
        kind=Kind(request.kind),
        external_reference=request.external_reference,
        law=request.law or None,
        role=CompanyRole(request.company_role),
        received_on=request.received_on,
        send_by=request.send_by,
        subscriptions=[subscription.name for subscription in request.subscriptions.all()],
        preview=_preview(request),
        progress=_progress(counts),
        paused=request.paused_at is not None,
        opened_at=request.opened_at,
        grace_until=request.grace_until,
        closed_at=request.closed_at,
    )


def _clocks(request: Request) -> list[ClockOut]:
    return [ClockOut.model_validate(clock, from_attributes=True) for clock in request.clocks.all()]


def _preview(request: Request) -> PreviewOut | None:
    """The current preview, once it is ready."""
    # Fetched with the page: `last()` would ask the database again.
    last = max(request.previews.all(), key=lambda preview: preview.number, default=None)
    if last is None or last.ready_at is None:
        return None
    return PreviewOut(
        number=last.number,
        digest=last.digest,
        count=last.found,
        not_found=last.not_found,
        spared=last.spared,
        held=last.held,
        contradicting=last.contradicting,
        ready_at=last.ready_at,
    )


def _progress(counts: Mapping[Outcome, int]) -> Any:
    each = {outcome.value: counts.get(outcome, 0) for outcome in Outcome}
    sent = sum(counts.get(outcome, 0) for outcome in SENT)
    return Progress(targets=sum(each.values()), sent=sent, **each)


def _targets(request: Request, targets: Sequence[Target]) -> list[TargetOut]:
    vault, calls = targets_vault(request), last_calls(targets)
    return [
        TargetOut(
            type=TargetKind(target.kind),
            id=target_id(vault, target),
            guide=target.guide,
            subscription=target.subscription.name,
            outcome=Outcome(target.outcome),
            why=Why(target.why),
            spared_because=Spared(target.spared_because) if target.spared_because else None,
            held_because=HoldReason(target.held_by.reason) if target.held_by else None,
            looked_up_at=target.looked_up_at,
            call=_call(calls[target.pk]) if target.pk in calls else None,
        )
        for target in targets
    ]


def _call(call: Call) -> CallOut:
    return CallOut(
        id=call.pk,
        endpoint=call.endpoint,
        batch=call.batch.number,
        sent_at=call.intended_at,
        answered_at=call.answered_at,
        status=call.status,
        verdict=call.verdict,
        receipts=[each.receipt.vendor_id for each in call.batch.batch_receipts.all()],
    )


def _refuse_bad_cursor(cursor: str, page: Page[Any]) -> None:
    if cursor and page.first:
        wrong = FieldProblem(pointer="cursor", detail="Give the `next` of the page before, unchanged.")
        raise CallRefused(INVALID, "This cursor can't be read.", [wrong])
