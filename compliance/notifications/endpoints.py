"""Endpoints: set up on screen by an administrator, or subscribed over REST by a token, for itself."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.targets import Unfit, fit_target
from compliance.core import clock, crypto, keyring
from compliance.core.errors import Refused
from compliance.people.access import Act, can
from compliance.people.models import Person, Token
from compliance.workflow.errors import NotThisPerson

from .event_types import TEST, EventType
from .message_schemas import TestData
from .models import SECRET, URL, Delivery, Endpoint, Message, new_message_name
from .posting import allowed, drop_waiting
from .spreading import body_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from .models import EndpointQuerySet

#: For so long after a new one was made, messages are signed with the former secret, too.
OVERLAP = dt.timedelta(hours=24)
#: Standard Webhooks: 24 to 64 random bytes.
SECRET_BYTES = 32
#: An integration subscribes once for each of its flows.
MOST_SUBSCRIPTIONS = 200
MOST_DESCRIPTION_CHARACTERS = Endpoint._meta.get_field("description").max_length or 0


@dataclass(frozen=True)
class EndpointFacts:
    """What people say of an endpoint."""

    types: Collection[EventType]
    owner: Person
    description: str = ""


class NewSecret(NamedTuple):
    """An endpoint with the secret that its messages are signed with, which is shown this once."""

    endpoint: Endpoint
    secret: str


# -- By people -----------------------------------------------------------------------------------------------


def add_endpoint(*, url: str, facts: EndpointFacts, by: Person) -> NewSecret:
    """Events of these types are sent there from now on. Raises `Refused`."""
    _refuse_stranger(by)
    _refuse_bad_facts(facts)
    host = _fit_host(url)
    with transaction.atomic():
        if _standing_at(url).filter(token=None).exists():
            raise Refused("Events are sent to this address already: change that webhook instead.")
        return _added(url, host, facts, by)


def change_endpoint(*, endpoint: Endpoint, facts: EndpointFacts, by: Person, url: str = "") -> Endpoint:
    """Other types, another owner or description, and with `url` another address. Raises `Refused`."""
    _refuse_stranger(by)
    _refuse_bad_facts(facts)
    host = _fit_host(url) if url else endpoint.host
    with transaction.atomic():
        kept = _locked(endpoint)
        kept.types, kept.owner, kept.description = _values(facts.types), facts.owner, facts.description
        if url:
            kept.host, kept.digest, kept.sealed_url = host, _digest(url), kept.seal(url, URL)
        kept.save()
        owner, events = kept.owner.reference, ", ".join(kept.types)
        _record(Event.WEBHOOK_CHANGED, kept, by, events=events, owner=owner)
    return kept


@transaction.atomic
def rotate_secret(*, endpoint: Endpoint, by: Person) -> NewSecret:
    """Messages are signed with a new secret, and for a day with the former one, too. Raises `Refused`."""
    _refuse_stranger(by)
    kept, secret = _locked(endpoint), _new_secret()
    kept.sealed_former_secret, kept.former_until = kept.sealed_secret, clock.now() + OVERLAP
    kept.sealed_secret = kept.seal(secret, SECRET)
    kept.save(update_fields=["sealed_former_secret", "former_until", "sealed_secret"])
    until = ledger.as_fact(kept.former_until.replace(microsecond=0))
    _record(Event.WEBHOOK_SECRET_ROTATED, kept, by, until=until)
    return NewSecret(kept, secret)


def forget_former_secrets() -> None:
    """Secrets whose day is over are gone."""
    over = Endpoint.objects.filter(former_until__lte=clock.now())
    over.update(sealed_former_secret=None, former_until=None)


@transaction.atomic
def pause_endpoint(*, endpoint: Endpoint, by: Person) -> None:
    """Messages wait until it is resumed. Raises `Refused`."""
    _refuse_stranger(by)
    kept = _locked(endpoint)
    if kept.paused_at or not kept.stands:
        raise Refused("Nothing is sent there now: there is nothing to pause. Reload the page.")
    kept.paused_at = clock.now()
    kept.save(update_fields=["paused_at"])
    _record(Event.WEBHOOK_PAUSED, kept, by)


@transaction.atomic
def resume_endpoint(*, endpoint: Endpoint, by: Person) -> None:
    """Messages are sent there again, those that have waited first. Raises `Refused`."""
    _refuse_stranger(by)
    kept = _locked(endpoint)
    if not kept.paused_at and not kept.disabled_at:
        raise Refused("It isn't paused. Reload the page.")
    if kept.disabled_because == Endpoint.Disabled.ENDED:
        raise Refused("The program that subscribed it has to do so again, with a token that works.")
    now = clock.now()
    kept.paused_at = kept.disabled_at = None
    kept.disabled_because, kept.failures, kept.next_at = "", 0, now
    kept.save(update_fields=["paused_at", "disabled_at", "disabled_because", "failures", "next_at"])
    # The days that it was paused are nobody's failure.
    kept.deliveries.filter(state=Delivery.State.WAITING).update(since=now, next_at=now)
    _record(Event.WEBHOOK_RESUMED, kept, by)


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint, by: Person) -> None:
    """Nothing is sent there any more; its address and its secrets are destroyed. Raises `Refused`."""
    _refuse_stranger(by)
    _remove(_locked(endpoint), by)


@transaction.atomic
def send_again(*, delivery: Delivery, by: Person) -> None:
    """The same message is sent once more, under its own id. Raises `Refused`."""
    _refuse_stranger(by)
    endpoint = _locked(delivery.endpoint)
    if not endpoint.stands:
        raise Refused("This webhook is disabled: resume it first.")
    now = clock.now()
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.WAITING, next_at=now, since=now, settled_at=None
    )
    Endpoint.objects.filter(pk=endpoint.pk).update(next_at=now)


@transaction.atomic
def send_all_again(*, endpoint: Endpoint, by: Person) -> int:
    """Whatever wasn't taken in the last month is sent once more; says how many. Raises `Refused`."""
    _refuse_stranger(by)
    if not _locked(endpoint).stands:
        raise Refused("This webhook is disabled: resume it first.")
    now = clock.now()
    untaken = endpoint.deliveries.filter(state__in=[Delivery.State.GIVEN_UP, Delivery.State.DROPPED])
    Endpoint.objects.filter(pk=endpoint.pk).update(next_at=now)
    return untaken.update(state=Delivery.State.WAITING, next_at=now, since=now, settled_at=None)


@transaction.atomic
def send_test(*, endpoint: Endpoint, by: Person) -> Delivery:
    """A message that says that nothing has happened is on its way. Raises `Refused`."""
    _refuse_stranger(by)
    kept = _locked(endpoint)
    if not kept.stands or kept.paused_at:
        raise Refused("Nothing is sent there now: resume it first.")
    name, now = new_message_name(), clock.now()
    data = TestData(webhook=kept.reference)
    message = Message.objects.create(name=name, type=TEST, at=now, body=body_of(name, TEST, now, data))
    Endpoint.objects.filter(pk=kept.pk).update(next_at=now)
    return Delivery.objects.create(endpoint=kept, message=message)


# -- By programs ---------------------------------------------------------------------------------------------


def subscribe(
    *, url: str, event_type: EventType, token: Token, expires_at: dt.datetime | None = None
) -> NewSecret:
    """Events of this type that the token's owner may read are sent there, as long as the token works.

    The same once more is the same subscription, with the same secret: a repetition does no harm. Raises
    `Refused`.
    """
    host, owner = _fit_host(url), token.person
    ends_at = min(filter(None, (expires_at, token.expires_at)))
    if ends_at <= clock.now():
        raise Refused("This moment has passed: leave expiration_date out, or give a later one.")
    with transaction.atomic():
        # Of two at the same moment, the second one sees what the first has written.
        Person.objects.select_for_update().get(pk=owner.pk)
        own = Endpoint.objects.standing().filter(owner=owner, token__isnull=False)
        same = [each for each in own.filter(pk__in=_standing_at(url)) if each.types == [event_type.value]]
        if same:
            return _renewed(same[0], token, ends_at)
        if own.count() >= MOST_SUBSCRIPTIONS:
            raise Refused(
                f"These are {MOST_SUBSCRIPTIONS} subscriptions already: end those not used any more."
            )
        facts = EndpointFacts([event_type], owner, token.name)
        return _added(url, host, facts, owner, token=token, ends_at=ends_at)


@transaction.atomic
def unsubscribe(*, endpoint_id: int, owner: Person) -> bool:
    """Nothing more is sent for this subscription; False if the owner never had such a one."""
    own = Endpoint.objects.select_for_update().filter(pk=endpoint_id, owner=owner, token__isnull=False)
    found = own.first()
    if found is not None and found.removed_at is None:
        _remove(found, owner)
    return found is not None


def _renewed(endpoint: Endpoint, token: Token, ends_at: dt.datetime) -> NewSecret:
    endpoint.token, endpoint.expires_at = token, ends_at
    endpoint.save(update_fields=["token", "expires_at"])
    return NewSecret(endpoint, endpoint.signing_secrets[0])


# -- What both do --------------------------------------------------------------------------------------------


def _added(
    url: str,
    host: str,
    facts: EndpointFacts,
    by: Person,
    token: Token | None = None,
    ends_at: dt.datetime | None = None,
) -> NewSecret:
    secret = _new_secret()
    endpoint = Endpoint(
        owner=facts.owner,
        token=token,
        description=facts.description,
        host=host,
        digest=_digest(url),
        types=_values(facts.types),
        data_key=keyring.wrap(crypto.new_data_key()),
        added_by=by,
        expires_at=ends_at,
    )
    endpoint.sealed_url, endpoint.sealed_secret = endpoint.seal(url, URL), endpoint.seal(secret, SECRET)
    endpoint.save()
    owner, events = facts.owner.reference, ", ".join(endpoint.types)
    _record(Event.WEBHOOK_ADDED, endpoint, by, events=events, owner=owner)
    return NewSecret(endpoint, secret)


def _remove(endpoint: Endpoint, by: Person) -> None:
    drop_waiting(endpoint)
    endpoint.removed_at = clock.now()
    endpoint.data_key = endpoint.sealed_url = endpoint.sealed_secret = endpoint.sealed_former_secret = None
    endpoint.save()
    _record(Event.WEBHOOK_REMOVED, endpoint, by)


def _fit_host(url: str) -> str:
    """The host of an address to which messages may be sent. Raises `Refused`."""
    try:
        return fit_target(url, allowed()).host
    except Unfit as error:
        raise Refused(str(error)) from error


def _standing_at(url: str) -> EndpointQuerySet:
    digests = [digest.value for digest in keyring.lookup_digests("webhook", url)]
    return Endpoint.objects.standing().filter(digest__in=digests)


def _digest(url: str) -> bytes:
    return keyring.lookup_digest("webhook", url).value


def _values(types: Collection[EventType]) -> list[str]:
    return [each.value for each in EventType if each in types]


def _new_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"


def _locked(endpoint: Endpoint) -> Endpoint:
    """The endpoint, while nobody else changes it. Raises `Refused` for one that was removed."""
    locked = Endpoint.objects.select_for_update(of=("self",)).select_related("owner").get(pk=endpoint.pk)
    if locked.removed_at:
        raise Refused("This webhook was removed.")
    return locked


def _refuse_stranger(by: Person) -> None:
    if not can(by, Act.MANAGE_WEBHOOKS):
        raise NotThisPerson("Only an administrator says where events are sent.")


def _refuse_bad_facts(facts: EndpointFacts) -> None:
    if not facts.types:
        raise Refused("Choose at least one event.")
    if not facts.owner.is_active:
        raise Refused("Its owner has to be somebody who works here: mail about it goes there.")
    if len(facts.description) > MOST_DESCRIPTION_CHARACTERS:
        raise Refused(f"The description has up to {MOST_DESCRIPTION_CHARACTERS} characters.")


def _record(event: Event, endpoint: Endpoint, by: Person, **facts: str) -> None:
    ledger.record(
        event,
        chain=endpoint.reference,
        actor=by.reference,
        webhook=endpoint.reference,
        host=endpoint.host,
        **facts,
    )
