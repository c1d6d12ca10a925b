"""From ledger entries to messages: each is told once, with a delivery for every endpoint that hears of it."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef

from compliance.audit.models import Entry
from compliance.core import clock

from .hearing import hearing
from .models import Delivery, Message, new_message_name
from .telling import TELLINGS, telling_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from pydantic import BaseModel

logger = logging.getLogger(__name__)

#: What is older was news once: after a long silence nobody is flooded with it.
NEWS = dt.timedelta(days=3)
#: Messages are kept so long, with what became of them: then whoever was away has to look for themselves.
KEPT_FOR = dt.timedelta(days=30)
#: Entries that are told in one task; the rest in the next one. And rows that are deleted in one statement.
SLICE = 200


def spread() -> None:
    """Every new entry that somebody is to be told of has its message, with its deliveries."""
    for entry in untold_entries()[:SLICE]:
        try:
            tell(entry)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one entry must not hold up the others
            logger.warning("entry %s can't be told: %s", entry.pk, type(error).__name__)


def untold_entries() -> QuerySet[Entry]:
    """Entries of the last days that have a line in the table and no message yet.

    An anti-join and not a position in the ledger, as in `delivery.unaddressed_entries`.
    """
    return Entry.objects.filter(
        ~Exists(Message.objects.filter(entry=OuterRef("pk"))),
        event__in=[event.value for event in TELLINGS],
        at__gte=clock.now() - NEWS,
    ).order_by("pk")


@transaction.atomic
def tell(entry: Entry) -> Message:
    """The entry has its message, and everybody who hears of it a delivery: all or nothing, and once."""
    telling = telling_of(entry)
    told, name = telling.tell(entry), new_message_name()
    message, is_new = Message.objects.get_or_create(
        entry=entry,
        defaults={
            "name": name,
            "type": telling.type,
            "at": entry.at,
            "request": told.request,
            "subscription": told.subscription,
            "body": body_of(name, telling.type, entry.at, told.data),
        },
    )
    if is_new:
        Delivery.objects.bulk_create(
            [Delivery(endpoint=endpoint, message=message) for endpoint in hearing(message)]
        )
    return message


def body_of(name: str, event_type: str, at: dt.datetime, data: BaseModel) -> str:
    """What is sent, as JSON (Standard Webhooks: type, timestamp, data; and the id that Zapier wants)."""
    whole = {
        "id": name,
        "type": str(event_type),
        "timestamp": at.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "data": data.model_dump(mode="json"),
    }
    return json.dumps(whole, separators=(",", ":"), ensure_ascii=False)


def forget_messages() -> None:
    """Messages that are older than a month are gone, with their deliveries."""
    old = Message.objects.filter(made_at__lt=clock.now() - KEPT_FOR).order_by("pk")
    while keys := list(old.values_list("pk", flat=True)[:SLICE]):
        Message.objects.filter(pk__in=keys).delete()
