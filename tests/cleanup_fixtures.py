"""Clean-up rules, and QA people who write them."""

import dataclasses
import time

import pytest

from compliance.cleanup.approving import give_standing_approval, longest_day
from compliance.cleanup.choices import RuleAction, Source, Trigger
from compliance.cleanup.definition import Definition
from compliance.cleanup.models import Run
from compliance.cleanup.progress import move_on
from compliance.cleanup.running import start_run
from compliance.cleanup.tasks import move_on as move_all_on
from compliance.cleanup.writing import write_rule
from compliance.execution import tasks as tick
from compliance.people.roles import Role
from compliance.sandbox.records import Visitor


@pytest.fixture
def qa(make_person):
    return make_person(Role.QA, name="Quinn QA")


@pytest.fixture
def qa_lead(make_person):
    return make_person(Role.QA_LEAD, name="Lou Lead")


def said(**changes):
    """What a rule says: it erases three listed visitors."""
    values = {
        "action": RuleAction.ERASE,
        "source": Source.LIST,
        "ids": ("qa-1", "qa-2", "qa-3"),
        "pattern": "qa-*",
        "most": 100,
        "share": 50,
    } | changes
    if values["source"] != Source.LIST and "ids" not in changes:
        values["ids"] = ()
    return Definition(**values)


@pytest.fixture
def make_rule(qa, silent_subscription):
    """`make_rule(name=..., subscription=..., by=..., approved_by=..., **said)`: QA has written it."""

    def make(*, name="nightly-qa", subscription=None, by=None, approved_by=None, **changes):
        rule = write_rule(
            name=name, subscription=subscription or silent_subscription(), said=said(**changes), by=by or qa
        )
        if approved_by:
            approve_rule(rule, approved_by)
        return rule

    return make


def approve_rule(rule, person, ends_on=None):
    """The person's standing approval of the rule as it is, for as long as it may count."""
    version = rule.versions.latest("number")
    given = {"digest": version.digest, "ends_on": ends_on or longest_day(version)}
    return give_standing_approval(rule=rule, by=person, **given)


class Bench:
    """Rules on a running sandbox, and the engine worked by hand."""

    def __init__(self, desk, make_rule):
        self.desk, self.make_rule = desk, make_rule

    def add(self, *ids):
        """These are visitors in Pendo, first seen long ago."""
        self.desk.come_back(*ids)
        return ids

    def just_now(self, *ids):
        """These are visitors in Pendo, first seen a minute ago."""
        moment = int((time.time() - 60) * 1000)
        self.desk.pendo.visitors.add({each: Visitor(each, None, moment, moment) for each in ids})

    def email(self, name, address):
        """Pendo keeps this address for the visitor."""
        visitors = self.desk.pendo.visitors
        visitors.add({name: dataclasses.replace(visitors.get(name), email=address)})

    def rule(self, **said):
        return self.make_rule(subscription=self.desk.subscription, **said)

    def start(self, rule, **how):
        """A run of the rule; nothing has been looked up for it yet."""
        return start_run(rule=rule, **({"trigger": Trigger.COMMAND} | how)).run

    def run(self, rule, **how):
        """A run of the rule that has come to rest."""
        return self.rest(self.start(rule, **how))

    def approve(self, run):
        """What has been looked up is counted, and the rule approves it."""
        tick.move_on()
        move_on(run)

    def rest(self, run):
        before = None
        while before != (now := self._place(run)):
            before = now
            self.desk.run()
            move_all_on()
        return move_on(run)

    def _place(self, run):
        run = Run.objects.select_related("request", "lifting").get(pk=run.pk)
        requests = [each for each in (run.request, run.lifting) if each]
        return run.result, [(each.state, each.previews.count()) for each in requests]


@pytest.fixture
def bench(desk, make_rule):
    """Rules on the desk's sandbox; see `Bench`."""
    return Bench(desk, make_rule)
