"""A subscription that is another one in Pendo now: moved or made anew. Its key needs two people.

A key of another subscription is nearly always a mistake, and a dangerous one: it answers "not found" to
everything. So it is refused, unless one person says on purpose that the subscription itself has changed, and
a second one confirms that. Until then the key waits under seal, and nothing is called with it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto
from compliance.core.errors import Refused

from .isolation import for_each
from .keys import KEY_PURPOSE, fingerprint_of, keep, key_in_use, sealed_key
from .models import KeyProposal, Purpose, Subscription
from .retirement import put_aside
from .verification import BelongsElsewhere, opened, refuse_bad_day, refuse_foreign, tidy, verified_features

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person


def propose_foreign_key(
    *, subscription: Subscription, key: str, by: Person, made_on: dt.date | None = None
) -> KeyProposal:
    """The key waits under seal for a second person.

    Raises `Refused` when Pendo refuses it, when it is of this very subscription, while requests are under
    way here, and while another key waits.
    """
    text = tidy(key)
    refuse_bad_day(made_on)
    _refuse_while_under_way(subscription)
    _refuse_unless_foreign(subscription, text)
    return _propose(subscription, text, by, made_on)


def confirm_foreign_key(*, proposal: KeyProposal, by: Person) -> None:
    """The key is in use, and the subscription is recognised by what it shows from now on.

    Raises `Refused` for whoever proposed it, once somebody has decided or a day is over, while requests are
    under way, and where Pendo doesn't answer or refuses the key by now.
    """
    subscription, former = proposal.subscription, key_in_use(proposal.subscription)
    if by == proposal.proposed_by:
        raise Refused("You proposed this key. Another custodian or a privacy officer has to confirm it.")
    _refuse_while_under_way(subscription)
    text = _opened_text(_still_waiting(proposal))
    with opened(subscription, text) as pendo:
        features = verified_features(pendo, subscription)
    with transaction.atomic():
        current = _decide(proposal, KeyProposal.Decision.CONFIRMED, by)
        _refuse_while_under_way(subscription)
        ledger.record(
            Event.FOREIGN_KEY_CONFIRMED,
            chain=subscription.reference,
            actor=by.reference,
            key=current.fingerprint,
            proposer=current.proposed_by.reference,
        )
        _put_reading_key_aside(subscription, by)
        keep(
            subscription,
            text,
            features,
            former=former,
            by=by,
            made_on=current.made_on,
            entered_by=current.proposed_by,
        )


@transaction.atomic
def decline_foreign_key(*, proposal: KeyProposal, by: Person) -> None:
    """The proposed key is destroyed. Its proposer may take it back, too."""
    current = _decide(proposal, KeyProposal.Decision.DECLINED, by)
    _record_end(Event.FOREIGN_KEY_DECLINED, current, by.reference)


def expire_proposals() -> None:
    """Keys that nobody decided about within a day are destroyed."""
    over = waiting_proposals().filter(proposed_at__lte=_oldest())
    for_each(over.values_list("pk", flat=True), _expire_one, what="key proposal")


def _expire_one(proposal_id: int) -> None:
    _expire(KeyProposal.objects.select_related("subscription").get(pk=proposal_id))


def waiting_proposals() -> QuerySet[KeyProposal]:
    """Those that nobody has decided about, the oldest first."""
    return (
        KeyProposal.objects.filter(decision="").select_related("subscription", "proposed_by").order_by("pk")
    )


def _refuse_while_under_way(subscription: Subscription) -> None:
    # Requests belong to a room above this one, and say themselves which of them still want something here.
    if subscription.requests.all().waiting_for(subscription).exists():
        raise Refused(
            "Requests are under way here. They were looked up in the Pendo subscription known so far, and in "
            "another one everybody would look absent. End or cancel them first: where one was being sent, "
            "its page offers to end the waiting once the subscription has been out of reach for days. Or "
            "have an administrator add the other Pendo subscription beside this one."
        )


def _refuse_unless_foreign(subscription: Subscription, text: str) -> None:
    with opened(subscription, text) as pendo:
        features = verified_features(pendo, subscription)
        try:
            refuse_foreign(pendo, subscription, features)
        except BelongsElsewhere:
            return
    raise Refused("This key belongs to the subscription known here. Enter it in the ordinary way.")


@transaction.atomic
def _propose(subscription: Subscription, text: str, by: Person, made_on: dt.date | None) -> KeyProposal:
    Subscription.objects.select_for_update().get(pk=subscription.pk)
    waiting = waiting_proposals().filter(subscription=subscription)
    _expire_those(waiting)
    if waiting.exists():
        raise Refused("Another key is proposed already. Decline that one first.")
    proposal = KeyProposal.objects.create(
        subscription=subscription,
        sealed=sealed_key(subscription, text),
        fingerprint=fingerprint_of(text),
        made_on=made_on,
        proposed_by=by,
    )
    ledger.record(
        Event.FOREIGN_KEY_PROPOSED,
        chain=subscription.reference,
        actor=by.reference,
        key=proposal.fingerprint,
    )
    return proposal


def _opened_text(proposal: KeyProposal) -> str:
    sealed = bytes(proposal.sealed or b"")
    data_key = proposal.subscription.unwrapped_key()
    return crypto.open_sealed(data_key, sealed, purpose=KEY_PURPOSE).decode()


def _decide(proposal: KeyProposal, decision: KeyProposal.Decision, by: Person | None) -> KeyProposal:
    Subscription.objects.select_for_update().get(pk=proposal.subscription_id)
    current = _still_waiting(proposal) if by else proposal
    current.decision, current.decided_by, current.decided_at = decision, by, clock.now()
    current.sealed = None
    current.save(update_fields=["decision", "decided_by", "decided_at", "sealed"])
    return current


def _still_waiting(proposal: KeyProposal) -> KeyProposal:
    current = waiting_proposals().filter(pk=proposal.pk, proposed_at__gt=_oldest()).first()
    if current is None:
        raise Refused("Somebody has decided about this key already, or a day is over. Reload the page.")
    return current


def _expire_those(waiting: QuerySet[KeyProposal]) -> None:
    for proposal in waiting.filter(proposed_at__lte=_oldest()):
        _expire(proposal)


@transaction.atomic
def _expire(proposal: KeyProposal) -> None:
    Subscription.objects.select_for_update().get(pk=proposal.subscription_id)
    if waiting_proposals().filter(pk=proposal.pk).exists():
        current = _decide(proposal, KeyProposal.Decision.EXPIRED, None)
        _record_end(Event.FOREIGN_KEY_EXPIRED, current, ledger.SYSTEM)


def _record_end(event: Event, proposal: KeyProposal, actor: str) -> None:
    ledger.record(event, chain=proposal.subscription.reference, actor=actor, key=proposal.fingerprint)


def _put_reading_key_aside(subscription: Subscription, by: Person) -> None:
    """It shows the subscription as it was: look-ups by it would find everybody absent, or still there."""
    reading = key_in_use(subscription, Purpose.READ)
    if reading:
        put_aside(key=reading, by=by)


def _oldest() -> dt.datetime:
    return clock.now() - dt.timedelta(seconds=settings.TIMINGS.key_proposal)
