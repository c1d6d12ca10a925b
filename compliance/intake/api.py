"""Requests over REST as they come in, and as they are told: the same verbs as on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from ninja import Query, Router

from compliance.core.problems import NOT_FOUND
from compliance.core.schemas import PageAsked, asked_page, refuse_unknown_parameters
from compliance.people.access import Act
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.scopes import Scope
from compliance.workflow.calls import done, found, visible_requests
from compliance.workflow.duplicates import link_to_same
from compliance.workflow.flooding import open_by_program
from compliance.workflow.opening import revise_request
from compliance.workflow.problems import FORGOTTEN, NOT_THIS_PERSON, STATE_CHANGED
from compliance.workflow.queries import requests_naming, whys
from compliance.workflow.schemas import FoundOut, FoundPage, SearchIn, Where
from compliance.workflow.states import State

from . import answers
from .follow_ups import open_follow_up_by_program
from .schemas import (
    AskedPage,
    Opened,
    RequestIn,
    RequestOut,
    RequestPage,
    RequestsAsked,
    ReviseIn,
    TargetPage,
    TargetsAsked,
)
from .wishes import follows_of, revision_of, wish_of

if TYPE_CHECKING:
    from compliance.workflow.models import Request

router = Router(tags=["Requests"])


@router.post(
    "",
    summary="Open a request",
    response={201: Opened, 200: Opened},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_THIS_PERSON),
)
def requests_open(request: Called, body: RequestIn) -> HttpResponse:
    """A request is recorded with its clocks running, and its preview is under way.

    Beyond so many in an hour, its state is `unconfirmed`: nothing is looked up until a person confirms on
    screen that all of these are meant. An erasure that an open request asks already, of the same person or by
    the same identifiers, is linked to that one: the answer is 200, and its dates stay.
    """

    def verb() -> Opened:
        wish, token = wish_of(body), request.auth
        if follows := follows_of(body, by=token.person):
            followed = open_follow_up_by_program(wish=wish, follows=follows, token=token)
            return answers.opened(followed, linked=False)
        if not body.repeated and (same := link_to_same(wish=wish, by=token.person)):
            return answers.opened(same, linked=True)
        return answers.opened(open_by_program(wish=wish, token=token), linked=False)

    return answered_once(request, status=lambda answer: 200 if answer.linked else 201, verb=verb)


@router.get("", summary="List requests", response=RequestPage, **read(Scope.READ, Act.READ_REQUESTS))
def requests_list(request: Called, asked: Query[RequestsAsked]) -> RequestPage:
    """Requests, the newest first, a page at a time."""
    refuse_unknown_parameters(request, RequestsAsked)
    return answers.some_requests(request, asked)


@router.post(
    "/search",
    summary="Look for requests that name something",
    response=FoundPage,
    **write(Scope.READ, Act.READ_REQUESTS),
)
def requests_search(request: Called, body: SearchIn, asked: Query[PageAsked]) -> FoundPage:
    """Requests that name exactly this, and why. By POST, because addresses are logged; it changes nothing."""
    refuse_unknown_parameters(request, PageAsked)
    named = requests_naming(body.text.strip()).values("pk")
    page = asked_page(visible_requests(request).filter(pk__in=named), asked, order=("-pk",))
    why = whys(page.rows, body.text.strip())
    rows = [
        FoundOut(reference=each.reference, state=State(each.state), why=why[each.pk]) for each in page.rows
    ]
    return FoundPage(requests=rows, next=page.further or None)


@router.get(
    "/{reference}",
    summary="Read a request",
    response=RequestOut,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND),
)
def requests_read(request: Called, reference: str) -> RequestOut:
    """One request: its state, clocks, preview and progress."""
    return answers.one_request(found(request, reference))


@router.get(
    "/{reference}/asked",
    summary="List what a request asks",
    response=AskedPage,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND, FORGOTTEN),
)
def requests_asked(request: Called, reference: str, asked: Query[PageAsked]) -> AskedPage:
    """What the request names, as it was written, a page at a time."""
    refuse_unknown_parameters(request, PageAsked)
    return answers.some_asked(found(request, reference), asked)


@router.get(
    "/{reference}/targets",
    summary="List a request's targets",
    response=TargetPage,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND, FORGOTTEN),
)
def requests_targets(request: Called, reference: str, asked: Query[TargetsAsked]) -> TargetPage:
    """The targets of a request with their outcomes, and the call that led to each, a page at a time."""
    refuse_unknown_parameters(request, TargetsAsked)
    return answers.some_targets(found(request, reference), asked)


@router.post(
    "/{reference}/revise",
    summary="Change what a request asks",
    response={202: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED, FORGOTTEN),
)
def requests_revise(request: Called, reference: str, body: ReviseIn) -> HttpResponse:
    """Other things are asked, and a new preview is under way; earlier ones and approvals count no more."""

    def verb(asked: Request) -> None:
        revise_request(request=asked, **revision_of(asked, body), by=request.auth.person)

    return done(request, reference, verb, status=202)
