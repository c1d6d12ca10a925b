"""What people decide about a request, over REST: its dates, refusals, extension, withdrawal, appeals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count
from django.http import HttpResponse
from ninja import Query, Router

from compliance.core.problems import INVALID, NOT_FOUND, CallRefused, FieldProblem
from compliance.core.schemas import NumberInPath, PageAsked, asked_page, refuse_unknown_parameters
from compliance.laws.calendars import CALENDARS
from compliance.people.access import Act
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.scopes import Scope

from .appealing import (
    acknowledge_complaint,
    decide_appeal,
    extend_appeal,
    reasons_of,
    record_appeal,
    text_of,
    why_longer,
)
from .calls import done, found, numbered, reached
from .dating import name_law, note_identity
from .duplicates import record_later_message
from .elsewhere import handle_elsewhere, handle_here
from .enabled_laws import selectable_laws
from .errors import StateChanged
from .extending import extend_answer
from .models import Appeal, AppealKind, AppealResult, Refusal, RefusalScope, Request
from .problems import FORGOTTEN, NOT_THIS_PERSON, STATE_CHANGED
from .queries import open_appeals
from .refusing import (
    Case,
    agree_to_refusal,
    case_of,
    decline_refusal,
    propose_refusal,
    waiting_refusal,
    word_of,
)
from .schemas import (
    AppealDecisionIn,
    AppealIn,
    AppealOut,
    AppealPage,
    AppealWhere,
    AppealWithText,
    ElsewhereIn,
    ExtendIn,
    IdentityIn,
    LawIn,
    LongerIn,
    MessageIn,
    OptionalReasonIn,
    RefusalOut,
    RefusalsOut,
    RefuseIn,
    Where,
    WithdrawIn,
)
from .states import Channel
from .withdrawing import withdraw_request

if TYPE_CHECKING:
    from collections.abc import Iterator

router = Router(tags=["Decisions and dates"])
appeals = Router(tags=["Appeals and complaints"])


# -- Dates ---------------------------------------------------------------------------------------------------


@router.post(
    "/{reference}/law",
    summary="Name a request's law",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_law(request: Called, reference: str, body: LawIn) -> HttpResponse:
    """The request is under this law, and its clocks are that law's. Somebody else approves it then."""

    def verb(asked: Request) -> None:
        if errors := list(_errors_of(body)):
            raise CallRefused(INVALID, "Mend these fields.", errors)
        name_law(request=asked, **body.model_dump(), by=request.auth.person)

    return done(request, reference, verb)


@router.post(
    "/{reference}/identity",
    summary="Note when identity was asked for and proven",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_identity(request: Called, reference: str, body: IdentityIn) -> HttpResponse:
    """The days stand with the request; its clocks move only where its law says so."""
    return done(
        request,
        reference,
        lambda asked: note_identity(request=asked, **body.model_dump(), by=request.auth.person),
    )


@router.post(
    "/{reference}/messages",
    summary="Record a later message of the same person",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED, FORGOTTEN),
)
def requests_message(request: Called, reference: str, body: MessageIn) -> HttpResponse:
    """The message stands with the request, whose dates stay those of the first one."""
    return done(
        request,
        reference,
        lambda asked: record_later_message(request=asked, **body.model_dump(), by=request.auth.person),
    )


@router.post(
    "/{reference}/elsewhere",
    summary="Note that another system handles the correspondence",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_elsewhere(request: Called, reference: str, body: ElsewhereIn) -> HttpResponse:
    """The other system's case and day stand with the request; our own clocks run on."""
    return done(
        request,
        reference,
        lambda asked: handle_elsewhere(request=asked, **body.model_dump(), by=request.auth.person),
    )


@router.post(
    "/{reference}/here",
    summary="Take the correspondence back",
    response={200: Where},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_here(request: Called, reference: str) -> HttpResponse:
    """The letters are ours again, and only our own clocks count."""
    return done(request, reference, lambda asked: handle_here(request=asked, by=request.auth.person))


def _errors_of(body: LawIn) -> Iterator[FieldProblem]:
    laws = [law.code for law in selectable_laws()]
    if body.law not in laws:
        yield FieldProblem(pointer="/law", detail=f"This law can't be chosen. Laws: {', '.join(laws)}.")
    if body.calendar and body.calendar not in CALENDARS:
        yield FieldProblem(pointer="/calendar", detail="There is no such calendar.")


# -- Refusal, extension, withdrawal --------------------------------------------------------------------------


@router.post(
    "/{reference}/refuse",
    summary="Propose to refuse a request, or part of it",
    response={202: Where},
    **write(Scope.WRITE, Act.REFUSE, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_refuse(request: Called, reference: str, body: RefuseIn) -> HttpResponse:
    """The refusal waits for a second person, who agrees or declines; the clocks go on."""
    case = Case(**body.model_dump(exclude={"scope", "targets"}))

    def verb(asked: Request) -> None:
        propose_refusal(
            request=asked, scope=body.scope, case=case, targets=body.targets, by=request.auth.person
        )

    return done(request, reference, verb, status=202)


@router.get(
    "/{reference}/refusals",
    summary="List a request's refusals",
    response=RefusalsOut,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND, FORGOTTEN),
)
def requests_refusals(request: Called, reference: str) -> RefusalsOut:
    """What was proposed with which reasons, and what was decided about it."""
    rows = found(request, reference).refusals.select_related("request", "proposed_by", "decided_by")
    counted = rows.annotate(targets=Count("refused_targets")).order_by("pk")
    return RefusalsOut(refusals=[_refusal(each, each.targets) for each in counted])


@router.post(
    "/{reference}/refusal/agree",
    summary="Agree, as a second person, to the refusal",
    response={200: Where},
    **write(Scope.APPROVE, Act.AGREE_TO_REFUSAL, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_refusal_agree(request: Called, reference: str) -> HttpResponse:
    """The right is refused: the request has ended, or what the refusal is about stays."""
    return done(
        request,
        reference,
        lambda asked: agree_to_refusal(refusal=_waiting(asked), by=request.auth.person),
    )


@router.post(
    "/{reference}/refusal/decline",
    summary="Decline the refusal",
    response={200: Where},
    **write(Scope.APPROVE, Act.AGREE_TO_REFUSAL, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_refusal_decline(request: Called, reference: str, body: OptionalReasonIn) -> HttpResponse:
    """The refusal doesn't stand, and the request goes on."""
    return done(
        request,
        reference,
        lambda asked: decline_refusal(refusal=_waiting(asked), reason=body.reason, by=request.auth.person),
    )


@router.post(
    "/{reference}/refusal/take-back",
    summary="Take one's own refusal back",
    response={200: Where},
    **write(Scope.WRITE, Act.REFUSE, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_refusal_take_back(request: Called, reference: str) -> HttpResponse:
    """Whoever proposed the refusal doesn't any more, and the request goes on."""
    return done(
        request, reference, lambda asked: decline_refusal(refusal=_waiting(asked), by=request.auth.person)
    )


@router.post(
    "/{reference}/extend",
    summary="Take more time for the answer",
    response={200: Where},
    **write(Scope.APPROVE, Act.EXTEND, NOT_FOUND, NOT_THIS_PERSON),
)
def requests_extend(request: Called, reference: str, body: ExtendIn) -> HttpResponse:
    """The answer's clock is that of the extended answer: once, and only inside the first period."""
    return done(
        request,
        reference,
        lambda asked: extend_answer(request=asked, **body.model_dump(), by=request.auth.person),
    )


@router.post(
    "/{reference}/withdraw",
    summary="Record that the person takes the request back",
    response={200: Where},
    **write(Scope.WRITE, Act.CANCEL, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def requests_withdraw(request: Called, reference: str, body: WithdrawIn) -> HttpResponse:
    """The request has ended as withdrawn, and nothing was sent for it."""
    return done(
        request,
        reference,
        lambda asked: withdraw_request(request=asked, **body.model_dump(), by=request.auth.person),
    )


def _waiting(request: Request) -> Refusal:
    refusal = waiting_refusal(request)
    if refusal is None:
        raise StateChanged("No refusal waits for a second person here.")
    return refusal


def _refusal(refusal: Refusal, targets: int) -> RefusalOut:
    case = case_of(refusal)
    return RefusalOut(
        scope=RefusalScope(refusal.scope),
        code=case.code,
        facts=case.facts,
        statute=case.statute,
        evidence=case.evidence,
        what=case.what,
        kept_until=case.kept_until,
        targets=targets,
        proposed_by=refusal.proposed_by.name,
        proposed_at=refusal.proposed_at,
        agreed=refusal.agreed,
        decided_by=refusal.decided_by.name if refusal.decided_by else None,
        decided_at=refusal.decided_at,
        word=word_of(refusal),
    )


# -- Appeals and complaints ----------------------------------------------------------------------------------


@router.post(
    "/{reference}/appeals",
    summary="Record an appeal or a complaint",
    response={201: AppealWhere},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED, FORGOTTEN),
)
def requests_appeal(request: Called, reference: str, body: AppealIn) -> HttpResponse:
    """It waits for its answer, and its clock runs. Only what the request's law gives can be recorded."""

    def verb() -> AppealWhere:
        appeal = record_appeal(request=found(request, reference), **body.model_dump(), by=request.auth.person)
        return _where(appeal)

    return answered_once(request, status=201, verb=verb)


@appeals.get(
    "",
    summary="List open appeals and complaints",
    response=AppealPage,
    **read(Scope.READ, Act.READ_REQUESTS),
)
def appeals_list(request: Called, asked: Query[PageAsked]) -> AppealPage:
    """Those that wait for an answer, the most urgent first."""
    refuse_unknown_parameters(request, PageAsked)
    rows = reached(request, open_appeals()).select_related("request", "followed_by")
    page = asked_page(rows, asked, order=("safe", "pk"))
    return AppealPage(appeals=[AppealOut(**_told(each)) for each in page.rows], next=page.further or None)


@appeals.get(
    "/{number}",
    summary="Read an appeal or complaint",
    response=AppealWithText,
    **read(Scope.READ, Act.READ_REQUESTS, NOT_FOUND, FORGOTTEN),
)
def appeals_read(request: Called, number: NumberInPath) -> AppealWithText:
    """What the person says, and once it is decided, what was answered and why."""
    appeal = _appeal(request, number)
    return AppealWithText(
        **_told(appeal), text=text_of(appeal), reason=reasons_of(appeal), why_longer=why_longer(appeal)
    )


@appeals.post(
    "/{number}/acknowledge",
    summary="Note that a complaint was acknowledged",
    response={200: AppealWhere},
    **write(Scope.WRITE, Act.ENTER_REQUESTS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED),
)
def appeals_acknowledge(request: Called, number: NumberInPath) -> HttpResponse:
    """The person was told that the complaint has arrived."""

    def verb() -> AppealWhere:
        acknowledge_complaint(appeal=_appeal(request, number), by=request.auth.person)
        return _where(_appeal(request, number))

    return answered_once(request, status=200, verb=verb)


@appeals.post(
    "/{number}/extend",
    summary="Take more time for the answer to an appeal",
    response={200: AppealWhere},
    **write(Scope.APPROVE, Act.DECIDE_APPEALS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED, FORGOTTEN),
)
def appeals_extend(request: Called, number: NumberInPath, body: LongerIn) -> HttpResponse:
    """The appeal's clock is the longer one that its law gives: once, and only inside the first period."""

    def verb() -> AppealWhere:
        extend_appeal(appeal=_appeal(request, number), **body.model_dump(), by=request.auth.person)
        return _where(_appeal(request, number))

    return answered_once(request, status=200, verb=verb)


@appeals.post(
    "/{number}/decide",
    summary="Decide about an appeal or complaint",
    response={200: AppealWhere},
    **write(Scope.APPROVE, Act.DECIDE_APPEALS, NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED, FORGOTTEN),
)
def appeals_decide(request: Called, number: NumberInPath, body: AppealDecisionIn) -> HttpResponse:
    """It is decided; granted, the request that asks the same anew is opened, to be approved as any other."""

    def verb() -> AppealWhere:
        decide_appeal(appeal=_appeal(request, number), **body.model_dump(), by=request.auth.person)
        return _where(_appeal(request, number))

    return answered_once(request, status=200, verb=verb)


def _appeal(call: Called, number: int) -> Appeal:
    return numbered(reached(call, Appeal.objects.select_related("request", "followed_by")), number)


def _where(appeal: Appeal) -> AppealWhere:
    return AppealWhere(
        number=appeal.pk,
        request=appeal.request.reference,
        result=AppealResult(appeal.result) if appeal.result else None,
        followed_by=appeal.followed_by.reference if appeal.followed_by else None,
    )


def _told(appeal: Appeal) -> dict[str, Any]:
    return {
        **_where(appeal).model_dump(),
        "kind": AppealKind(appeal.kind),
        "received_on": appeal.received_on,
        "channel": Channel(appeal.channel),
        "legal": appeal.legal,
        "safe": appeal.safe,
        "article": appeal.article,
        "acknowledged_at": appeal.acknowledged_at,
        "extended_on": appeal.extended_on,
        "decided_at": appeal.decided_at,
    }
