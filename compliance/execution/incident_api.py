"""Wrong deletions over REST: reported on a request, then assessed, decided about and closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from ninja import Query, Router

from compliance.core.problems import INVALID, NOT_FOUND, CallRefused, FieldProblem
from compliance.core.schemas import NumberInPath, asked_page, refuse_unknown_parameters
from compliance.people.access import Act
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.scopes import Scope
from compliance.workflow import incidents as verbs
from compliance.workflow.calls import found, numbered, reached, where
from compliance.workflow.models import Incident, Request, Risk, Target
from compliance.workflow.problems import FORGOTTEN, NOT_THIS_PERSON, STATE_CHANGED
from compliance.workflow.schemas import Where

from .schemas import (
    AssessIn,
    DecideIn,
    IncidentOut,
    IncidentPage,
    IncidentsAsked,
    IncidentWhere,
    NotifiedIn,
    SupportText,
    WrongIn,
)
from .wrong_deletion import stop_wrong_deletion, support_texts

if TYPE_CHECKING:
    from collections.abc import Callable

router = Router(tags=["Wrong deletions"])
on_requests = Router(tags=["Wrong deletions"])
OF_AN_INCIDENT = (NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED)
WHOM = {"authority": verbs.AUTHORITY, "persons": verbs.PERSONS}


@on_requests.post(
    "/{reference}/wrong",
    summary="Report a wrong deletion",
    response={201: IncidentWhere},
    **write(Scope.WRITE, Act.REPORT_INCIDENTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_wrong(request: Called, reference: str, body: WrongIn) -> HttpResponse:
    """The request stops at once, and an incident stands whose 72 hours run."""

    def verb() -> IncidentWhere:
        asked = found(request, reference)
        incident = stop_wrong_deletion(
            request=asked,
            happened=body.happened,
            aware_at=body.aware_at,
            targets=_targets(asked, body),
            by=request.auth.person,
        )
        return _where(incident)

    return answered_once(request, status=201, verb=verb)


@router.get("", summary="List incidents", response=IncidentPage, **read(Scope.READ, Act.READ_INCIDENTS))
def incidents_list(request: Called, asked: Query[IncidentsAsked]) -> IncidentPage:
    """The open ones by the end of their 72 hours, or those that are closed."""
    refuse_unknown_parameters(request, IncidentsAsked)
    rows = reached(request, Incident.objects.filter(closed_at__isnull=not asked.closed))
    order = ("-closed_at", "-pk") if asked.closed else ("notify_by", "pk")
    page = asked_page(rows.select_related("request", "readmission"), asked, order=order)
    return IncidentPage(incidents=[_where(each) for each in page.rows], next=page.further or None)


@router.get(
    "/{number}",
    summary="Read an incident",
    response=IncidentOut,
    **read(Scope.READ, Act.READ_INCIDENTS, NOT_FOUND),
)
def incidents_read(request: Called, number: NumberInPath) -> IncidentOut:
    """Everything about one, with what to write to Pendo Support."""
    incident = _incident(request, number)
    words = verbs.words_of(incident)
    return IncidentOut(
        **_where(incident).model_dump(),
        happened=words[verbs.HAPPENED],
        categories=words[verbs.CATEGORIES],
        reason=words[verbs.REASON],
        targets=verbs.wrong_targets(incident).count(),
        excluded=verbs.excluded_visitors(incident).count(),
        for_support=[SupportText(title=each.title, text=each.text) for each in support_texts(incident)],
    )


@router.post(
    "/{number}/assess",
    summary="Assess an incident",
    response={200: IncidentWhere},
    **write(Scope.APPROVE, Act.DECIDE_INCIDENTS, *OF_AN_INCIDENT),
)
def incidents_assess(request: Called, number: NumberInPath, body: AssessIn) -> HttpResponse:
    """It is known how many people are concerned, and what that means for them."""
    by = request.auth.person
    return _done(
        request, number, lambda incident: verbs.assess_incident(incident=incident, **body.model_dump(), by=by)
    )


@router.post(
    "/{number}/decide",
    summary="Decide whom to notify",
    response={200: IncidentWhere},
    **write(Scope.APPROVE, Act.DECIDE_INCIDENTS, *OF_AN_INCIDENT),
)
def incidents_decide(request: Called, number: NumberInPath, body: DecideIn) -> HttpResponse:
    """It is decided whether the authority and the people are notified, and why."""
    by = request.auth.person
    return _done(
        request, number, lambda incident: verbs.decide_incident(incident=incident, **body.model_dump(), by=by)
    )


@router.post(
    "/{number}/notified",
    summary="Note that somebody was notified",
    response={200: IncidentWhere},
    **write(Scope.APPROVE, Act.DECIDE_INCIDENTS, *OF_AN_INCIDENT),
)
def incidents_notified(request: Called, number: NumberInPath, body: NotifiedIn) -> HttpResponse:
    """The authority, or everybody concerned, was notified at this moment."""
    by = request.auth.person
    return _done(
        request,
        number,
        lambda incident: verbs.note_notified(incident=incident, whom=WHOM[body.whom], at=body.at, by=by),
    )


@router.post(
    "/{number}/close",
    summary="Close an incident",
    response={200: IncidentWhere},
    **write(Scope.APPROVE, Act.DECIDE_INCIDENTS, *OF_AN_INCIDENT),
)
def incidents_close(request: Called, number: NumberInPath) -> HttpResponse:
    """Nothing is left to do about it."""
    by = request.auth.person
    return _done(request, number, lambda incident: verbs.close_incident(incident=incident, by=by))


@router.post(
    "/{number}/readmit",
    summary="Open the request that lifts Do Not Process",
    response={201: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, *OF_AN_INCIDENT, FORGOTTEN),
)
def incidents_readmit(request: Called, number: NumberInPath) -> HttpResponse:
    """A readmission of those wrongly named stands, to be approved as any other request."""

    def verb() -> Where:
        incident = _incident(request, number)
        return where(verbs.open_readmission(incident=incident, by=request.auth.person))

    return answered_once(request, status=201, verb=verb)


def _done(call: Called, number: int, verb: Callable[[Incident], None]) -> HttpResponse:
    def act() -> IncidentWhere:
        verb(_incident(call, number))
        return _where(_incident(call, number))

    return answered_once(call, status=200, verb=act)


def _incident(call: Called, number: int) -> Incident:
    return numbered(reached(call, Incident.objects.select_related("request", "readmission")), number)


def _targets(request: Request, body: WrongIn) -> list[Target]:
    """Those that are named. Raises `CallRefused` for one that the request doesn't act on."""
    by_number = verbs.reportable_targets(request).in_bulk(body.targets)
    wrong = [
        FieldProblem(pointer=f"/targets/{place}", detail="The request acts on no target of this number.")
        for place, number in enumerate(body.targets)
        if number not in by_number
    ]
    if wrong:
        raise CallRefused(INVALID, "Mend these fields.", wrong)
    return list(by_number.values())


def _where(incident: Incident) -> IncidentWhere:
    return IncidentWhere(
        number=incident.pk,
        request=incident.request.reference,
        aware_at=incident.aware_at,
        notify_by=incident.notify_by,
        still_to_do="" if incident.closed_at else verbs.still_to_do(incident),
        risk=Risk(incident.risk) if incident.risk else None,
        persons=incident.persons,
        tell_authority=incident.tell_authority,
        tell_persons=incident.tell_persons,
        authority_told_at=incident.authority_told_at,
        persons_told_at=incident.persons_told_at,
        readmission=incident.readmission.reference if incident.readmission else None,
        closed_at=incident.closed_at,
    )
