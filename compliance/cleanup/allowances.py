"""Test ids in production: patterns that an officer has set, with the most that a run may touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act
from compliance.people.models import Person
from compliance.subscriptions.reach import reaches_subscription
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.guards import pattern_digest
from compliance.workflow.patterns import refuse_bad_pattern

from .approving import end_uncovered
from .definition import MOST_A_RUN
from .models import Allowance

if TYPE_CHECKING:
    from compliance.subscriptions.models import Subscription

CHAIN = "cleanup allowances"


@transaction.atomic
def set_allowance(*, subscription: Subscription, pattern: str, most: int, by: Person) -> Allowance:
    """Ids that match the pattern are test data, and a run may touch so many. Raises `Refused`.

    A pattern that was set before has the new number from now on.
    """
    _refuse_stranger(by, subscription)
    if not subscription.production:
        raise Refused(f"{subscription.name} isn't a production subscription: rules need no pattern there.")
    refuse_bad_pattern(pattern)
    if not 1 <= most <= MOST_A_RUN:
        raise Refused(f"Say how many one run may touch: 1 to {MOST_A_RUN:,}.")
    standing = Allowance.objects.select_for_update().filter(subscription=subscription, ended_at=None)
    for former in standing.filter(pattern=pattern):
        _end(former, by)
    allowance = Allowance.objects.create(subscription=subscription, pattern=pattern, most=most, set_by=by)
    ledger.record(
        Event.ALLOWANCE_SET,
        chain=CHAIN,
        actor=by.reference,
        subscription=subscription.name,
        pattern=pattern_digest(pattern),
        most=most,
    )
    end_uncovered(subscription)
    return allowance


@transaction.atomic
def end_allowance(*, allowance: Allowance, by: Person) -> None:
    """The pattern counts no more, and no standing approval that needs it. Raises `Refused`."""
    _refuse_stranger(by, allowance.subscription)
    found = Allowance.objects.select_for_update().filter(pk=allowance.pk, ended_at=None).first()
    if found is None:
        raise Refused("This pattern was ended already.")
    _end(found, by)
    ledger.record(
        Event.ALLOWANCE_ENDED,
        chain=CHAIN,
        actor=by.reference,
        allowance=allowance.pk,
        subscription=allowance.subscription.name,
    )
    end_uncovered(allowance.subscription)


def _end(allowance: Allowance, by: Person) -> None:
    allowance.ended_at, allowance.ended_by = clock.now(), by
    allowance.save(update_fields=["ended_at", "ended_by"])


def _refuse_stranger(by: Person, subscription: Subscription) -> None:
    person = Person.objects.get(pk=by.pk)
    if not reaches_subscription(person, Act.SET_TEST_PATTERNS, subscription):
        raise NotThisPerson("Only a privacy officer says which ids are test data in production.")
