"""How every call of the API finds the request that it is about, and what all verbs answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Prefetch

from compliance.core.problems import NOT_FOUND, CallRefused
from compliance.people.idempotency import answered_once

from . import approvals
from .models import ALPHABET, Preview, Request
from .previews import current_preview
from .schemas import Approvals, Approved, ClockOut, Where
from .states import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from compliance.people.bearer import Called

REFERENCE = re.compile(rf"ED-[{ALPHABET}]{{8}}")


def visible_requests(_: Called) -> QuerySet[Request]:
    """The requests that a call of the API knows: those whose file isn't still being read."""
    previews = Prefetch("previews", Preview.objects.defer("sealed_summary").order_by("number"))
    everything = Request.objects.exclude(state=State.CHECKING)
    return everything.prefetch_related("clocks", "subscriptions", previews)


def found(call: Called, reference: str) -> Request:
    """The request that the call is about. Raises `CallRefused` for one that there isn't."""
    # PostgreSQL takes no NUL in a text, so nothing but a reference is asked for.
    if REFERENCE.fullmatch(reference):
        request = visible_requests(call).filter(reference=reference).first()
        if request:
            return request
    raise CallRefused(NOT_FOUND, "There is no such request.")


def found_by_key(call: Called, request_id: int) -> Request:
    """As `found`, for what belongs to a request: who may not see that one, doesn't see this either."""
    request = visible_requests(call).filter(pk=request_id).first()
    if request is None:
        raise CallRefused(NOT_FOUND, "There is nothing of this number.")
    return request


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
