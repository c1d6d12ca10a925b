"""Is this a key that can be taken? Pendo is asked before anything is kept."""

from __future__ import annotations

import datetime as dt

from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.pendo import Pendo
from compliance.core import clock
from compliance.core.errors import Refused

from . import recognition
from .models import Purpose, Subscription
from .pendo_clicks import INTEGRATION_KEYS

MOST_KEY_CHARACTERS = 200
#: Before this, Pendo gave no keys to anybody.
FIRST_KEYS = dt.date(2013, 1, 1)
#: Seconds for each call: somebody waits at the screen.
ENTRY_DEADLINE = 15.0


class BelongsElsewhere(Refused):
    """The key is valid, but of another Pendo subscription than the one known here."""


def tidy(key: str) -> str:
    """The key without what copying leaves around it. Raises `Refused` for what can be no key."""
    text = key.strip()
    odd = not text.isascii() or not text.isprintable() or " " in text
    if not text or odd or len(text) > MOST_KEY_CHARACTERS:
        raise Refused(f"This is not a Pendo key. Copy it whole from {INTEGRATION_KEYS}.")
    return text


def refuse_bad_day(made_on: dt.date | None) -> None:
    """Raises `Refused` for a day on which a key can't have been made."""
    if made_on and not FIRST_KEYS <= made_on <= clock.today():
        raise Refused("The day the key was made lies in the future or long ago. Check the date.")


def opened(subscription: Subscription, text: str) -> Pendo:
    """A connection with a key that isn't kept yet."""
    return Pendo(base_url=subscription.base_url, key=text, deadline=ENTRY_DEADLINE)


def verified_features(
    pendo: Pendo, subscription: Subscription, purpose: Purpose = Purpose.WRITE
) -> recognition.Features:
    """What the key shows of its subscription. Raises `Refused` for wrong rights or no answer."""
    _refuse_wrong_rights(pendo, subscription, purpose)
    found = recognition.read_features(pendo)
    if isinstance(found, Answer):
        raise Refused(_why_not(found, subscription))
    if not found.visitors:
        raise Refused(
            "Pendo knows no identified visitor in this subscription. Without one, an absence can't be told "
            "from a wrong key. Enter the key once the subscription has data."
        )
    _refuse_known_elsewhere(subscription, found)
    return found


def refuse_foreign(pendo: Pendo, subscription: Subscription, features: recognition.Features) -> None:
    """Raises `BelongsElsewhere` for another subscription's key, `Refused` where Pendo doesn't answer."""
    if not subscription.controls.exists() or recognition.guides_match(subscription, features.guides):
        return
    seen = recognition.see_controls(pendo, subscription)
    if seen.trouble:
        raise Refused(_why_not(seen.trouble, subscription))
    # Two subscriptions of one company may share visitor ids (1, 2, 3, …), but never guides: where guides are
    # known, one without any of them is another one, or so changed that a second person has to say so.
    guides_known = subscription.known_guides.exists()
    none_matches = guides_known and recognition.matching_guides(subscription, features.guides) == 0
    if none_matches or not seen.enough:
        raise BelongsElsewhere(
            "This key is valid, but it belongs to another Pendo subscription: the visitors and guides known "
            "here were not seen with it. Check in Pendo which subscription the key was made in."
        )


def _refuse_known_elsewhere(subscription: Subscription, features: recognition.Features) -> None:
    """One Pendo subscription under two names: a deletion approved for the one would reach the other."""
    for other in Subscription.objects.exclude(pk=subscription.pk):
        if recognition.guides_match(other, features.guides):
            raise Refused(
                f"This key opens the Pendo subscription that is known here as {other.name}. Check in Pendo "
                f"which subscription it was made in, and enter a key of {subscription.name}."
            )


def _refuse_wrong_rights(pendo: Pendo, subscription: Subscription, purpose: Purpose) -> None:
    check = pendo.verify_key()
    if not check.answer.ok:
        raise Refused(_why_not(check.answer, subscription))
    if not check.valid:
        raise Refused(_why_not(Answer(Verdict.KEY_REFUSED), subscription))
    if purpose == Purpose.WRITE and not check.write_access:
        raise Refused(
            "Pendo knows this key, but it may only read. Make one with write access: tick "
            f'"Allow write access" in {INTEGRATION_KEYS}.'
        )
    if purpose == Purpose.READ and check.write_access:
        raise Refused(
            "This key may also write. A key for look-ups is there so that it can't: make one without "
            f'"Allow write access" in {INTEGRATION_KEYS}.'
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
