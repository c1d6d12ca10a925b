"""Who hears of what: the one place where that is decided, for webhooks and for lists of events alike."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from compliance.core import clock
from compliance.people.access import Act, can
from compliance.people.scopes import Scope
from compliance.workflow.reach import within_reach

from .event_types import EventType
from .models import Endpoint, Message

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person

#: The ledger writes moments in whole milliseconds.
LEDGER_TICK = dt.timedelta(milliseconds=1)


def heard_by(person: Person) -> QuerySet[Message]:
    """Messages about requests that the person may read, and about keys and stops for whoever sees those."""
    messages = Message.objects.filter(type__in=EventType.values)
    readable = within_reach(messages.filter(request__isnull=False), person)
    if not can(person, Act.READ_SUBSCRIPTIONS):
        return readable
    return readable | messages.filter(request__isnull=True)


def hearing(message: Message) -> list[Endpoint]:
    """The endpoints that get the message: subscribed to its type before it happened, and allowed to hear."""
    standing = Endpoint.objects.standing().filter(added_at__lt=message.at + LEDGER_TICK)
    standing = standing.select_related("owner", "token")
    subscribed = [endpoint for endpoint in standing.order_by("pk") if message.type in endpoint.types]
    return [endpoint for endpoint in subscribed if _may_hear(endpoint, message)]


def _may_hear(endpoint: Endpoint, message: Message) -> bool:
    """What was set up on screen hears everything; what a token subscribed, as much as its owner may read."""
    if endpoint.token is None:
        return True
    allowed = endpoint.token.allowed_at is not None and endpoint.token.expires_at > clock.now()
    in_scope = allowed and Scope.EVENTS in endpoint.token.scopes
    return in_scope and heard_by(endpoint.owner).filter(pk=message.pk).exists()
