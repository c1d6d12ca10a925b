"""Pendo keys: entered, kept, used. What becomes of them afterwards: `care`, `checks`, `retirement`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.pendo import Pendo
from compliance.core import clock, crypto, keyring
from compliance.core.errors import Refused

from . import recognition
from .models import Key, KeyVerdict, LaneKind, PauseReason, Purpose, Subscription
from .pausing import resume_after_key
from .registration import new_subscription, register
from .verification import opened, refuse_bad_day, refuse_foreign, tidy, verified_features

if TYPE_CHECKING:
    import datetime as dt

    from compliance.people.models import Person

KEY_PURPOSE = "pendo key"


class NoUsableKey(Exception):
    """The subscription has no key in use."""


# -- Entering ----------------------------------------------------------------------------------------------


def enter_key(
    *,
    subscription: Subscription,
    key: str,
    by: Person | None,
    purpose: Purpose = Purpose.WRITE,
    made_on: dt.date | None = None,
) -> Key:
    """The key is verified by Pendo, sealed and in use; an earlier one waits to be deleted in Pendo.

    `made_on` is None where nobody knows when it was made. Raises `Refused`, and nothing is kept, when Pendo
    refuses the key or can't be asked, when its rights don't fit, when the subscription has no visitor by
    which to recognise it, or when somebody else entered one meanwhile; `BelongsElsewhere` when it is of
    another subscription than the key before.
    """
    text, former = tidy(key), key_in_use(subscription, purpose)
    refuse_bad_day(made_on)
    if purpose == Purpose.READ and key_in_use(subscription) is None:
        raise Refused("Enter the key with write access first. A key for look-ups comes beside it.")
    with opened(subscription, text) as pendo:
        features = verified_features(pendo, subscription, purpose)
        refuse_foreign(pendo, subscription, features)
    return keep(subscription, text, features, purpose=purpose, former=former, by=by, made_on=made_on)


def add_subscription_with_key(
    *,
    name: str,
    region: str,
    production: bool,
    key: str,
    by: Person | None,
    url: str = "",
    made_on: dt.date | None = None,
) -> Subscription:
    """The subscription stands with its key in use, or, with `Refused`, neither does."""
    text = tidy(key)
    refuse_bad_day(made_on)
    subscription = new_subscription(name=name, region=region, production=production, url=url)
    with opened(subscription, text) as pendo:
        features = verified_features(pendo, subscription)
    with transaction.atomic():
        register(subscription, by=by)
        keep(subscription, text, features, former=None, by=by, made_on=made_on)
    return subscription


@transaction.atomic
def keep(
    subscription: Subscription,
    text: str,
    features: recognition.Features,
    *,
    former: Key | None,
    by: Person | None,
    made_on: dt.date | None,
    purpose: Purpose = Purpose.WRITE,
    entered_by: Person | None = None,
) -> Key:
    """The verified key is in use in the place of `former`. Raises `Refused` if that one no longer is.

    `entered_by` is who entered it, where `by` has only confirmed it.
    """
    Subscription.objects.select_for_update().get(pk=subscription.pk)
    # The comparison that has just been made was with what the former key had shown.
    if key_in_use(subscription, purpose) != former:
        raise Refused("Somebody else entered a key at the same moment. Look which one is in use now.")
    _refuse_key_of_another(subscription, text)
    key = _row_of(subscription, text)
    key.entered_at = clock.now()
    if former and former != key:
        _replace(former, key, by)
    _put_to_use(key, text, purpose=purpose, former=former, by=entered_by or by, made_on=made_on)
    if purpose == Purpose.WRITE:
        recognition.take_down(subscription, features)
    _record(key, by)
    if purpose == Purpose.WRITE:
        resume_after_key(subscription, by, reasons={PauseReason.KEY_REFUSED, PauseReason.FOREIGN})
    return key


def _refuse_key_of_another(subscription: Subscription, text: str) -> None:
    others = Key.objects.filter(fingerprint__in=_fingerprints(text)).exclude(subscription=subscription)
    other = others.select_related("subscription").first()
    if other:
        raise Refused(
            f"This very key was entered for {other.subscription.name}. A Pendo subscription stands here "
            f"once: enter a key of {subscription.name}."
        )


def _row_of(subscription: Subscription, text: str) -> Key:
    """The row of this very key, if it was here before, or else a new one."""
    known = subscription.keys.filter(fingerprint__in=_fingerprints(text)).order_by("pk").last()
    return known or Key(subscription=subscription, fingerprint=fingerprint_of(text))


def _replace(former: Key, successor: Key, by: Person | None) -> None:
    former.replaced_at, former.refused_at = successor.entered_at, None
    former.save(update_fields=["replaced_at", "refused_at"])
    ledger.record(
        Event.KEY_REPLACED,
        chain=former.subscription.reference,
        actor=_actor(by),
        key=former.fingerprint,
        successor=successor.fingerprint,
    )


def _put_to_use(
    key: Key,
    text: str,
    *,
    purpose: Purpose,
    former: Key | None,
    by: Person | None,
    made_on: dt.date | None,
) -> None:
    key.made_on, key.made_on_known = _age_of(text, made_on)
    key.purpose, key.sealed = purpose, sealed_key(key.subscription, text)
    key.entered_by = by
    key.checked_at, key.verdict = key.entered_at, KeyVerdict.WORKS
    key.replaced_at = key.refused_at = key.retired_at = None
    key.owner = key.owner or by
    key.deputy = _deputy_of(key, former)
    key.save()


def _age_of(text: str, made_on: dt.date | None) -> tuple[dt.date, bool]:
    """When the key was made, and whether somebody knows: entered again, it is as old as it was."""
    known = (
        Key.objects.filter(fingerprint__in=_fingerprints(text)).order_by("made_on", "-made_on_known").first()
    )
    if known and (made_on is None or known.made_on <= made_on):
        return known.made_on, known.made_on_known
    return made_on or clock.today(), made_on is not None


def _deputy_of(key: Key, former: Key | None) -> Person | None:
    """Whoever looked after it, or after the former key, beside the owner goes on doing so."""
    candidates = [key.deputy, *([former.deputy, former.owner] if former else [])]
    return next((person for person in candidates if person and person != key.owner), None)


def _record(key: Key, by: Person | None) -> None:
    subscription = key.subscription
    if key.purpose == Purpose.READ:
        ledger.record(
            Event.READING_KEY_ENTERED,
            chain=subscription.reference,
            actor=_actor(by),
            key=key.fingerprint,
        )
        return
    ledger.record(
        Event.KEY_ENTERED,
        chain=subscription.reference,
        actor=_actor(by),
        controls=subscription.controls.count(),
        guides=subscription.known_guides.count(),
    )


# -- Using -------------------------------------------------------------------------------------------------


def key_in_use(subscription: Subscription, purpose: Purpose = Purpose.WRITE) -> Key | None:
    """The key by which the subscription is reached now."""
    return subscription.keys.filter(replaced_at__isnull=True, purpose=purpose).first()


def key_for(subscription: Subscription, kind: str) -> Key | None:
    """The key of a kind of lane: look-ups go by the read-only key, where there is one."""
    reading = key_in_use(subscription, Purpose.READ) if kind == LaneKind.READ else None
    return reading or key_in_use(subscription)


def open_pendo(subscription: Subscription, kind: str = LaneKind.BULK) -> Pendo:
    """A connection with the key in use for this kind of lane. Raises `NoUsableKey`."""
    key = key_for(subscription, kind)
    if key is None:
        raise NoUsableKey(f"{subscription.reference} has no key")
    return open_with(key, deadline=settings.TIMINGS.call_deadline)


def open_with(key: Key, *, deadline: float) -> Pendo:
    """A connection with this very key. Raises `NoUsableKey` where its ciphertext is destroyed."""
    if key.sealed is None:
        raise NoUsableKey(f"key {key} is retired")
    subscription = key.subscription
    text = crypto.open_sealed(subscription.unwrapped_key(), bytes(key.sealed), purpose=KEY_PURPOSE).decode()
    return Pendo(base_url=subscription.base_url, key=text, deadline=deadline)


# -- Keeping -----------------------------------------------------------------------------------------------


def sealed_key(subscription: Subscription, text: str) -> bytes:
    """The key as it stands in the database."""
    return crypto.seal(subscription.unwrapped_key(), text.encode(), purpose=KEY_PURPOSE)


def fingerprint_of(text: str) -> str:
    """What is shown in the key's place."""
    return keyring.lookup_digest("key", text).value.hex()[:8]


def _fingerprints(text: str) -> list[str]:
    """What may have been shown, under this digest key or an earlier one."""
    return [digest.value.hex()[:8] for digest in keyring.lookup_digests("key", text)]


def _actor(by: Person | None) -> str:
    return by.reference if by else ledger.COMMAND_LINE
