"""Making the demo, once."""

from __future__ import annotations

from django.db import transaction

from compliance.people.membership import add_person
from compliance.people.models import Person
from compliance.sandbox.keys import DEMO_WRITE_KEY
from compliance.subscriptions.keys import add_subscription_with_key
from compliance.subscriptions.models import Subscription

from .people import PASSWORD, PEOPLE, DemoPerson
from .rules import build_rules

SUBSCRIPTION = "Demo (sandbox)"


def build_demo(*, sandbox_url: str) -> None:
    """The demo's people can log in, and its subscription answers at `sandbox_url`. Safe to do again."""
    for invented in PEOPLE:
        _person(invented)
    subscription = Subscription.objects.filter(name=SUBSCRIPTION).first()
    if subscription is None:
        subscription = add_subscription_with_key(
            name=SUBSCRIPTION, region="us", production=False, url=sandbox_url, key=DEMO_WRITE_KEY, by=None
        )
    elif subscription.url != sandbox_url:
        _move(subscription, sandbox_url)
    build_rules(subscription)


@transaction.atomic
def _move(subscription: Subscription, sandbox_url: str) -> None:
    """The sandbox was started on another port."""
    subscription.url = sandbox_url
    subscription.save(update_fields=["url"])


@transaction.atomic
def _person(invented: DemoPerson) -> None:
    if Person.objects.filter(email=invented.email).exists():
        return
    person = add_person(name=invented.name, email=invented.email, roles=[invented.role], by=None)
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
