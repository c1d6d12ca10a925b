"""Who hears of what: the one place where that is decided, for webhooks and for lists of events alike."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from compliance.people.access import Act, can
from compliance.people.scopes import Scope
from compliance.subscriptions.reach import in_reach
from compliance.workflow.reach import within_reach

from .event_types import EventType
from .models import Endpoint, Message

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person, Token

#: The ledger writes moments in whole milliseconds.
LEDGER_TICK = dt.timedelta(milliseconds=1)


def heard_by(person: Person) -> QuerySet[Message]:
    """Messages about requests and subscriptions that the person may read; about all, if about any of them."""
    messages = Message.objects.filter(type__in=EventType.values)
    of_subscriptions = messages.filter(subscription__isnull=False)
    heard = within_reach(messages.filter(request__isnull=False), person)
    heard |= in_reach(of_subscriptions, person, Act.READ_SUBSCRIPTIONS)
    if can(person, Act.READ_SUBSCRIPTIONS):
        heard |= messages.filter(request__isnull=True, subscription__isnull=True)
    return heard


def hearing(message: Message) -> list[Endpoint]:
    """The endpoints that get the message: subscribed to its type before it happened, and allowed to hear.

    What was set up on screen hears everything; what a token subscribed, as much as its owner may read.
    """
    standing = Endpoint.objects.standing().filter(added_at__lt=message.at + LEDGER_TICK)
    subscribed = [
        endpoint
        for endpoint in standing.select_related("owner", "token").order_by("pk")
        if message.type in endpoint.types and (endpoint.token is None or _opens(endpoint.token))
    ]
    owners = {endpoint.owner_id: endpoint.owner for endpoint in subscribed if endpoint.token}
    allowed = {pk for pk, owner in owners.items() if heard_by(owner).filter(pk=message.pk).exists()}
    return [each for each in subscribed if each.token is None or each.owner_id in allowed]


def _opens(token: Token) -> bool:
    allowed = token.allowed_at is not None and token.is_standing
    return allowed and Scope.EVENTS in token.scopes
