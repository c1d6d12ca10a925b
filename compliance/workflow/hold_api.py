"""Holds over REST: legal's verbs, on the targets of one request or by list."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from compliance.core.problems import INVALID, NOT_FOUND, CallRefused, FieldProblem
from compliance.core.schemas import NumberInPath, PageAsked, asked_page, refuse_unknown_parameters
from compliance.people.access import Act
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.models import Person
from compliance.people.scopes import Scope
from compliance.subscriptions.queries import subscription_called

from . import hold_queries
from .calls import done, numbered, reached
from .hold_placing import (
    HoldTerms,
    lift_hold,
    lift_holds_on_request,
    lift_reason_of,
    place_hold,
    place_hold_on_request,
    review_hold,
)
from .hold_reasons import HoldReason
from .hold_schemas import (
    HoldByListIn,
    HoldIn,
    HoldOut,
    HoldPage,
    HoldsFound,
    HoldWhere,
    HoldWithThings,
    LiftIn,
    ReachedOut,
    ResumeIn,
    ReviewIn,
    ThingOut,
)
from .hold_things import Named, read_held
from .models import Hold, Request
from .problems import FORGOTTEN, NOT_THIS_PERSON, STATE_CHANGED
from .reach import reaches_all
from .schemas import SearchIn, Where
from .states import HeldKind
from .suspending import end_suspensions, suspend_processing, vault_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

    from compliance.subscriptions.models import Subscription

router = Router(tags=["Holds"])
on_requests = Router(tags=["Holds"])
OF_A_HOLD = (NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED)
MOST_ERRORS = 100


class Which(StrEnum):
    """Which holds a list shows."""

    STANDING = "standing"
    DUE = "due"
    LIFTED = "lifted"


LISTED = {
    Which.STANDING: (hold_queries.standing_holds, ("review_on", "pk")),
    Which.DUE: (hold_queries.holds_to_review, ("review_on", "pk")),
    Which.LIFTED: (hold_queries.lifted_holds, ("-lifted_at", "-pk")),
}


class HoldsAsked(PageAsked):
    """Which holds, and which page of them."""

    which: Which = Field(
        default=Which.STANDING,
        description="`standing`, and `due` for review: by that day. `lifted`: the latest first.",
    )


# -- On the targets of a request -----------------------------------------------------------------------------


@on_requests.post(
    "/{reference}/hold",
    summary="Place a hold on a request's targets",
    response={200: Where},
    **write(Scope.HOLD, Act.HOLD, NOT_FOUND, NOT_THIS_PERSON, FORGOTTEN),
)
def requests_hold(request: Called, reference: str, body: HoldIn) -> HttpResponse:
    """From the next call to Pendo on, none names what this request has as its targets, for any request."""

    def verb(asked: Request) -> None:
        place_hold_on_request(request=asked, terms=_terms(request, body), by=request.auth.person)

    return done(request, reference, verb)


@on_requests.post(
    "/{reference}/release",
    summary="Lift the holds placed on a request",
    response={200: Where},
    **write(Scope.HOLD, Act.HOLD, *OF_A_HOLD),
)
def requests_release(request: Called, reference: str, body: LiftIn) -> HttpResponse:
    """Holds placed on this request are lifted; what they kept back wants a new preview and approval.

    Do Not Process, where it was set because of them, is lifted, too, unless it is to be left.
    """
    return done(
        request,
        reference,
        lambda asked: lift_holds_on_request(
            request=asked,
            reason=body.reason,
            by=request.auth.person,
            leave_suspended=body.leave_do_not_process,
        ),
    )


# -- By list -------------------------------------------------------------------------------------------------


@router.post(
    "",
    summary="Place a hold",
    response={201: HoldWhere},
    **write(Scope.HOLD, Act.HOLD, NOT_THIS_PERSON),
)
def holds_place(request: Called, body: HoldByListIn) -> HttpResponse:
    """From the next call to Pendo on, none names what the hold names. The token's owner looks after it."""

    def verb() -> HoldWhere:
        things, terms = _things(body), _terms(request, body, _subscriptions(body))
        return _where(place_hold(terms=terms, things=things, by=request.auth.person))

    return answered_once(request, status=201, verb=verb)


@router.get("", summary="List holds", response=HoldPage, **read(Scope.HOLD, Act.HOLD))
def holds_list(request: Called, asked: Query[HoldsAsked]) -> HoldPage:
    """Holds with their matters, a page at a time."""
    refuse_unknown_parameters(request, HoldsAsked)
    rows, order = LISTED[asked.which]
    page = asked_page(_reached(request, rows().select_related("request")), asked, order=order)
    return HoldPage(holds=_told(page.rows), next=page.further or None)


@router.post(
    "/search",
    summary="Look for holds that name something",
    response=HoldsFound,
    **write(Scope.HOLD, Act.HOLD),
)
def holds_find(request: Called, body: SearchIn) -> HoldsFound:
    """The first fifty holds that name exactly this, or reach it by its domain. It changes nothing."""
    named = list(hold_queries.holds_naming(body.text.strip()))[: hold_queries.MOST_SHOWN]
    rows = _every_hold(request).filter(pk__in=named).order_by("-pk")
    return HoldsFound(holds=_told(list(rows)))


@router.get(
    "/{number}", summary="Read a hold", response=HoldWithThings, **read(Scope.HOLD, Act.HOLD, NOT_FOUND)
)
def holds_read(request: Called, number: NumberInPath) -> HoldWithThings:
    """One hold, with what it names and what it keeps back."""
    hold = _found(request, number)
    return HoldWithThings(
        **_told([hold])[0].model_dump(),
        things=list(_named_by(hold)),
        lift_reason=lift_reason_of(hold),
        kept_back=_counts(request, hold_queries.kept_back_by(hold)),
        ordered_before=_counts(request, hold_queries.ordered_before(hold)),
    )


@router.post(
    "/{number}/review",
    summary="Say that a hold still stands",
    response={200: HoldWhere},
    **write(Scope.HOLD, Act.HOLD, *OF_A_HOLD),
)
def holds_review(request: Called, number: NumberInPath, body: ReviewIn) -> HttpResponse:
    """The hold stands, and its owner is reminded to look at it again by this day."""

    def verb() -> HoldWhere:
        person = request.auth.person
        owner = person if body.owner is None else _colleague(body.owner)
        review_hold(hold=_found(request, number), owner=owner, review_on=body.review_on, by=person)
        return _where(_found(request, number))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{number}/lift",
    summary="Lift a hold",
    response={200: HoldWhere},
    **write(Scope.HOLD, Act.HOLD, *OF_A_HOLD),
)
def holds_lift(request: Called, number: NumberInPath, body: LiftIn) -> HttpResponse:
    """The hold keeps nothing back any more, and what it named can't be read. Nothing is deleted for it.

    Do Not Process, where it was set because of it, is lifted, too, unless it is to be left.
    """

    def verb() -> HoldWhere:
        lift_hold(
            hold=_found(request, number),
            reason=body.reason,
            by=request.auth.person,
            leave_suspended=body.leave_do_not_process,
        )
        return _where(_found(request, number))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{number}/suspend",
    summary="Set Do Not Process for whom a hold keeps back",
    response={200: HoldWhere},
    **write(Scope.HOLD, Act.HOLD, *OF_A_HOLD),
)
def holds_suspend(request: Called, number: NumberInPath) -> HttpResponse:
    """Pendo is told, in the background, to collect nothing more about these visitors."""

    def verb() -> HoldWhere:
        suspend_processing(hold=_found(request, number), by=request.auth.person)
        return _where(_found(request, number))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{number}/resume",
    summary="End Do Not Process for whom a hold keeps back",
    response={200: HoldWhere},
    **write(Scope.HOLD, Act.HOLD, *OF_A_HOLD),
)
def holds_resume(request: Called, number: NumberInPath, body: ResumeIn) -> HttpResponse:
    """Do Not Process is lifted, in the background, wherever it was set because of the hold, or is left so."""

    def verb() -> HoldWhere:
        end_suspensions(hold=_found(request, number), by=request.auth.person, leave=body.leave_do_not_process)
        return _where(_found(request, number))

    return answered_once(request, status=200, verb=verb)


def _reached(call: Called, holds: QuerySet[Hold]) -> QuerySet[Hold]:
    """Whoever is of legal reads every hold, as on screen; a service, those that it placed."""
    person = call.auth.person
    return holds if reaches_all(person, Act.HOLD) else holds.filter(placed_by=person)


def _every_hold(call: Called) -> QuerySet[Hold]:
    return _reached(call, Hold.objects.select_related("owner", "request"))


def _found(call: Called, number: int) -> Hold:
    return numbered(_every_hold(call), number)


def _counts(call: Called, counts: Sequence[hold_queries.ReachedCount]) -> list[ReachedOut]:
    """Those about requests that the token's owner reaches."""
    named = Request.objects.filter(reference__in=[each.reference for each in counts])
    known = set(reached(call, named, path="").values_list("reference", flat=True))
    return [ReachedOut(**each._asdict()) for each in counts if each.reference in known]


def _terms(call: Called, body: HoldIn, subscriptions: Sequence[Subscription] = ()) -> HoldTerms:
    return HoldTerms(
        reason=body.reason,
        matter=body.matter,
        owner=call.auth.person,
        review_on=body.review_on,
        subscriptions=subscriptions,
        suspends=body.do_not_process,
    )


def _colleague(email: str) -> Person:
    person = Person.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        wrong = FieldProblem(pointer="/owner", detail="Nobody here has this e-mail address.")
        raise CallRefused(INVALID, "Mend this field.", [wrong])
    return person


def _things(body: HoldByListIn) -> list[Named]:
    """What the hold names, as it is compared. Raises `CallRefused` that names each wrong one."""
    read = [read_held(each.kind, each.value) for each in body.things]
    errors = [
        FieldProblem(pointer=f"/things/{place}/value", detail=_problem(each.problems))
        for place, each in enumerate(read)
        if len(each.ids) != 1 or each.problems
    ]
    if errors:
        raise CallRefused(INVALID, "Mend these fields.", errors[:MOST_ERRORS])
    return [Named(asked.kind, each.ids[0]) for asked, each in zip(body.things, read, strict=True)]


def _problem(problems: list[tuple[int, str]]) -> str:
    return f"This {problems[0][1]}." if problems else "Name one thing, in one line."


def _subscriptions(body: HoldByListIn) -> list[Subscription]:
    called = [subscription_called(name) for name in body.subscriptions]
    unknown = [
        FieldProblem(pointer=f"/subscriptions/{place}", detail="There is no such subscription.")
        for place, each in enumerate(called)
        if each is None
    ]
    if unknown:
        raise CallRefused(INVALID, "Mend these fields.", unknown)
    return [each for each in called if each]


def _where(hold: Hold) -> HoldWhere:
    return HoldWhere(
        number=hold.pk,
        reason=HoldReason(hold.reason),
        count=hold.count,
        review_on=hold.review_on,
        stands=hold.stands,
        do_not_process=hold.suspends,
    )


def _told(holds: list[Hold]) -> list[HoldOut]:
    return [
        HoldOut(
            **_where(row.hold).model_dump(),
            matter=row.matter,
            kinds=[HeldKind(kind) for kind in row.hold.kinds],
            everywhere=row.hold.everywhere,
            request=row.hold.request.reference if row.hold.request else None,
            owner=row.hold.owner.name,
            placed_at=row.hold.placed_at,
            lifted_at=row.hold.lifted_at,
            held=row.held,
        )
        for row in hold_queries.hold_rows(holds)
    ]


def _named_by(hold: Hold) -> Iterator[ThingOut]:
    vault = vault_of(hold)
    things = hold.things.filter(sealed_value__isnull=False).order_by("pk")
    for thing in things[: hold_queries.MOST_SHOWN]:
        if thing.sealed_value:
            value = vault.open(thing.sealed_value, purpose="held")
            yield ThingOut(kind=HeldKind(thing.kind), value=value)
