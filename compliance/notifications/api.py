"""Webhooks and events over REST, in the form that Zapier asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from ninja import Query, Router, Status

from compliance.core.problems import NOT_FOUND, CallRefused
from compliance.core.schemas import NumberInPath, asked_page, refuse_unknown_parameters
from compliance.people.access import Act
from compliance.people.bearer import Called, read, repeatable
from compliance.people.scopes import Scope

from . import endpoints
from .event_types import EventType
from .hearing import heard_by
from .hook_queries import subscriptions_of
from .message_document import SAMPLES
from .schemas import (
    MOST_EVENTS,
    EventPage,
    EventsAsked,
    HookList,
    HookOut,
    MessageOut,
    NewHookOut,
    SubscribeIn,
)

if TYPE_CHECKING:
    from .models import Endpoint

#: Of what has happened, so many are samples.
MOST_SAMPLES = 3

hooks = Router(tags=["Webhooks"])
events = Router(tags=["Events"])


@hooks.post(
    "",
    summary="Subscribe to a type of event",
    response={201: NewHookOut},
    **repeatable(Scope.EVENTS, Act.READ_REQUESTS),
)
def hooks_subscribe(request: Called, body: SubscribeIn) -> Status[NewHookOut]:
    """Events that the token's owner may read are sent there. The same once more is the same subscription."""
    made = endpoints.subscribe(
        url=body.target_url,
        event_type=body.event,
        token=request.auth,
        expires_at=body.expiration_date,
    )
    return Status(201, NewHookOut(**_facts(made.endpoint), secret=made.secret))


@hooks.get("", summary="List subscriptions", response=HookList, **read(Scope.EVENTS, Act.READ_REQUESTS))
def hooks_list(request: Called) -> HookList:
    """What the token's owner has subscribed by this token or another, the newest first."""
    own = subscriptions_of(request.auth.person_id)
    return HookList(hooks=[HookOut(**_facts(each)) for each in own])


@hooks.delete(
    "/{number}",
    summary="End a subscription",
    response={204: None},
    **repeatable(Scope.EVENTS, Act.READ_REQUESTS, NOT_FOUND),
)
def hooks_unsubscribe(request: Called, number: NumberInPath) -> HttpResponse:
    """Nothing more is sent for it. One that has ended already stays so."""
    if not endpoints.unsubscribe(endpoint_id=number, owner=request.auth.person):
        raise CallRefused(NOT_FOUND, "There is no such subscription.")
    return HttpResponse(status=204)


@hooks.get(
    "/samples/{event}",
    summary="See samples of a type of event",
    response=list[MessageOut],
    **read(Scope.EVENTS, Act.READ_REQUESTS),
)
def hooks_samples(request: Called, event: EventType) -> list[dict[str, Any]]:
    """What happened last, in the form of messages; where nothing has, an invented one."""
    latest = heard_by(request.auth.person).filter(type=event).order_by("-pk")[:MOST_SAMPLES]
    return [message.told for message in latest] or [SAMPLES[event]]


@events.get("", summary="List events", response=EventPage, **read(Scope.EVENTS, Act.READ_REQUESTS))
def events_list(request: Called, asked: Query[EventsAsked]) -> EventPage:
    """Events of the last 30 days, the newest first, a page at a time."""
    refuse_unknown_parameters(request, EventsAsked)
    rows = heard_by(request.auth.person)
    if asked.type:
        rows = rows.filter(type=asked.type)
    if asked.reference:
        rows = rows.filter(request__reference=asked.reference)
    page = asked_page(rows, asked, order=("-pk",))
    return EventPage(events=[MessageOut(**message.told) for message in page.rows], next=page.further or None)


@events.get(
    "/{event}",
    summary="Poll a type of event",
    response=list[MessageOut],
    **read(Scope.EVENTS, Act.READ_REQUESTS),
)
def events_poll(request: Called, event: EventType) -> list[dict[str, Any]]:
    """The latest hundred events of a type as one plain list, the newest first: each has an id of its own."""
    latest = heard_by(request.auth.person).filter(type=event).order_by("-pk")[:MOST_EVENTS]
    return [message.told for message in latest]


def _facts(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.pk,
        "event": endpoint.types[0],
        "host": endpoint.host,
        "added_at": endpoint.added_at,
        "expiration_date": endpoint.expires_at,
        "paused": endpoint.paused_at is not None,
    }
