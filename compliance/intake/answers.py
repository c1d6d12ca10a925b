"""What the API tells about requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.core.schemas import asked_page
from compliance.execution.queries import last_calls
from compliance.workflow.calls import visible_requests, where
from compliance.workflow.hold_reasons import HoldReason
from compliance.workflow.listings import troubles_among
from compliance.workflow.queries import outcome_counts_of
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import AskedKind, CompanyRole, Kind, Outcome, Spared, TargetKind, Why

from .schemas import (
    AskedOut,
    AskedPage,
    CallOut,
    Opened,
    PreviewOut,
    Progress,
    RequestOut,
    RequestPage,
    TargetOut,
    TargetPage,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from compliance.core.schemas import PageAsked
    from compliance.execution.models import Call
    from compliance.people.bearer import Called
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


def opened(request: Request, *, linked: bool) -> Opened:
    """Where the request stands that was opened, or linked to."""
    return Opened(**where(request).model_dump(), linked=linked)


def one_request(request: Request) -> RequestOut:
    """All that there is to say about a request, but for its targets."""
    return _told(request, outcome_counts_of([request])[request.pk])


def some_requests(call: Called, asked: RequestsAsked) -> RequestPage:
    """A page of the requests that are asked for. Takes a constant number of queries."""
    filters = {"state": asked.state, "kind": asked.kind, "external_reference": asked.reference}
    rows = visible_requests(call).filter(**{name: value for name, value in filters.items() if value})
    page = asked_page(rows, asked, order=("-pk",))
    counts = outcome_counts_of(page.rows)
    return RequestPage(
        requests=[_told(request, counts[request.pk]) for request in page.rows], next=page.further or None
    )


def some_targets(request: Request, asked: TargetsAsked) -> TargetPage:
    """A page of the request's targets; only these are opened from their seals. Constant queries, too."""
    rows = request.targets.select_related("subscription", "held_by")
    if asked.outcome:
        rows = rows.filter(outcome=asked.outcome)
    page = asked_page(rows, asked, order=("pk",))
    return TargetPage(targets=_targets(request, page.rows), next=page.further or None)


def some_asked(request: Request, asked: PageAsked) -> AskedPage:
    """A page of what the request names, opened from its seals."""
    page, vault = asked_page(request.asked.all(), asked, order=("pk",)), targets_vault(request)
    rows = [
        AskedOut(type=AskedKind(each.kind), value=vault.open(each.sealed_value, purpose="asked"))
        for each in page.rows
    ]
    return AskedPage(asked=rows, next=page.further or None)


def _told(request: Request, counts: Mapping[Outcome, int]) -> RequestOut:
    return RequestOut(
        **where(request).model_dump(),
        kind=Kind(request.kind),
        external_reference=request.external_reference,
        law=request.law or None,
        calendar=request.calendar,
        role=CompanyRole(request.company_role),
        received_on=request.received_on,
        identity_asked_on=request.identity_asked_on,
        identity_proven_on=request.identity_proven_on,
        access_asked=request.access_asked,
        elsewhere_case=request.elsewhere_case,
        elsewhere_due_on=request.elsewhere_due_on,
        send_by=request.send_by,
        subscriptions=[subscription.name for subscription in request.subscriptions.all()],
        preview=_preview(request),
        troubles=troubles_among(request.listings.all()),
        progress=_progress(counts),
        paused=request.paused_at is not None,
        opened_at=request.opened_at,
        grace_until=request.grace_until,
        closed_at=request.closed_at,
    )


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
            number=target.pk,
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
