"""Subscriptions over REST: how they and their lanes stand, pausing one, and the switch for all sending.

No call takes a Pendo key: one that travels through a pipeline stands in its logs.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from compliance.core import clock
from compliance.core.problems import NOT_FOUND, CallRefused
from compliance.core.schemas import NumberInPath
from compliance.people.access import Act, act_of
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.scopes import Scope

from . import pausing
from .lanes import is_held
from .models import KeyVerdict, LaneKind, PauseReason, Purpose, Subscription
from .queries import Overview, overview_of, overviews
from .reach import reached_subscriptions
from .schemas import (
    KeyOut,
    LaneOut,
    SendingOut,
    SendingWithReason,
    StopIn,
    SubscriptionOut,
    SubscriptionsOut,
    SubscriptionWithLanes,
)
from .stopping import current_stop, reason_of, resume_sending, stop_sending

router = Router(tags=["Subscriptions"])
sending = Router(tags=["All sending"])


@router.get(
    "",
    summary="List subscriptions",
    response=SubscriptionsOut,
    **read(Scope.DESK_READ, Act.READ_SUBSCRIPTIONS),
)
def subscriptions_list(request: Called) -> SubscriptionsOut:
    """Every subscription that the token's owner reaches, with the age of its keys."""
    rows = overviews(request.auth.person)
    return SubscriptionsOut(subscriptions=[SubscriptionOut(**_told(each)) for each in rows])


@router.get(
    "/{number}",
    summary="Read a subscription",
    response=SubscriptionWithLanes,
    **read(Scope.DESK_READ, Act.READ_SUBSCRIPTIONS, NOT_FOUND),
)
def subscriptions_read(request: Called, number: NumberInPath) -> SubscriptionWithLanes:
    """One subscription, and how its lanes stand."""
    found = _found(request, number)
    return SubscriptionWithLanes(**_told(overview_of(found)), lanes=_lanes(found))


@router.post(
    "/{number}/pause",
    summary="Pause a subscription",
    response={200: SubscriptionOut},
    **write(Scope.WRITE, Act.PAUSE, NOT_FOUND),
)
def subscriptions_pause(request: Called, number: NumberInPath) -> HttpResponse:
    """Nothing is sent to the subscription until an officer resumes it; one that is paused stays so."""

    def verb() -> SubscriptionOut:
        pausing.pause(subscription=_found(request, number), reason=PauseReason.PERSON, by=request.auth.person)
        return SubscriptionOut(**_told(overview_of(_found(request, number))))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/{number}/resume",
    summary="Let a paused subscription go on",
    response={200: SubscriptionOut},
    **write(Scope.APPROVE, Act.RESUME, NOT_FOUND),
)
def subscriptions_resume(request: Called, number: NumberInPath) -> HttpResponse:
    """Calls go on, unless a working key is what is missing."""

    def verb() -> SubscriptionOut:
        pausing.resume(subscription=_found(request, number), by=request.auth.person)
        return SubscriptionOut(**_told(overview_of(_found(request, number))))

    return answered_once(request, status=200, verb=verb)


@sending.get(
    "",
    summary="Read whether anything is sent",
    response=SendingWithReason,
    **read(Scope.DESK_READ, Act.READ_SUBSCRIPTIONS),
)
def sending_read(request: HttpRequest) -> SendingWithReason:
    """Whether all sending is stopped, by whom, and why."""
    stop = current_stop()
    return SendingWithReason(**_sending().model_dump(), reason=reason_of(stop) if stop else "")


@sending.post("/stop", summary="Stop all sending", response={200: SendingOut}, **write(Scope.WRITE, Act.STOP))
def sending_stop(request: Called, body: StopIn) -> HttpResponse:
    """Nothing more is sent, to any subscription; look-ups, receipts and confirmations go on."""

    def verb() -> SendingOut:
        stop_sending(by=request.auth.person, reason=body.reason)
        return _sending()

    return answered_once(request, status=200, verb=verb)


@sending.post(
    "/let-go-on",
    summary="Let all sending go on",
    response={200: SendingOut},
    **write(Scope.APPROVE, Act.LET_GO_ON),
)
def sending_let_go_on(request: Called) -> HttpResponse:
    """What waits to be sent may be sent. An officer's word."""

    def verb() -> SendingOut:
        resume_sending(by=request.auth.person)
        return _sending()

    return answered_once(request, status=200, verb=verb)


def _found(call: Called, number: int) -> Subscription:
    found = reached_subscriptions(call.auth.person, act_of(call)).filter(pk=number).first()
    if found is None:
        raise CallRefused(NOT_FOUND, "There is nothing of this number.")
    return found


def _told(overview: Overview) -> dict[str, Any]:
    found = overview.subscription
    return {
        "number": found.pk,
        "name": found.name,
        "region": found.region,
        "production": found.production,
        "email_field": found.email_field,
        "works": overview.working,
        "paused_because": PauseReason(found.paused_reason) if found.paused_reason else None,
        "paused_at": found.paused_at,
        "silent_since": found.silent_since,
        "keys": [
            KeyOut(
                purpose=Purpose(key.purpose),
                fingerprint=key.fingerprint,
                made_on=key.made_on,
                rotate_by=key.rotate_by,
                verdict=KeyVerdict(key.verdict) if key.verdict else None,
                checked_at=key.checked_at,
            )
            for key in overview.keys
        ],
    }


def _lanes(found: Subscription) -> list[LaneOut]:
    now = clock.now()
    return [
        LaneOut(
            kind=LaneKind(lane.kind),
            waits_until=lane.next_at if lane.next_at > now else None,
            failures=lane.failures,
            rate=lane.rate,
            held=is_held(found, LaneKind(lane.kind)),
        )
        for lane in found.lanes.order_by("kind")
    ]


def _sending() -> SendingOut:
    stop = current_stop()
    return SendingOut(
        stopped=stop is not None,
        stopped_at=stop.stopped_at if stop else None,
        stopped_by=stop.by_whom if stop else None,
    )
