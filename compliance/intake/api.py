"""Requests over REST: the same verbs as on screen."""

from __future__ import annotations

import re

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel  # noqa: TC002 - as above

from compliance.core.problems import INVALID, NOT_FOUND, CallRefused
from compliance.people.access import Act, act_of
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.scopes import Scope
from compliance.workflow import approvals, pausing
from compliance.workflow.cancelling import cancel_what_is_left
from compliance.workflow.extending import extend_answer
from compliance.workflow.flooding import open_by_program
from compliance.workflow.hold_placing import (
    HoldTerms,
    lift_holds_on_request,
    place_hold_on_request,
)
from compliance.workflow.models import ALPHABET, RefusalScope, Request
from compliance.workflow.previews import look_again
from compliance.workflow.problems import (
    FORGOTTEN,
    NO_FURTHER_APPROVAL,
    NOT_THIS_PERSON,
    SET_HAS_CHANGED,
    STATE_CHANGED,
)
from compliance.workflow.refusing import Case, propose_refusal
from compliance.workflow.states import State

from . import answers
from .schemas import (
    Approved,
    ApproveIn,
    ExtendIn,
    HoldIn,
    OptionalReasonIn,
    ReasonIn,
    RefuseIn,
    RequestIn,
    RequestOut,
    RequestPage,
    RequestsAsked,
    TargetPage,
    TargetsAsked,
    Where,
)
from .wishes import wish_of

REFERENCE = re.compile(rf"ED-[{ALPHABET}]{{8}}")

router = Router(tags=["Requests"])


@router.post(
    "",
    summary="Open a request",
    response={201: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_THIS_PERSON),
)
def requests_open(request: Called, body: RequestIn) -> HttpResponse:
    """A request is recorded with its clocks running, and its preview is under way.

    Beyond so many in an hour, its state is `unconfirmed`: nothing is looked up until a person confirms on
    screen that all of these are meant.
    """
    return answered_once(
        request,
        status=201,
        verb=lambda: answers.where(open_by_program(wish=wish_of(body), token=request.auth)),
    )


@router.get("", summary="List requests", response=RequestPage, **read(Scope.READ, Act.READ_REQUESTS))
def requests_list(request: Called, asked: Query[RequestsAsked]) -> RequestPage:
    """Requests, the newest first, a page at a time."""
    _refuse_unknown_parameters(request, RequestsAsked)
    return answers.some_requests(asked, request.auth.person)


@router.get(
    "/{reference}",
    summary="Read a request",
    response=RequestOut,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND),
)
def requests_read(request: Called, reference: str) -> RequestOut:
    """One request: its state, clocks, preview and progress."""
    return answers.one_request(_found(request, reference))


@router.get(
    "/{reference}/targets",
    summary="List a request's targets",
    response=TargetPage,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND, FORGOTTEN),
)
def requests_targets(request: Called, reference: str, asked: Query[TargetsAsked]) -> TargetPage:
    """The targets of a request with their outcomes, and the call that led to each, a page at a time."""
    _refuse_unknown_parameters(request, TargetsAsked)
    return answers.some_targets(_found(request, reference), asked)


@router.post(
    "/{reference}/preview",
    summary="Have a preview made",
    response={202: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, STATE_CHANGED, NOT_THIS_PERSON),
)
def requests_preview(request: Called, reference: str) -> HttpResponse:
    """A fresh preview of the same set is under way; one that is under way already goes on."""

    def verb() -> Where:
        found = _found(request, reference)
        if found.state != State.PREVIEWING:
            look_again(request=found, by=request.auth.person)
        return answers.where(_found(request, reference))

    return answered_once(request, status=202, verb=verb)


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
        approvals.approve(
            request=_found(request, reference),
            digest=body.digest,
            count=body.count,
            by=request.auth.person,
            reason=body.reason,
            access=body.access,
        )
        return answers.approved(_found(request, reference))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{reference}/reject",
    summary="Send a preview back",
    response={200: Where},
    **write(Scope.APPROVE, Act.APPROVE, NOT_FOUND, NOT_THIS_PERSON, NO_FURTHER_APPROVAL, STATE_CHANGED),
)
def requests_reject(request: Called, reference: str, body: ReasonIn) -> HttpResponse:
    """The preview is sent back with a reason; what is asked may be changed."""

    def verb() -> Where:
        approvals.reject(request=_found(request, reference), by=request.auth.person, reason=body.reason)
        return answers.where(_found(request, reference))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{reference}/hold",
    summary="Place a hold on a request's targets",
    response={200: Where},
    **write(Scope.HOLD, Act.HOLD, NOT_FOUND, NOT_THIS_PERSON, FORGOTTEN),
)
def requests_hold(request: Called, reference: str, body: HoldIn) -> HttpResponse:
    """From the next call to Pendo on, none names what this request has as its targets, for any request."""

    def verb() -> Where:
        person = request.auth.person
        terms = HoldTerms(reason=body.reason, matter=body.matter, owner=person, review_on=body.review_on)
        place_hold_on_request(request=_found(request, reference), terms=terms, by=person)
        return answers.where(_found(request, reference))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{reference}/release",
    summary="Lift the holds placed on a request",
    response={200: Where},
    **write(Scope.HOLD, Act.HOLD, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_release(request: Called, reference: str, body: ReasonIn) -> HttpResponse:
    """Holds placed on this request are lifted; what they kept back wants a new preview and approval."""

    def verb() -> Where:
        lift_holds_on_request(request=_found(request, reference), reason=body.reason, by=request.auth.person)
        return answers.where(_found(request, reference))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{reference}/refuse",
    summary="Propose to refuse a request",
    response={202: Where},
    **write(Scope.WRITE, Act.REFUSE, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_refuse(request: Called, reference: str, body: RefuseIn) -> HttpResponse:
    """The refusal waits for a second person, who agrees or declines on screen; the clocks go on."""

    def verb() -> Where:
        case = Case(**body.model_dump())
        propose_refusal(
            request=_found(request, reference), scope=RefusalScope.WHOLE, case=case, by=request.auth.person
        )
        return answers.where(_found(request, reference))

    return answered_once(request, status=202, verb=verb)


@router.post(
    "/{reference}/extend",
    summary="Take more time for the answer",
    response={200: Where},
    **write(Scope.APPROVE, Act.EXTEND, NOT_FOUND, NOT_THIS_PERSON),
)
def requests_extend(request: Called, reference: str, body: ExtendIn) -> HttpResponse:
    """The answer's clock is that of the extended answer: once, and only inside the first period."""

    def verb() -> Where:
        extend_answer(request=_found(request, reference), **body.model_dump(), by=request.auth.person)
        return answers.where(_found(request, reference))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{reference}/cancel",
    summary="Cancel a request",
    response={200: Where},
    **write(Scope.WRITE, Act.CANCEL, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_cancel(request: Called, reference: str, body: ReasonIn) -> HttpResponse:
    """The request ends and nothing is sent for it; once sending has begun, the rest is cancelled."""

    def verb() -> Where:
        cancel_what_is_left(request=_found(request, reference), by=request.auth.person, reason=body.reason)
        return answers.where(_found(request, reference))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{reference}/pause",
    summary="Pause a request",
    response={200: Where},
    **write(Scope.WRITE, Act.PAUSE_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_pause(request: Called, reference: str, body: OptionalReasonIn | None = None) -> HttpResponse:
    """Nothing more of the request is sent until an officer lets it go on; what was sent is followed."""

    def verb() -> Where:
        reason = body.reason if body else ""
        pausing.pause_request(request=_found(request, reference), by=request.auth.person, reason=reason)
        return answers.where(_found(request, reference))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{reference}/resume",
    summary="Let a paused request go on",
    response={200: Where},
    **write(Scope.APPROVE, Act.RESUME_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_resume(request: Called, reference: str) -> HttpResponse:
    """What is left of the request may be sent."""

    def verb() -> Where:
        pausing.resume_request(request=_found(request, reference), by=request.auth.person)
        return answers.where(_found(request, reference))

    return answered_once(request, status=200, verb=verb)


def _found(request: Called, reference: str) -> Request:
    """The request. Raises `CallRefused` for one that isn't there for this caller and this act."""
    reached = answers.told_requests(request.auth.person, act_of(request))
    found = reached.filter(reference=reference).first() if _may_be(reference) else None
    if found is None:
        raise CallRefused(NOT_FOUND, "There is no such request.")
    return found


def _may_be(reference: str) -> bool:
    # PostgreSQL takes no NUL in a text.
    return bool(REFERENCE.fullmatch(reference))


def _refuse_unknown_parameters(request: Called, asked: type[BaseModel]) -> None:
    """Raises `CallRefused`: who misspells a filter would take everything for what they asked for."""
    if set(request.GET) - set(asked.model_fields):
        raise CallRefused(INVALID, f"A parameter isn't known. Those known: {', '.join(asked.model_fields)}.")
