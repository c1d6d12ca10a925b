"""Who reaches which rule: a role lets somebody do something with rules, in the subscriptions it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.people.access import Act, can
from compliance.people.models import Person
from compliance.subscriptions.models import Subscription
from compliance.workflow.errors import NotThisPerson

from .models import Rule

if TYPE_CHECKING:
    from django.db.models import QuerySet


def refuse_out_of_reach(person: Person, act: Act, subscription: Subscription) -> None:
    """Raises `NotThisPerson` for whoever may not do this with rules of the subscription now."""
    if not may_here(Person.objects.get(pk=person.pk), act, subscription):
        raise NotThisPerson(f"Your roles don't let you {act.value} for {subscription.name}.")


def may_here(person: Person, act: Act, subscription: Subscription) -> bool:
    """Whether the person may do this with rules of the subscription."""
    return can(person, act)


def subscriptions_for(person: Person, act: Act) -> QuerySet[Subscription]:
    """The subscriptions with whose rules the person may do this."""
    return Subscription.objects.all() if can(person, act) else Subscription.objects.none()


def rules_for(person: Person, act: Act = Act.READ_RULES) -> QuerySet[Rule]:
    """The rules with which the person may do this."""
    return Rule.objects.filter(subscription__in=subscriptions_for(person, act))
