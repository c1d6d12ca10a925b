"""How every call of the API finds what it is about, as far as its act reaches; and what all verbs answer.

What is out of reach, and what isn't there, is answered alike, word for word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from django.db.models import Model, Prefetch

from compliance.core.problems import NOT_FOUND, CallRefused
from compliance.people.access import act_of
from compliance.people.idempotency import answered_once

from . import approvals
from .models import ALPHABET, Listing, Preview, Request
from .previews import current_preview
from .reach import within_reach
from .schemas import Approvals, Approved, ClockOut, Where
from .states import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from compliance.people.bearer import Called

Row = TypeVar("Row", bound=Model)

REFERENCE = re.compile(rf"ED-[{ALPHABET}]{{8}}")


def visible_requests(call: Called) -> QuerySet[Request]:
    """The requests with which the token's owner may do what the call does: none whose file is being read."""
    previews = Prefetch("previews", Preview.objects.defer("sealed_summary").order_by("number"))
    lists = Prefetch("listings", Listing.objects.unread().select_related("subscription"))
    told = reached(call, Request.objects.exclude(state=State.CHECKING), path="")
    return told.prefetch_related("clocks", "subscriptions", previews, lists)


def reached(call: Called, rows: QuerySet[Row], path: str = "request") -> QuerySet[Row]:
    """Those of the rows with whose request, at `path`, the token's owner may do what the call does."""
    return within_reach(rows, call.auth.person, act_of(call), path)


def found(call: Called, reference: str) -> Request:
    """The request that the call is about. Raises `CallRefused` for one that isn't there for it."""
    # PostgreSQL takes no NUL in a text, so nothing but a reference is asked for.
    if REFERENCE.fullmatch(reference):
        request = visible_requests(call).filter(reference=reference).first()
        if request:
            return request
    raise CallRefused(NOT_FOUND, "There is no such request.")


def numbered(rows: QuerySet[Row], number: int) -> Row:
    """The one of these rows with this number. Raises `CallRefused` where there is none."""
    row = rows.filter(pk=number).first()
    if row is None:
        raise CallRefused(NOT_FOUND, "There is nothing of this number.")
    return row


def done(
    call: Called, reference: str, verb: Callable[[Request], object], *, status: int = 200
) -> HttpResponse:
    """The verb is done to the request, once, and the answer says where that stands then."""

    def act() -> Where:
        verb(found(call, reference))
        return where(found(call, reference))

    return answered_once(call, status=status, verb=act)


def continued(call: Called, reference: str, verb: Callable[[Request], Request]) -> HttpResponse:
    """As `done`, for a verb from which another request comes: the answer is where that one stands."""
    return answered_once(call, status=201, verb=lambda: where(verb(found(call, reference))))


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


def _clocks(request: Request) -> list[ClockOut]:
    return [ClockOut.model_validate(clock, from_attributes=True) for clock in request.clocks.all()]
