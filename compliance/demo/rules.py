"""The demo's clean-up rules: one runs by itself, one waits for a QA lead's approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from compliance.cleanup.approving import give_standing_approval, longest_day
from compliance.cleanup.choices import RuleAction, Source
from compliance.cleanup.definition import Definition
from compliance.cleanup.models import Rule
from compliance.cleanup.writing import write_rule
from compliance.people.models import Person

if TYPE_CHECKING:
    from compliance.subscriptions.models import Subscription

#: What nightly tests leave in the sandbox: see `sandbox.seed`.
TEST_IDS = "qa-nightly-"


@transaction.atomic
def build_rules(subscription: Subscription) -> None:
    """QA sees two rules on the subscription, once. Nothing happens where there are rules already."""
    if Rule.objects.exists():
        return
    qa, officer = (Person.objects.get(email=f"{who}@demo.example") for who in ("qa", "officer"))
    nightly = write_rule(
        name="nightly-qa",
        subscription=subscription,
        said=Definition(
            action=RuleAction.ERASE,
            source=Source.PREFIX,
            value=TEST_IDS,
            pattern=f"{TEST_IDS}*",
            most=500,
            share=10,
            cron="30 2 * * 1-5",
            zone=settings.TIME_ZONE,
        ),
        by=qa,
    )
    version = nightly.version
    give_standing_approval(rule=nightly, digest=version.digest, ends_on=longest_day(version), by=officer)
    write_rule(
        name="fresh-guides",
        subscription=subscription,
        said=Definition(
            action=RuleAction.RESET_GUIDES,
            source=Source.SEGMENT,
            value="sgQaVisitors",
            pattern=f"{TEST_IDS}*",
            most=500,
            share=10,
            reused=True,
        ),
        by=qa,
    )
