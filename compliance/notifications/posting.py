"""From deliveries that are due to messages that were taken.

A delivery that is tried is put off in the database before it is sent, as if it had failed, and settled after:
a crash between the two repeats the message later, under the same id, and never loses it. Threads only talk to
the receivers: many endpoints side by side, each one message at a time, so that a slow one holds up nobody.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import logging
import random
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from standardwebhooks import Webhook

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.audit.models import Entry
from compliance.connectors.targets import Allowed
from compliance.connectors.webhooks import Ending, Letter, Posted, post
from compliance.core import clock
from compliance.core.crypto import SealBroken
from compliance.core.timings import step

from .models import Delivery, Endpoint

if TYPE_CHECKING:
    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

#: Seconds before a message that wasn't taken is sent again; the last one repeats until it is given up.
WAITS = (5, 60, 300, 1800, 7200, 18000, 36000)
#: A wait is up to so much longer or shorter: after an outage of ours, not everybody is called at once.
JITTER = 0.1
#: So long after it was due first, a message is given up.
GIVE_UP_AFTER = dt.timedelta(days=3)
#: Seconds in which an endpoint gets nothing, after so many messages in a row that it didn't take.
RESTS = (5, 30, 120, 300)
#: Whoever takes an endpoint has it for so long: longer than one message takes. A crash frees it then.
HELD = dt.timedelta(seconds=60)
#: Endpoints that are called at the same time.
MOST_AT_ONCE = 16
#: A task takes up deliveries for so many seconds, and hears those that it has taken up to their end.
SLICE_SECONDS = 8.0
#: While some are under way, it is looked so often whether others are due.
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Try:
    """One attempt under way."""

    endpoint: Endpoint
    delivery: Delivery


def post_due() -> None:
    """What was due was tried, as far as a slice reaches; what was taken up is settled."""
    end = time.monotonic() + SLICE_SECONDS
    under_way: dict[Future[Posted], Try] = {}
    with ThreadPoolExecutor(MOST_AT_ONCE) as threads:
        while True:
            if time.monotonic() < end:
                for trying, letter in _take_up(MOST_AT_ONCE - len(under_way)):
                    under_way[threads.submit(post, letter, allowed())] = trying
            if not under_way:
                return
            ended, _ = wait(under_way, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for each in ended:
                settle(under_way.pop(each), each.result())


def due_endpoints() -> QuerySet[Endpoint]:
    """Endpoints for which a message is due, the longest waiting first."""
    now = clock.now()
    due = Delivery.objects.filter(endpoint=OuterRef("pk"), state=Delivery.State.WAITING, next_at__lte=now)
    ready = Endpoint.objects.standing().filter(Exists(due), paused_at__isnull=True, next_at__lte=now)
    return ready.order_by("next_at", "pk")


def claim(endpoint: Endpoint) -> Try | None:
    """An attempt at the endpoint's next message, put off as if it had failed; None if another is at it."""
    now = clock.now()
    untouched = Endpoint.objects.filter(pk=endpoint.pk, next_at=endpoint.next_at)
    if not untouched.update(next_at=now + HELD):
        return None
    due = endpoint.deliveries.filter(state=Delivery.State.WAITING, next_at__lte=now)
    delivery = due.select_related("message").order_by("next_at", "pk").first()
    if delivery is None:
        return None
    delivery.attempts, delivery.next_at = delivery.attempts + 1, now + _wait(WAITS, delivery.attempts + 1)
    delivery.save(update_fields=["attempts", "next_at"])
    return Try(endpoint, delivery)


def letter_of(delivery: Delivery, endpoint: Endpoint) -> Letter:
    """The message, signed now: by the secret in use, and by the former one as long as it is known."""
    message, now = delivery.message, clock.now()
    # The library takes the moment's own figures for those of UTC.
    signatures = [
        Webhook(secret).sign(message.name, now.astimezone(dt.UTC), message.body)
        for secret in endpoint.signing_secrets
    ]
    headers = {
        "content-type": "application/json",
        "webhook-id": message.name,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
    return Letter(endpoint.url, headers, message.body.encode())


def allowed() -> Allowed:
    """What this installation allows besides public addresses."""
    networks = [ipaddress.ip_network(each, strict=False) for each in settings.WEBHOOK_PRIVATE_NETWORKS]
    return Allowed(networks, loopback=settings.PENDO_ALLOW_CUSTOM_URL)


# -- How it ended --------------------------------------------------------------------------------------------


@transaction.atomic
def settle(trying: Try, posted: Posted) -> None:
    """What became of the attempt is written down, and what follows from it has happened."""
    delivery, endpoint = trying.delivery, Endpoint.objects.select_for_update().get(pk=trying.endpoint.pk)
    delivery.tried_at, delivery.ending = clock.now(), posted.ending
    delivery.status, delivery.milliseconds = posted.status, round(posted.seconds * 1000)
    if posted.ending is Ending.TAKEN:
        _taken(delivery, endpoint)
    elif posted.ending is Ending.GONE:
        _settle(delivery, Delivery.State.DROPPED)
        disable(endpoint, Endpoint.Disabled.GONE)
    else:
        _not_taken(delivery, endpoint, posted)


def disable(endpoint: Endpoint, why: Endpoint.Disabled) -> None:
    """Nothing is sent there until somebody resumes it, nor what waits for it. Inside a transaction."""
    if not endpoint.stands:
        return
    endpoint.disabled_at, endpoint.disabled_because = clock.now(), why
    endpoint.save(update_fields=["disabled_at", "disabled_because"])
    drop_waiting(endpoint)
    ledger.record(
        Event.WEBHOOK_DISABLED,
        chain=endpoint.reference,
        actor=ledger.SYSTEM,
        webhook=endpoint.reference,
        host=endpoint.host,
        why=why.label,
    )


def drop_waiting(endpoint: Endpoint) -> None:
    """Nothing waits for the endpoint any more."""
    waiting = endpoint.deliveries.filter(state=Delivery.State.WAITING)
    waiting.update(state=Delivery.State.DROPPED, settled_at=clock.now())


def end_orphans() -> None:
    """Subscriptions whose token works no more are disabled."""
    for pk in Endpoint.objects.orphaned().values_list("pk", flat=True):
        with transaction.atomic():
            disable(Endpoint.objects.select_for_update().get(pk=pk), Endpoint.Disabled.ENDED)


def _taken(delivery: Delivery, endpoint: Endpoint) -> None:
    _settle(delivery, Delivery.State.TAKEN)
    now = clock.now()
    Endpoint.objects.filter(pk=endpoint.pk).update(taken_at=now, failures=0, next_at=now)


def _not_taken(delivery: Delivery, endpoint: Endpoint, posted: Posted) -> None:
    asked = dt.timedelta(seconds=posted.retry_after or 0)
    now, failures = clock.now(), endpoint.failures + 1
    rest = max(_wait(RESTS, failures), asked)
    Endpoint.objects.filter(pk=endpoint.pk).update(failures=failures, next_at=now + rest)
    delivery.next_at = now + max(_wait(WAITS, delivery.attempts), asked)
    if delivery.next_at - delivery.since > GIVE_UP_AFTER:
        _settle(delivery, Delivery.State.GIVEN_UP)
        _tell_of_giving_up(delivery, endpoint)
    else:
        _save(delivery)


def _tell_of_giving_up(delivery: Delivery, endpoint: Endpoint) -> None:
    """The endpoint is disabled if nothing else was taken meanwhile; else its owner is told, once a day."""
    if endpoint.taken_at is None or endpoint.taken_at < delivery.since:
        disable(endpoint, Endpoint.Disabled.UNANSWERED)
        return
    a_day_ago = clock.now() - dt.timedelta(days=1)
    told = Entry.objects.filter(chain__name=endpoint.reference, event=Event.WEBHOOK_GIVEN_UP.value)
    if not told.filter(at__gte=a_day_ago).exists():
        ledger.record(
            Event.WEBHOOK_GIVEN_UP,
            chain=endpoint.reference,
            actor=ledger.SYSTEM,
            webhook=endpoint.reference,
            host=endpoint.host,
            message=delivery.message.name,
            attempts=delivery.attempts,
        )


def _settle(delivery: Delivery, state: Delivery.State) -> None:
    delivery.state, delivery.settled_at = state, clock.now()
    _save(delivery)


def _save(delivery: Delivery) -> None:
    """What this attempt says, unless another was made since. What was dropped stays so, if not taken."""
    fields = ("state", "next_at", "tried_at", "ending", "status", "milliseconds", "settled_at")
    own = Delivery.objects.filter(pk=delivery.pk, attempts=delivery.attempts)
    if delivery.state != Delivery.State.TAKEN:
        own = own.filter(state=Delivery.State.WAITING)
    own.update(**{name: getattr(delivery, name) for name in fields})


def _take_up(most: int) -> list[tuple[Try, Letter]]:
    endpoints = due_endpoints()[:most] if most else []
    tries = [trying for endpoint in endpoints if (trying := claim(endpoint))]
    return [(trying, letter) for trying in tries if (letter := _readable(trying))]


def _readable(trying: Try) -> Letter | None:
    try:
        return letter_of(trying.delivery, trying.endpoint)
    except SealBroken:
        # It stays put off: once its key is among ENCRYPTION_KEYS again, it goes on.
        logger.warning("%s can't be opened: its key isn't among ENCRYPTION_KEYS", trying.endpoint)
        return None


def _wait(waits: tuple[float, ...], attempt: int) -> dt.timedelta:
    jitter = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- nobody gains by guessing it
    return dt.timedelta(seconds=step(waits, attempt) * jitter)
