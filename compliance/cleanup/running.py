"""Starting a run: a request within its guard. Two of the same join until all is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.execution.dispatch import enqueue_due_lanes
from compliance.people.access import Act
from compliance.people.models import Person
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.guards import GuardTerms
from compliance.workflow.opening import Wish, open_run

from .approving import current_standing
from .choices import FOR_EVERYBODY, RuleAction, Trigger, kind_of
from .models import Rule, Run
from .narrowing import Narrowed, refuse_wider, things_of
from .reach import refuse_out_of_reach

if TYPE_CHECKING:
    import datetime as dt

    from compliance.workflow.models import Request

    from .models import StandingApproval, Version

ALL = Narrowed()


class Started(NamedTuple):
    """A run, and whether it was under way already."""

    run: Run
    joined: bool


@transaction.atomic
def start_run(
    *,
    rule: Rule,
    trigger: Trigger,
    by: Person | None = None,
    dry_run: bool = False,
    narrowed: Narrowed = ALL,
    scheduled_for: dt.datetime | None = None,
) -> Started:
    """The rule is run, or what it would do is looked up; one that is under way, narrowed alike, is joined.

    Nobody (None) stands for the schedule and the command line: then it is in the name of the rule's owner.
    A dry run ends by itself, and nothing is sent for it. Raises `Refused`; nothing has begun then.
    """
    # Whoever comes second waits here, and finds the run of the first.
    rule = (
        Rule.objects.select_for_update(of=("self",)).select_related("subscription", "owner").get(pk=rule.pk)
    )
    if rule.retired_at:
        raise Refused(f"The rule {rule.name} is retired.")
    version, person = rule.version, by or rule.owner
    _refuse_starter(rule, person, by)
    refuse_wider(version, narrowed)
    under_way = Run.objects.filter(
        version=version, dry_run=dry_run, narrowing=narrowed.digest, sent_at=None
    ).first()
    if under_way:
        return Started(under_way, joined=True)
    standing = None if dry_run else current_standing(version)
    if standing and by == standing.person:
        raise NotThisPerson(
            "You gave this rule its standing approval, so somebody else starts it, or its schedule."
        )
    request = _open(rule, version, narrowed, person, standing, dry_run=dry_run)
    run = Run.objects.create(
        rule=rule,
        version=version,
        request=request,
        trigger=trigger,
        started_by=by,
        scheduled_for=scheduled_for,
        dry_run=dry_run,
        narrowing=narrowed.digest,
        narrowed_to=None if narrowed.visitors is None else len(narrowed.visitors),
        narrowed_guide=narrowed.guide,
    )
    _record(run, by)
    # Nobody waits for the next tick: before a run of tests, seconds count.
    transaction.on_commit(enqueue_due_lanes)
    return Started(run, joined=False)


def _refuse_starter(rule: Rule, person: Person, by: Person | None) -> None:
    try:
        refuse_out_of_reach(person, Act.RUN_RULES, rule.subscription)
    except NotThisPerson as error:
        if by:
            raise
        raise Refused(
            f"The owner of the rule {rule.name} may not run rules any more: somebody else has to own it."
        ) from error


def _open(
    rule: Rule,
    version: Version,
    narrowed: Narrowed,
    person: Person,
    standing: StandingApproval | None,
    *,
    dry_run: bool,
) -> Request:
    wish = Wish(
        received_on=clock.today(),
        things=things_of(version, narrowed),
        subscriptions=[rule.subscription],
        kind=kind_of(version.action),
        external_reference=f"cleanup:{rule.name}",
        for_everybody=version.action in FOR_EVERYBODY,
    )
    terms = GuardTerms(
        rule=rule.name,
        version=version.number,
        pattern=version.pattern,
        most=version.most,
        share=version.share,
        dry_run=dry_run,
        by_rule=standing is not None,
        narrowed=narrowed.visitors,
    )
    return open_run(wish=wish, terms=terms, by=person, authors=_authors(rule))


def _authors(rule: Rule) -> list[Person]:
    """Whoever ever wrote the rule: none of them approves a run of it."""
    return list(Person.objects.filter(pk__in=rule.versions.values("author")))


def _record(run: Run, by: Person | None) -> None:
    by_nobody = ledger.COMMAND_LINE if run.trigger == Trigger.COMMAND else ledger.SYSTEM
    what = "a dry run" if run.dry_run else "a run"
    narrow = [f"narrowed to {run.narrowed_to} visitors"] if run.narrowed_to is not None else []
    narrow += [f"narrowed to guide {run.narrowed_guide}"] if run.narrowed_guide else []
    ledger.record(
        Event.RUN_STARTED,
        chain=run.rule.chain,
        actor=by.reference if by else by_nobody,
        run=run.pk,
        version=run.version.number,
        rule=run.rule.name,
        trigger=run.get_trigger_display(),
        what=", ".join([what, *narrow]),
        request=run.request.reference,
    )


def lifts(version: Version) -> bool:
    """Whether Do Not Process is lifted once everybody is erased."""
    return version.action == RuleAction.ERASE_AND_LIFT
