"""Pendo keys: entered, verified, compared, used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.pendo import Pendo
from compliance.core import clock, crypto, keyring
from compliance.core.errors import Refused

from . import recognition
from .models import Key, PauseReason, Subscription
from .pausing import resume_after_key
from .registration import new_subscription, register

if TYPE_CHECKING:
    from compliance.people.models import Person

KEY_PURPOSE = "pendo key"
MOST_KEY_CHARACTERS = 200
#: Seconds for each call: somebody waits at the screen.
ENTRY_DEADLINE = 15.0


class NoUsableKey(Exception):
    """The subscription has no key in use."""


def enter_key(*, subscription: Subscription, key: str, by: Person | None) -> Key:
    """The key is verified by Pendo, sealed and in use; an earlier one is marked as replaced.

    Raises `Refused`, and nothing is kept, when Pendo refuses it or can't be asked, when it may not write,
    when the subscription has no visitor by which to recognise it, when it belongs to another subscription
    than the key before, or when somebody else entered one meanwhile.
    """
    text, former = _tidy(key), key_in_use(subscription)
    with Pendo(base_url=subscription.base_url, key=text, deadline=ENTRY_DEADLINE) as pendo:
        features = _verified_features(pendo, subscription)
        _refuse_foreign(pendo, subscription, features)
    return _keep(subscription, text, features, former=former, by=by)


def add_subscription_with_key(
    *, name: str, region: str, production: bool, key: str, by: Person | None, url: str = ""
) -> Subscription:
    """The subscription stands with its key in use, or, with `Refused`, neither does."""
    text = _tidy(key)
    subscription = new_subscription(name=name, region=region, production=production, url=url)
    with Pendo(base_url=subscription.base_url, key=text, deadline=ENTRY_DEADLINE) as pendo:
        features = _verified_features(pendo, subscription)
    with transaction.atomic():
        register(subscription, by=by)
        _keep(subscription, text, features, former=None, by=by)
    return subscription


def key_in_use(subscription: Subscription) -> Key | None:
    """The key by which the subscription is reached now."""
    return subscription.keys.filter(replaced_at__isnull=True).first()


def open_pendo(subscription: Subscription) -> Pendo:
    """A connection with the key in use. Raises `NoUsableKey`."""
    key = key_in_use(subscription)
    if key is None:
        raise NoUsableKey(f"{subscription.reference} has no key")
    text = crypto.open_sealed(subscription.unwrapped_key(), bytes(key.sealed), purpose=KEY_PURPOSE).decode()
    return Pendo(base_url=subscription.base_url, key=text, deadline=settings.TIMINGS.call_deadline)


def _tidy(key: str) -> str:
    text = key.strip()
    odd = not text.isascii() or not text.isprintable() or " " in text
    if not text or odd or len(text) > MOST_KEY_CHARACTERS:
        raise Refused(
            "This is not a Pendo key. Copy it whole from Settings > Integrations > Integration Keys."
        )
    return text


def _verified_features(pendo: Pendo, subscription: Subscription) -> recognition.Features:
    _refuse_unless_writable(pendo, subscription)
    found = recognition.read_features(pendo)
    if isinstance(found, Answer):
        raise Refused(_why_not(found, subscription))
    if not found.visitors:
        raise Refused(
            "Pendo knows no identified visitor in this subscription. Without one, an absence can't be told "
            "from a wrong key. Enter the key once the subscription has data."
        )
    return found


def _refuse_unless_writable(pendo: Pendo, subscription: Subscription) -> None:
    check = pendo.verify_key()
    if not check.answer.ok:
        raise Refused(_why_not(check.answer, subscription))
    if not check.valid:
        raise Refused(_why_not(Answer(Verdict.KEY_REFUSED), subscription))
    if not check.write_access:
        raise Refused(
            "Pendo knows this key, but it may only read. Make one with write access: tick "
            '"Allow write access" in Settings > Integrations > Integration Keys.'
        )


def _refuse_foreign(pendo: Pendo, subscription: Subscription, features: recognition.Features) -> None:
    if not subscription.controls.exists() or recognition.guides_match(subscription, features.guides):
        return
    seen = recognition.see_controls(pendo, subscription)
    if seen.trouble:
        raise Refused(_why_not(seen.trouble, subscription))
    # Two subscriptions of one company may share visitor ids (1, 2, 3, …), but never guides.
    other_guides = bool(features.guides) and subscription.known_guides.exists()
    none_matches = other_guides and recognition.matching_guides(subscription, features.guides) == 0
    if none_matches or not seen.enough:
        raise Refused(
            "This key is valid, but it belongs to another Pendo subscription: the visitors and guides known "
            "here were not seen with it. Check in Pendo which subscription the key was made in."
        )


@transaction.atomic
def _keep(
    subscription: Subscription,
    text: str,
    features: recognition.Features,
    *,
    former: Key | None,
    by: Person | None,
) -> Key:
    now = clock.now()
    Subscription.objects.select_for_update().get(pk=subscription.pk)
    # The comparison that has just been made was with what the former key had shown.
    if key_in_use(subscription) != former:
        raise Refused("Somebody else entered a key at the same moment. Look which one is in use now.")
    if former:
        former.replaced_at = now
        former.save(update_fields=["replaced_at"])
    key = Key.objects.create(
        subscription=subscription,
        sealed=crypto.seal(subscription.unwrapped_key(), text.encode(), purpose=KEY_PURPOSE),
        fingerprint=keyring.lookup_digest("key", text).value.hex()[:8],
        entered_by=by,
        entered_at=now,
    )
    recognition.take_down(subscription, features)
    _record(subscription, by)
    resume_after_key(subscription, by, reasons={PauseReason.KEY_REFUSED, PauseReason.FOREIGN})
    return key


def _record(subscription: Subscription, by: Person | None) -> None:
    ledger.record(
        Event.KEY_ENTERED,
        chain=subscription.reference,
        actor=by.reference if by else ledger.COMMAND_LINE,
        controls=subscription.controls.count(),
        guides=subscription.known_guides.count(),
    )


def _why_not(answer: Answer, subscription: Subscription) -> str:
    host = subscription.base_url
    if answer.verdict is Verdict.KEY_REFUSED:
        return (
            f"Pendo refuses this key at {host}. Check that it was copied whole, that it wasn't deleted in "
            "Pendo, and that the subscription's region is right: a key of another region is refused in the "
            "same way."
        )
    if answer.verdict is Verdict.NOT_SENT:
        return f"{host} cannot be reached. Check the network and try again; the key was not kept."
    status = f"HTTP {answer.status}" if answer.status else "no answer"
    return f"{host} did not answer as Pendo does ({status}). Try again in a minute; the key was not kept."
