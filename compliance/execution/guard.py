"""Nothing is sent to, and nothing certified by, another subscription than the one we mean."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from django.conf import settings

from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.pendo.client import PAGE, quotable
from compliance.core import keyring
from compliance.subscriptions import lanes, pausing, recognition
from compliance.subscriptions.checks import note_refused_call
from compliance.subscriptions.models import PauseReason, Purpose
from compliance.workflow import scans
from compliance.workflow.previews import note_trouble
from compliance.workflow.queries import being_erased

from . import passes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Key, Subscription


class Trouble(Exception):
    """An answer that is no knowledge: the slice ends, and the lane waits."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer."""
        super().__init__(answer.verdict)
        self.answer = answer


class Oddity(Trouble):
    """Pendo refused one question and answered others just before and after it: the lane itself is well."""


class Paused(Exception):
    """The subscription is paused; the slice ends."""


#: Pages on which others than those who are being erased are looked for, where both ends hold none.
MOST_PAGES = 40

#: Pendo works, but doesn't know this call, or gives something else for it: other calls may go well.
ODD = frozenset({Verdict.GARBLED, Verdict.NOT_FOUND, Verdict.BAD_REQUEST, Verdict.UNPROCESSABLE})

#: The question may be too much for Pendo, which answers others just before and after it.
UNANSWERED = frozenset({Verdict.UNAVAILABLE, Verdict.LOST, Verdict.NOT_PAID})


def usable(answer: Answer) -> bool:
    """Whether the answer is what was asked for, not an odd one. Raises `Trouble` where there is none."""
    if not answer.ok and answer.verdict not in ODD:
        raise Trouble(answer)
    return answer.ok


def recognise(pendo: Pendo, subscription: Subscription) -> recognition.ControlsSeen:
    """The control visitors were seen just now, so it is the subscription we mean.

    Control visitors that have gone (erased by us, or otherwise) are replaced if the guides still match.
    Raises `Trouble` where Pendo didn't answer, and `Paused`, having paused the subscription, where it is
    another one, or where nothing is left by which to tell.
    """
    seen = _see(pendo, subscription)
    if seen.enough:
        if seen.asked < recognition.FEWEST_CONTROLS and subscription.controls.count() > seen.asked:
            _renew(pendo, subscription, _features(pendo))
        return seen
    features = _features(pendo)
    if not recognition.guides_match(subscription, features.guides):
        raise _paused(subscription, PauseReason.FOREIGN)
    _renew(pendo, subscription, features)
    seen = _see(pendo, subscription)
    if not seen.enough:
        raise _paused(subscription, PauseReason.NO_CONTROLS if seen.asked == 0 else PauseReason.FOREIGN)
    return seen


def _features(pendo: Pendo) -> recognition.Features:
    features = recognition.read_features(pendo)
    if isinstance(features, Answer):
        raise Trouble(features)
    return features


def _renew(pendo: Pendo, subscription: Subscription, features: recognition.Features) -> None:
    """Others are control visitors now. Those who are being erased may stand at both ends of Pendo's list."""
    if not _staying(subscription, features.visitors):
        features = replace(features, visitors=_staying_further_on(pendo, subscription))
    going = being_erased(subscription, map(_digest, features.visitors))
    recognition.renew_controls(subscription, features, leave_out=going)


def _digest(visitor_id: str) -> bytes:
    return keyring.lookup_digest("visitor", visitor_id).value


def _staying(subscription: Subscription, visitors: Iterable[str]) -> list[str]:
    """Those of the visitors who aren't being erased, in order."""
    digests = {visitor: _digest(visitor) for visitor in visitors}
    going = being_erased(subscription, digests.values())
    return [visitor for visitor, digest in digests.items() if digest not in going]


def _staying_further_on(pendo: Pendo, subscription: Subscription) -> list[str]:
    """Enough visitors who aren't being erased, or all that the first pages of Pendo's list hold."""
    found: list[str] = []
    for page in _pages(pendo):
        found += _staying(subscription, page)
        if len(found) >= recognition.CONTROLS:
            break
    return found


def _pages(pendo: Pendo) -> Iterator[list[str]]:
    """Identified visitors, page by page. Raises `Trouble` where Pendo gives none, or they take too long."""
    after, end = "", time.monotonic() + settings.TIMINGS.slice
    for _ in range(MOST_PAGES):
        answer, page = pendo.some_visitors(PAGE, after=after)
        if not answer.ok:
            raise Trouble(answer)
        yield page
        following = next((each for each in reversed(page) if quotable(each)), after)
        if following <= after:
            return
        if time.monotonic() > end:
            raise Trouble(Answer(Verdict.UNAVAILABLE))
        after = following


def _paused(subscription: Subscription, reason: PauseReason) -> Paused:
    pausing.pause(subscription=subscription, reason=reason, by=None)
    scans.start_all_anew(subscription)
    passes.start_all_anew(subscription)
    note_trouble(subscription, f"Waiting: {subscription.name} is paused: {reason.label}.")
    return Paused()


def deal_with(trouble: Trouble, *, lease: lanes.Lease, subscription: Subscription, key: Key) -> None:
    """The lane waits, or, if the key is refused, the subscription is paused; waiting previews say why.

    A refused key that is for look-ups only is put aside: they go by the other one from the next slice on.
    """
    if trouble.answer.verdict is Verdict.KEY_REFUSED:
        note_refused_call(key)
        if key.purpose == Purpose.WRITE:
            note_trouble(
                subscription, f"Waiting: Pendo refuses the key of {subscription.name}. Enter a working one."
            )
        return
    if isinstance(trouble, Oddity):
        lanes.went_well(lease)
    wait = lanes.probe_later if subscription.silent_since else lanes.put_off
    wait(lease, at_least=trouble.answer.retry_after)
    what = "every question" if isinstance(trouble, Oddity) else "at the moment"
    note_trouble(subscription, f"Waiting: {subscription.name} doesn't answer {what}; trying again by itself.")


def controls_going(subscription: Subscription) -> set[bytes]:
    """The digests of control visitors that are being erased by us: whether they are seen tells nothing."""
    digests = [bytes(control.digest) for control in subscription.controls.all()]
    return being_erased(subscription, digests)


def _see(pendo: Pendo, subscription: Subscription) -> recognition.ControlsSeen:
    seen = recognition.see_controls(pendo, subscription, leave_out=controls_going(subscription))
    if seen.trouble:
        raise Trouble(seen.trouble)
    return seen
