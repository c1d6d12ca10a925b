"""Standing approvals: exactly one version of a rule may run without being asked about, until a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.access import Act, grants_for
from compliance.people.models import Person
from compliance.people.roles import Role
from compliance.subscriptions.reach import limits_of, reaches_subscription
from compliance.workflow.approvals import Standing, void_approval_by_rule
from compliance.workflow.errors import NotThisPerson, SetHasChanged
from compliance.workflow.patterns import covers
from compliance.workflow.policy import DEFAULTS, ELSEWHERE, PRODUCTION
from compliance.workflow.states import State

from .choices import ERASING, FOR_EVERYBODY, Ended
from .models import Allowance, Rule, StandingApproval
from .reach import refuse_out_of_reach

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.subscriptions.models import Subscription

    from .models import Version

#: How long one may count: what can't be undone, and what can be done again at any time.
LONGEST_ERASING, LONGEST_RESETTING = dt.timedelta(days=90), dt.timedelta(days=365)


@transaction.atomic
def give_standing_approval(*, rule: Rule, digest: str, ends_on: dt.date, by: Person) -> StandingApproval:
    """The rule, exactly as its digest says, may run by itself until the end of that day.

    Raises `NotThisPerson` for its owner, for everybody who ever wrote or changed it, and for whoever doesn't
    hold the role or holds it for less than a day in production; `SetHasChanged` where it says something else
    by now; `Refused` otherwise.
    """
    rule = _locked(rule)
    version = rule.version
    refuse_as_approver(rule, by)
    if rule.retired_at:
        raise Refused("This rule is retired.")
    if digest != version.digest:
        raise SetHasChanged("The rule was changed meanwhile. Reload the page and read it again.")
    if no := why_never(version):
        raise Refused(no)
    last = longest_day(version)
    if not clock.today() <= ends_on <= last:
        raise Refused(f"Choose a day from today until {last.isoformat()}: it can't count for longer.")
    if current_standing(version):
        raise Refused("This version has a standing approval already.")
    _write_down_expired(version)
    given = StandingApproval.objects.create(version=version, person=by, ends_on=ends_on)
    ledger.record(
        Event.STANDING_GIVEN,
        chain=rule.chain,
        actor=by.reference,
        standing=str(given),
        version=version.number,
        rule=rule.name,
        digest=digest,
        ends_on=ledger.as_fact(ends_on),
    )
    return given


@transaction.atomic
def withdraw_standing_approval(*, rule: Rule, by: Person) -> None:
    """The rule's standing approval counts no more. Whoever may give one, or write the rule, may do this."""
    rule = _locked(rule)
    if not any(
        reaches_subscription(by, act, rule.subscription) for act in (act_for(rule.version), Act.WRITE_RULES)
    ):
        raise NotThisPerson("Your roles don't let you withdraw this.")
    if not end_standing(rule, Ended.WITHDRAWN):
        raise Refused("This rule has no standing approval.")


def refuse_as_approver(rule: Rule, by: Person) -> None:
    """Raises `NotThisPerson` with the reason why this person may not give the rule a standing approval."""
    act = act_for(rule.version)
    refuse_out_of_reach(by, act, rule.subscription)
    if by.pk == rule.owner_id:
        raise NotThisPerson("You own this rule, so somebody else has to approve it.")
    if rule.versions.filter(author=by).exists():
        raise NotThisPerson("You wrote or changed this rule, so somebody else has to approve it.")
    if not _is_seasoned(by, act, rule.subscription):
        raise NotThisPerson(
            "You hold the role for less than 24 hours, which isn't enough for production. Try again tomorrow."
        )


def act_for(version: Version) -> Act:
    """What giving this version a standing approval takes: an officer, or for resets of visitors a QA lead."""
    undone = version.action in ERASING or version.action in FOR_EVERYBODY
    return Act.APPROVE_ERASING_RULES if undone else Act.APPROVE_RESETTING_RULES


def approver_role(version: Version) -> Role:
    """Who is asked to give it a standing approval; a privacy officer may in any case."""
    return Role.OFFICER if act_for(version) is Act.APPROVE_ERASING_RULES else Role.QA_LEAD


def longest_day(version: Version) -> dt.date:
    """The last day that a standing approval of it may have, were it given today."""
    erases = act_for(version) is Act.APPROVE_ERASING_RULES
    return clock.today() + (LONGEST_ERASING if erases else LONGEST_RESETTING)


def why_never(version: Version) -> str:
    """Why this version can't have a standing approval, in words; empty where it can."""
    subscription = version.rule.subscription
    if not subscription.production:
        return ""
    if version.action in FOR_EVERYBODY:
        return "In production, a guide is reset for everybody only if two officers approve each run."
    if any(_covers(each, version) for each in standing_allowances(subscription)):
        return ""
    return (
        f"{subscription.name} is a production subscription: a rule may have a standing approval there only "
        f"if its guard pattern {version.pattern} and its {version.most:,} a run lie within a pattern that an "
        "officer has set for test ids. Until then each run is approved by itself."
    )


def standing_allowances(subscription: Subscription) -> QuerySet[Allowance]:
    """The patterns of test ids that count in the subscription."""
    return Allowance.objects.filter(subscription=subscription, ended_at=None)


def current_standing(version: Version) -> StandingApproval | None:
    """The standing approval that lets this version run now; None where each run has to be approved."""
    given = version.standing_approvals.filter(ended_at=None, ends_on__gte=clock.today())
    return given.select_related("person").first()


def as_standing(given: StandingApproval) -> Standing:
    """How the ledger, and the page of a run, name it."""
    rule = given.version.rule
    name = f"{given}, rule {rule.name}, version {given.version.number}"
    return Standing(name=name, approver=given.person, given_at=given.given_at)


# -- How it ends ---------------------------------------------------------------------------------------------


def end_standing(rule: Rule, why: Ended) -> bool:
    """No standing approval of the rule counts any more; says whether one did. Inside a transaction."""
    open_ones = StandingApproval.objects.filter(version__rule=rule, ended_at=None)
    found = list(open_ones.select_related("version__rule__owner", "person"))
    for given in found:
        end_one(given, why)
    return bool(found)


def end_one(given: StandingApproval, why: Ended) -> None:
    """This one counts no more, nor what it has approved and isn't being sent yet. Inside a transaction."""
    given.ended_at, given.ended_because = clock.now(), why
    given.save(update_fields=["ended_at", "ended_because"])
    rule = given.version.rule
    ledger.record(
        Event.STANDING_ENDED,
        chain=rule.chain,
        actor=ledger.SYSTEM,
        standing=str(given),
        approver=given.person.reference,
        rule=rule.name,
        owner=rule.owner.reference,
        why=why.label,
    )
    if why != Ended.EXPIRED:
        for run in given.version.runs.filter(ended_at=None, request__state=State.APPROVED):
            void_approval_by_rule(request=run.request, why=why.label)


def end_uncovered(subscription: Subscription) -> None:
    """Standing approvals that the subscription's patterns of test ids don't cover any more have ended."""
    for rule in Rule.objects.filter(subscription=subscription, retired_at=None):
        if why_never(rule.version):
            end_standing(rule, Ended.ALLOWANCE)


def _write_down_expired(version: Version) -> None:
    for given in version.standing_approvals.filter(ended_at=None):
        end_one(given, Ended.EXPIRED)


def _covers(allowance: Allowance, version: Version) -> bool:
    return covers(allowance.pattern, version.pattern) and version.most <= allowance.most


def _is_seasoned(by: Person, act: Act, subscription: Subscription) -> bool:
    """Whether one of the roles by which the person approves here was granted long enough ago."""
    after = DEFAULTS[PRODUCTION if subscription.production else ELSEWHERE].seasoned_after
    latest, grants = clock.now() - after, grants_for(Person.objects.get(pk=by.pk), act)
    return any(
        grant.granted_at is not None and grant.granted_at <= latest
        for grant, limit in zip(grants, limits_of(grants), strict=True)
        if limit is None or subscription.pk in limit
    )


def _locked(rule: Rule) -> Rule:
    return (
        Rule.objects.select_for_update(of=("self",)).select_related("subscription", "owner").get(pk=rule.pk)
    )
