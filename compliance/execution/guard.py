"""Nothing is sent to, and nothing certified by, another subscription than the one we mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.connectors.answers import Answer, Verdict
from compliance.core import keyring
from compliance.subscriptions import lanes, pausing, recognition
from compliance.subscriptions.models import PauseReason
from compliance.workflow.previews import note_trouble
from compliance.workflow.queries import being_erased

if TYPE_CHECKING:
    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription


class Trouble(Exception):
    """An answer that is no knowledge: the slice ends, and the lane waits."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer."""
        super().__init__(answer.verdict)
        self.answer = answer


class Paused(Exception):
    """The subscription is paused; the slice ends."""


def recognise(pendo: Pendo, subscription: Subscription) -> recognition.ControlsSeen:
    """The control visitors were seen just now, so it is the subscription we mean.

    Control visitors that have gone (erased by us, or otherwise) are replaced if the guides still match. Raises
    `Trouble` where Pendo didn't answer, and `Paused`, having paused the subscription, where it is another one.
    """
    seen = _see(pendo, subscription)
    if seen.enough:
        return seen
    features = recognition.read_features(pendo)
    if isinstance(features, Answer):
        raise Trouble(features)
    candidates = [keyring.lookup_digest("visitor", visitor).value for visitor in features.visitors]
    if recognition.renew_controls(subscription, features, leave_out=being_erased(subscription, candidates)):
        seen = _see(pendo, subscription)
        if seen.enough:
            return seen
    pausing.pause(subscription=subscription, reason=PauseReason.FOREIGN, by=None)
    raise Paused


def deal_with(trouble: Trouble, *, lease: lanes.Lease, subscription: Subscription) -> None:
    """The lane waits, or, if the key is refused, the subscription is paused; waiting previews say why."""
    if trouble.answer.verdict is Verdict.KEY_REFUSED:
        pausing.pause(subscription=subscription, reason=PauseReason.KEY_REFUSED, by=None)
        note_trouble(
            subscription, f"Waiting: Pendo refuses the key of {subscription.name}. Enter a working one."
        )
        return
    lanes.put_off(lease, at_least=trouble.answer.retry_after)
    note_trouble(
        subscription, f"Waiting: {subscription.name} doesn't answer at the moment; trying again by itself."
    )


def _see(pendo: Pendo, subscription: Subscription) -> recognition.ControlsSeen:
    digests = [bytes(control.digest) for control in subscription.controls.all()]
    seen = recognition.see_controls(pendo, subscription, leave_out=being_erased(subscription, digests))
    if seen.trouble:
        raise Trouble(seen.trouble)
    return seen
