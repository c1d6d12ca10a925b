"""The one table of webhooks: which ledger entry is told to other programs, as which type of event, and how.

One more line is all that another entry takes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from compliance.audit import ledger
from compliance.audit.events import EVENTS, Event
from compliance.core import clock
from compliance.people.links import public_address
from compliance.subscriptions.models import Subscription
from compliance.workflow.models import Request
from compliance.workflow.queries import outcome_counts
from compliance.workflow.states import Kind, State

from .event_types import EventType
from .mails import reference_of
from .message_schemas import SHAPES, KeyData, Stopped, StoppedData

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

    from compliance.audit.models import Entry


@dataclass(frozen=True)
class Told:
    """What is told of an entry, and about which request or subscription: who may read that, hears of it."""

    data: BaseModel
    request: Request | None = None
    subscription: Subscription | None = None


@dataclass(frozen=True)
class Telling:
    """As which type of event an entry is told, and what."""

    type: EventType
    tell: Callable[[Entry], Told]


def telling_of(entry: Entry) -> Telling:
    """The table's line for the entry. Raises `KeyError` for one that nobody is told of."""
    return TELLINGS[EVENTS[entry.event]]


# -- Requests ------------------------------------------------------------------------------------------------


def _request_of(entry: Entry) -> Request:
    return Request.objects.get(reference=reference_of(entry))


def request_facts(request: Request) -> dict[str, Any]:
    """What every event about a request says of it."""
    return {
        "reference": request.reference,
        "external_reference": request.external_reference,
        "kind": Kind(request.kind),
        "state": State(request.state),
        "law": request.law or None,
        "received_on": request.received_on,
        "send_by": request.send_by,
        "url": public_address(reverse("request", args=[request.reference])),
    }


def _request(
    event_type: EventType,
    *,
    state: State | None = None,
    found: Callable[[Entry], Request] = _request_of,
    more: Callable[[Entry, Request], dict[str, Any]] = lambda _entry, _request: {},
) -> Telling:
    """An event about a request. `state` is what the entry made of it: by now it may have gone on."""

    def tell(entry: Entry) -> Told:
        request = found(entry)
        facts = request_facts(request) | ({"state": state} if state else {})
        return Told(SHAPES[event_type](**(facts | more(entry, request))), request)

    return Telling(event_type, tell)


def _kept_back(_: Entry, request: Request) -> dict[str, Any]:
    """What a program opens too fast waits for a person first."""
    return {"state": State.UNCONFIRMED} if request.state == State.UNCONFIRMED else {}


def _grace(entry: Entry, _: Request) -> dict[str, Any]:
    return {"grace_until": entry.body["facts"]["grace_until"]}


def _code(entry: Entry, _: Request) -> dict[str, Any]:
    return {"code": entry.body["facts"]["code"]}


def _order(entry: Entry, _: Request) -> dict[str, Any]:
    ordered_on = clock.day_of(entry.at)
    completes_by = ordered_on + dt.timedelta(days=settings.PENDO_COMPLETION_DAYS)
    return {"ordered_on": ordered_on, "completes_by": completes_by}


def _ended(ending: str) -> Callable[[Entry, Request], dict[str, Any]]:
    def more(_: Entry, request: Request) -> dict[str, Any]:
        counts = {outcome.value: count for outcome, count in outcome_counts(request).items()}
        return {"ending": ending, "outcomes": counts}

    return more


def _reappeared(_entry: Entry, _request: Request) -> dict[str, Any]:
    return {"why": "reappeared", "followed_by": None}


def _held_again(entry: Entry, _: Request) -> dict[str, Any]:
    return {"why": "held_again", "followed_by": entry.body["facts"]["other"]}


def _appealed(entry: Entry) -> Request:
    """The request about which an appeal was granted: the entry stands in the one that follows."""
    return Request.objects.get(reference=entry.body["facts"]["other"])


def _appeal_granted(entry: Entry, _: Request) -> dict[str, Any]:
    return {"why": "appeal_granted", "followed_by": reference_of(entry)}


def _days_left(entry: Entry, _: Request) -> dict[str, Any]:
    return {"days_left": entry.body["facts"]["days"]}


# -- What else is told ---------------------------------------------------------------------------------------


def _subscription_of(entry: Entry) -> Subscription:
    return Subscription.objects.get(pk=reference_of(entry))


def _key(*, overdue: bool) -> Telling:
    def tell(entry: Entry) -> Told:
        facts, subscription = entry.body["facts"], _subscription_of(entry)
        days = -facts["days"] if overdue else facts["days"]
        data = KeyData(
            subscription=subscription.name,
            key=facts["key"],
            rotate_by=facts["rotate_by"],
            days_left=days,
            url=public_address(reverse("subscription", args=[subscription.pk])),
        )
        return Told(data, subscription=subscription)

    return Telling(EventType.KEY_TO_ROTATE, tell)


def _stopped_request(what: Stopped) -> Telling:
    def tell(entry: Entry) -> Told:
        request = _request_of(entry)
        url = public_address(reverse("request", args=[request.reference]))
        return Told(_stopped(what, entry, request.reference, url, request.external_reference), request)

    return Telling(EventType.RUN_STOPPED, tell)


def _stopped_rule(entry: Entry) -> Told:
    """The run of a clean-up rule is a request, and named by the rule."""
    request = _request_of(entry)
    url = public_address(reverse("request", args=[request.reference]))
    return Told(_stopped("cleanup_run", entry, entry.body["facts"]["rule"], url), request)


def _stopped_subscription(entry: Entry) -> Told:
    subscription = _subscription_of(entry)
    url = public_address(reverse("subscription", args=[subscription.pk]))
    return Told(_stopped("subscription", entry, subscription.name, url), subscription=subscription)


def _stopped_everything(entry: Entry) -> Told:
    return Told(_stopped("everything", entry, "", public_address(reverse("stop"))))


def _stopped(what: Stopped, entry: Entry, name: str, url: str, external_reference: str = "") -> StoppedData:
    by_itself = entry.body["actor"] == ledger.SYSTEM
    return StoppedData(
        what=what, name=name, external_reference=external_reference, by_itself=by_itself, url=url
    )


# -- The table -----------------------------------------------------------------------------------------------

TELLINGS: dict[Event, Telling] = {
    Event.REQUEST_OPENED: _request(EventType.REQUEST_OPENED, state=State.PREVIEWING, more=_kept_back),
    Event.REQUEST_APPROVED: _request(EventType.REQUEST_APPROVED, state=State.APPROVED, more=_grace),
    Event.REQUEST_REFUSED: _request(EventType.REQUEST_REFUSED, state=State.REFUSED, more=_code),
    Event.CONFIRMATION_STARTED: _request(EventType.REQUEST_ORDERED, state=State.CONFIRMING, more=_order),
    Event.REQUEST_CLOSED: _request(EventType.REQUEST_CLOSED, state=State.CLOSED, more=_ended("carried_out")),
    Event.NOTHING_FOUND_CONFIRMED: _request(
        EventType.REQUEST_CLOSED, state=State.CLOSED, more=_ended("nothing_found")
    ),
    Event.EVERYTHING_HELD: _request(
        EventType.REQUEST_CLOSED, state=State.CLOSED, more=_ended("everything_held")
    ),
    Event.REQUEST_CANCELLED: _request(EventType.REQUEST_CANCELLED, state=State.CANCELLED),
    Event.REQUEST_WITHDRAWN: _request(EventType.REQUEST_WITHDRAWN, state=State.WITHDRAWN),
    Event.REQUEST_REAPPEARED: _request(EventType.REQUEST_REOPENED, more=_reappeared),
    Event.HELD_CONTINUED: _request(EventType.REQUEST_REOPENED, more=_held_again),
    Event.APPEAL_FOLLOWED: _request(EventType.REQUEST_REOPENED, found=_appealed, more=_appeal_granted),
    Event.REQUEST_DATE_NEAR: _request(EventType.REQUEST_DATE_NEAR, more=_days_left),
    Event.KEY_REMINDED: _key(overdue=False),
    Event.KEY_OVERDUE: _key(overdue=True),
    Event.REQUEST_PAUSED: _stopped_request("request"),
    Event.REST_CANCELLED: _stopped_request("rest_of_request"),
    Event.GUARD_STOPPED: Telling(EventType.RUN_STOPPED, _stopped_rule),
    Event.SUBSCRIPTION_PAUSED: Telling(EventType.RUN_STOPPED, _stopped_subscription),
    Event.SENDING_STOPPED: Telling(EventType.RUN_STOPPED, _stopped_everything),
}
