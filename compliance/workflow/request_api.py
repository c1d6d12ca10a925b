"""Requests over REST, from the preview to the end: the same verbs as on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from ninja import Query, Router

from compliance.audit.events import EVENTS
from compliance.audit.queries import entries_of
from compliance.core.problems import INVALID, NOT_FOUND, CallRefused, FieldProblem
from compliance.core.schemas import PageAsked, asked_page, refuse_unknown_parameters
from compliance.people.access import Act
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.names import actor_names
from compliance.people.scopes import Scope

from . import approvals, pausing
from .calls import approved, continued, done, found
from .cancelling import cancel_what_is_left
from .choosing import choose_targets
from .hold_following import look_again_at_held
from .previews import look_again
from .problems import (
    FORGOTTEN,
    NO_FURTHER_APPROVAL,
    NOT_THIS_PERSON,
    SET_HAS_CHANGED,
    STATE_CHANGED,
)
from .schemas import (
    Approved,
    ApproveIn,
    ChooseIn,
    EntryOut,
    HistoryPage,
    OptionalReasonIn,
    ReasonIn,
    SubscriptionIn,
    TextOut,
    TextsOut,
    Where,
)
from .splitting import go_on_without
from .states import State
from .texts import texts_of

if TYPE_CHECKING:
    from .models import Request

router = Router(tags=["Requests"])


# -- Reading -------------------------------------------------------------------------------------------------


@router.get(
    "/{reference}/history",
    summary="Read a request's history",
    response=HistoryPage,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND),
)
def requests_history(request: Called, reference: str, asked: Query[PageAsked]) -> HistoryPage:
    """What happened to the request, in plain sentences. What verifies, `GET /audit/export` gives."""
    refuse_unknown_parameters(request, PageAsked)
    page = asked_page(entries_of(found(request, reference).chain), asked, order=("number",))
    names = actor_names(entry.body["actor"] for entry in page.rows)
    rows = [
        EntryOut(
            number=entry.number,
            at=entry.at,
            event=entry.event,
            meaning=EVENTS[entry.event].meaning,
            sentence=entry.sentence(names[entry.body["actor"]]),
            actor=entry.body["actor"],
        )
        for entry in page.rows
    ]
    return HistoryPage(entries=rows, next=page.further or None)


@router.get(
    "/{reference}/texts",
    summary="Read a request's ready texts",
    response=TextsOut,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND, FORGOTTEN),
)
def requests_texts(request: Called, reference: str) -> TextsOut:
    """What may be written to whom, as the request stands."""
    return TextsOut(texts=[TextOut(**each._asdict()) for each in texts_of(found(request, reference))])


# -- Preview and approval ------------------------------------------------------------------------------------


@router.post(
    "/{reference}/preview",
    summary="Have a preview made",
    response={202: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, STATE_CHANGED, NOT_THIS_PERSON),
)
def requests_preview(request: Called, reference: str) -> HttpResponse:
    """A fresh preview of the same set is under way; one that is under way already goes on."""

    def verb(asked: Request) -> None:
        if asked.state != State.PREVIEWING:
            look_again(request=asked, by=request.auth.person)

    return done(request, reference, verb, status=202)


@router.post(
    "/{reference}/choose",
    summary="Choose among what was found",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_choose(request: Called, reference: str, body: ChooseIn) -> HttpResponse:
    """Spared targets are acted on after all, found ones are left out; the preview is counted anew."""
    return done(
        request,
        reference,
        lambda asked: choose_targets(request=asked, **body.model_dump(), by=request.auth.person),
    )


@router.post(
    "/{reference}/without",
    summary="Go on without a subscription",
    response={201: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_without(request: Called, reference: str, body: SubscriptionIn) -> HttpResponse:
    """The request goes on with its other subscriptions; another one, which is the answer, waits for this."""

    def verb(asked: Request) -> Request:
        named = (
            each for each in asked.subscriptions.all() if body.subscription in {each.name, each.reference}
        )
        subscription = next(named, None)
        if subscription is None:
            wrong = FieldProblem(pointer="/subscription", detail="The request has no such subscription.")
            raise CallRefused(INVALID, "Mend this field.", [wrong])
        return go_on_without(request=asked, subscription=subscription, by=request.auth.person)

    return continued(request, reference, verb)


@router.post(
    "/{reference}/approve",
    summary="Approve a preview",
    response={200: Approved},
    **write(
        Scope.APPROVE,
        Act.APPROVE,
        NOT_FOUND,
        NOT_THIS_PERSON,
        SET_HAS_CHANGED,
        NO_FURTHER_APPROVAL,
        STATE_CHANGED,
    ),
)
def requests_approve(request: Called, reference: str, body: ApproveIn) -> HttpResponse:
    """The token's owner approves exactly this preview. With the last approval wanted, grace begins."""

    def verb() -> Approved:
        approvals.approve(request=found(request, reference), **body.model_dump(), by=request.auth.person)
        return approved(found(request, reference))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{reference}/reject",
    summary="Send a preview back",
    response={200: Where},
    **write(Scope.APPROVE, Act.APPROVE, NOT_FOUND, NOT_THIS_PERSON, NO_FURTHER_APPROVAL, STATE_CHANGED),
)
def requests_reject(request: Called, reference: str, body: ReasonIn) -> HttpResponse:
    """The preview is sent back with a reason; what is asked may be changed."""
    return done(
        request,
        reference,
        lambda asked: approvals.reject(request=asked, by=request.auth.person, reason=body.reason),
    )


# -- Stopping ------------------------------------------------------------------------------------------------


@router.post(
    "/{reference}/cancel",
    summary="Cancel a request",
    response={200: Where},
    **write(Scope.WRITE, Act.CANCEL, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_cancel(request: Called, reference: str, body: ReasonIn) -> HttpResponse:
    """The request ends and nothing is sent for it; once sending has begun, the rest is cancelled."""
    return done(
        request,
        reference,
        lambda asked: cancel_what_is_left(request=asked, by=request.auth.person, reason=body.reason),
    )


@router.post(
    "/{reference}/pause",
    summary="Pause a request",
    response={200: Where},
    **write(Scope.WRITE, Act.PAUSE_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_pause(request: Called, reference: str, body: OptionalReasonIn | None = None) -> HttpResponse:
    """Nothing more of the request is sent until an officer lets it go on; what was sent is followed."""
    reason = body.reason if body else ""
    return done(
        request,
        reference,
        lambda asked: pausing.pause_request(request=asked, by=request.auth.person, reason=reason),
    )


@router.post(
    "/{reference}/resume",
    summary="Let a paused request go on",
    response={200: Where},
    **write(Scope.APPROVE, Act.RESUME_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_resume(request: Called, reference: str) -> HttpResponse:
    """What is left of the request may be sent."""
    return done(
        request, reference, lambda asked: pausing.resume_request(request=asked, by=request.auth.person)
    )


# -- Endings without anything sent ---------------------------------------------------------------------------


@router.post(
    "/{reference}/confirm-nothing-found",
    summary="Close a request for which nothing was found",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_confirm_nothing(request: Called, reference: str) -> HttpResponse:
    """Somebody has seen that nothing was found, and the request is closed."""
    return done(
        request,
        reference,
        lambda asked: approvals.confirm_nothing_found(request=asked, by=request.auth.person),
    )


@router.post(
    "/{reference}/confirm-everything-held",
    summary="Close a request of which everything is held",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_confirm_held(request: Called, reference: str) -> HttpResponse:
    """Somebody has seen that all that would be acted on is held, and the request is closed."""
    return done(
        request,
        reference,
        lambda asked: approvals.confirm_everything_held(request=asked, by=request.auth.person),
    )


@router.post(
    "/{reference}/look-again-at-held",
    summary="Look again at what was held",
    response={201: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED, FORGOTTEN),
)
def requests_held_again(request: Called, reference: str) -> HttpResponse:
    """What a lifted hold had kept back is asked by a request of its own, which is the answer."""
    return continued(
        request, reference, lambda asked: look_again_at_held(request=asked, by=request.auth.person)
    )
