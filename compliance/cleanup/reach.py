"""Who reaches which rule: a role lets somebody do something with rules, in the subscriptions it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.people.access import Act
from compliance.people.models import Person
from compliance.subscriptions.reach import in_reach, reaches_subscription
from compliance.workflow.errors import NotThisPerson

from .models import Rule

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.subscriptions.models import Subscription


def refuse_out_of_reach(person: Person, act: Act, subscription: Subscription) -> None:
    """Raises `NotThisPerson` for whoever may not do this with rules of the subscription now."""
    if not reaches_subscription(Person.objects.get(pk=person.pk), act, subscription):
        raise NotThisPerson(f"Your roles don't let you {act.value} for {subscription.name}.")


def rules_for(person: Person, act: Act = Act.READ_RULES) -> QuerySet[Rule]:
    """The rules with which the person may do this."""
    return in_reach(Rule.objects.all(), person, act)
