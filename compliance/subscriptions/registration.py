"""Adding a subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.pendo import REGIONS
from compliance.core import crypto, keyring
from compliance.core.errors import Refused

from .models import Lane, LaneKind, Subscription

if TYPE_CHECKING:
    from compliance.people.models import Person

MOST_NAME_CHARACTERS = 80


def add_subscription(
    *, name: str, region: str, production: bool, by: Person | None, url: str = ""
) -> Subscription:
    """The subscription stands, without a key yet. Raises `Refused` for a taken name or another host."""
    return register(new_subscription(name=name, region=region, production=production, url=url), by=by)


def new_subscription(*, name: str, region: str, production: bool, url: str = "") -> Subscription:
    """A subscription that may be added, not saved yet. Raises `Refused` as `add_subscription` does."""
    if region not in REGIONS:
        raise Refused(f"Unknown region {region!r}. Regions: {', '.join(REGIONS)}.")
    return Subscription(
        name=_free(name.strip()),
        region=region,
        url=_allowed(url.strip()),
        production=production,
        data_key=keyring.wrap(crypto.new_data_key()),
    )


@transaction.atomic
def register(subscription: Subscription, *, by: Person | None) -> Subscription:
    """The new subscription stands, with a lane for each kind of call."""
    subscription.save(force_insert=True)
    Lane.objects.bulk_create(Lane(subscription=subscription, kind=kind) for kind in LaneKind)
    ledger.record(
        Event.SUBSCRIPTION_ADDED,
        chain=subscription.reference,
        actor=by.reference if by else ledger.COMMAND_LINE,
        name=subscription.name,
        region=subscription.region,
        production=subscription.production,
    )
    return subscription


def _free(name: str) -> str:
    if not 0 < len(name) <= MOST_NAME_CHARACTERS:
        raise Refused(f"A subscription's name has 1 to {MOST_NAME_CHARACTERS} characters.")
    if Subscription.objects.filter(name=name).exists():
        raise Refused(f"There is a subscription named {name!r} already. Choose another name.")
    return name


def _allowed(url: str) -> str:
    if not url:
        return ""
    if not settings.PENDO_ALLOW_CUSTOM_URL:
        raise Refused("Another host than Pendo's is allowed only with PENDO_ALLOW_CUSTOM_URL=1.")
    if not _is_base_address(url):
        raise Refused(f"{url!r} is not an address. Give one like http://127.0.0.1:8001.")
    return url.rstrip("/")


def _is_base_address(url: str) -> bool:
    """Scheme, host, perhaps port and path: nothing that changes how the paths of calls are understood."""
    try:
        parts = urlsplit(url)
        ready = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return ready and url.isprintable() and not {"@", "?", "#", " ", "\\"} & set(url)
