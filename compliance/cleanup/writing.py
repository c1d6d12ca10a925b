"""Writing a rule, changing what it says, handing it over, pausing its schedule, retiring it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock, crypto, keyring
from compliance.core.errors import Refused
from compliance.people.access import Act
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.sealing import Vault

from .approving import approver_role, end_standing
from .choices import Ended
from .definition import IDS, BadField, definition_of, digest_of, refuse_bad_definition
from .models import Rule, Version
from .progress import cancel_waiting_runs
from .reach import refuse_out_of_reach
from .schedule import next_moment

if TYPE_CHECKING:
    import datetime as dt

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

    from .definition import Definition

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@transaction.atomic
def write_rule(
    *, name: str, subscription: Subscription, said: Definition, by: Person, owner: Person | None = None
) -> Rule:
    """The rule stands in its first version; without a standing approval, each run waits for one.

    Without an owner, whoever writes it is. Raises `Refused`; `BadField` where one field is wrong.
    """
    refuse_out_of_reach(by, Act.WRITE_RULES, subscription)
    _refuse_bad_name(name)
    owner = owner or by
    _refuse_bad_owner(owner, subscription)
    refuse_bad_definition(said)
    rule = Rule.objects.create(
        name=name, subscription=subscription, owner=owner, data_key=keyring.wrap(crypto.new_data_key())
    )
    _add_version(rule, said, by)
    return rule


@transaction.atomic
def change_rule(*, rule: Rule, said: Definition, by: Person) -> Version:
    """The rule says this from now on: what was approved of it, and what waits, counts no more.

    What is being sent goes on to its end. Nothing happens where it says that already. Raises `Refused`.
    """
    rule = locked(rule, by)
    if said == definition_of(rule.version):
        return rule.version
    refuse_bad_definition(said)
    version = _add_version(rule, said, by)
    end_standing(rule, Ended.CHANGED)
    cancel_waiting_runs(
        rule, why=f"The rule {rule.name} was changed, so this run of its former version ended."
    )
    return version


@transaction.atomic
def hand_over(*, rule: Rule, owner: Person, by: Person) -> None:
    """Somebody else looks after the rule, and its schedule runs it in their name. Raises `Refused`."""
    rule = locked(rule, by)
    _refuse_bad_owner(owner, rule.subscription)
    if owner == rule.owner:
        return
    before, rule.owner = rule.owner, owner
    rule.save(update_fields=["owner"])
    _record(Event.RULE_HANDED_OVER, rule, by, owner=owner.reference, before=before.reference)


@transaction.atomic
def pause_rule(*, rule: Rule, by: Person) -> None:
    """Its schedule doesn't start it. By hand and from a pipeline it can be run. Raises `Refused`."""
    rule = locked(rule, by)
    if not rule.version.cron or rule.paused_at:
        raise Refused("This rule has no schedule that could be paused.")
    rule.paused_at, rule.next_run_at = clock.now(), None
    rule.save(update_fields=["paused_at", "next_run_at"])
    _record(Event.RULE_PAUSED, rule, by)


@transaction.atomic
def resume_rule(*, rule: Rule, by: Person) -> None:
    """Its schedule starts it again, from its next moment on. Raises `Refused`."""
    rule = locked(rule, by)
    if not rule.paused_at:
        raise Refused("The schedule of this rule isn't paused.")
    rule.paused_at = None
    rule.next_run_at = next_run(rule.version)
    rule.save(update_fields=["paused_at", "next_run_at"])
    moment = ledger.as_fact(rule.next_run_at) if rule.next_run_at else "never"
    _record(Event.RULE_RESUMED, rule, by, next_run_at=moment)


@transaction.atomic
def retire_rule(*, rule: Rule, by: Person) -> None:
    """The rule is used no more; its runs stay to be read. Raises `Refused`."""
    rule = locked(rule, by)
    rule.retired_at, rule.next_run_at = clock.now(), None
    rule.save(update_fields=["retired_at", "next_run_at"])
    end_standing(rule, Ended.RETIRED)
    cancel_waiting_runs(rule, why=f"The rule {rule.name} was retired.")
    _record(Event.RULE_RETIRED, rule, by)


def next_run(version: Version) -> dt.datetime | None:
    """When the schedule comes next; None where there is none."""
    return next_moment(version.cron, version.zone, clock.now()) if version.cron else None


def locked(rule: Rule, by: Person) -> Rule:
    """The rule while nobody else changes it. Raises `Refused` for whoever may not, or once it is retired."""
    rule = (
        Rule.objects.select_for_update(of=("self",)).select_related("subscription", "owner").get(pk=rule.pk)
    )
    refuse_out_of_reach(by, Act.WRITE_RULES, rule.subscription)
    if rule.retired_at:
        raise Refused("This rule is retired. Write a new one.")
    return rule


def _add_version(rule: Rule, said: Definition, by: Person) -> Version:
    vault = Vault(rule.data_key)
    version = Version.objects.create(
        rule=rule,
        number=rule.versions.count() + 1,
        action=said.action,
        source=said.source or "",
        value=said.value,
        sealed_ids=vault.seal(json.dumps(said.ids), purpose=IDS) if said.ids else None,
        count=len(said.ids),
        guide=said.guide,
        pattern=said.pattern,
        most=said.most,
        share=said.share,
        cron=said.cron,
        zone=said.zone,
        reused=said.reused,
        digest=digest_of(rule, said),
        author=by,
    )
    rule.__dict__.pop("version", None)
    rule.next_run_at = None if rule.paused_at else next_run(version)
    rule.save(update_fields=["next_run_at"])
    source = f", {version.get_source_display().lower()}" if said.source else ""
    _record(
        Event.RULE_WRITTEN,
        rule,
        by,
        version=version.number,
        subscription=rule.subscription.name,
        what=f"{version.get_action_display().lower()}{source}",
        most=version.most,
        share=version.share,
        schedule=f"{version.cron} {version.zone}".strip() or "none",
        digest=version.digest,
        approver_role=approver_role(version).value,
    )
    return version


def _record(event: Event, rule: Rule, by: Person, **facts: ledger.type_of_fact) -> None:
    ledger.record(event, chain=rule.chain, actor=by.reference, rule=rule.name, **facts)


def _refuse_bad_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise BadField("name", "A name has 1 to 40 small letters, digits and hyphens, such as nightly-qa.")
    if Rule.objects.filter(name=name).exists():
        raise BadField("name", "There is a rule with this name already.")


def _refuse_bad_owner(owner: Person, subscription: Subscription) -> None:
    try:
        refuse_out_of_reach(owner, Act.RUN_RULES, subscription)
    except NotThisPerson as error:
        raise BadField("owner", "The owner's roles don't let them run rules here.") from error
