"""Clean-up rules over REST: the same verbs as on screen and from the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeVar

from django.http import HttpResponse
from ninja import Path, Query, Router

from compliance.core.problems import INVALID, NOT_FOUND, CallRefused, FieldProblem
from compliance.core.schemas import PageAsked, asked_page, refuse_unknown_parameters
from compliance.people.access import Act
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.scopes import Scope
from compliance.subscriptions.reach import in_reach, reached_subscriptions
from compliance.workflow.ids import as_asked
from compliance.workflow.problems import NOT_THIS_PERSON, SET_HAS_CHANGED

from . import allowances as test_ids
from . import queries, writing
from .approving import give_standing_approval, why_never, withdraw_standing_approval
from .choices import ASKED, RuleAction, Source, Trigger
from .definition import BadField, Definition
from .models import Allowance, Rule, Run
from .narrowing import Narrowed
from .reach import rules_for
from .reporting import told_of
from .running import start_run
from .schemas import (
    AllowanceIn,
    AllowanceList,
    AllowanceOut,
    Done,
    RuleIn,
    RuleList,
    RuleOut,
    RuleSaid,
    RunIn,
    RunOut,
    RunPage,
    RunStarted,
    StandingIn,
    StandingOut,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

Found = TypeVar("Found")
#: As any database takes it; another is found nowhere.
Number = Annotated[int, Path(ge=1, le=2**62)]

router = Router(tags=["Clean-up"])


# -- Rules ---------------------------------------------------------------------------------------------------


@router.get("/rules", summary="List rules", response=RuleList, **read(Scope.CLEANUP_READ, Act.READ_RULES))
def cleanup_rules_list(request: Called) -> RuleList:
    """Every rule that is used, by name."""
    rows = queries.rule_rows(rules_for(request.auth.person).filter(retired_at=None))
    return RuleList(rules=[_told(row) for row in rows])


@router.post(
    "/rules",
    summary="Write a rule",
    response={201: RuleOut},
    **write(Scope.CLEANUP_WRITE, Act.WRITE_RULES, NOT_THIS_PERSON),
)
def cleanup_rules_write(request: Called, body: RuleIn) -> HttpResponse:
    """The rule stands, owned by the token's owner. Until it has a standing approval, its runs wait."""
    person = request.auth.person

    def verb() -> RuleOut:
        subscription = _subscription(body.subscription, person, Act.WRITE_RULES)
        written = _naming_fields(
            lambda: writing.write_rule(name=body.name, subscription=subscription, said=_said(body), by=person)
        )
        return _one(written)

    return answered_once(request, status=201, verb=verb)


@router.get(
    "/rules/{name}",
    summary="Read a rule",
    response=RuleOut,
    **read(Scope.CLEANUP_READ, Act.READ_RULES, NOT_FOUND),
)
def cleanup_rules_read(request: Called, name: str) -> RuleOut:
    """What it says now, and whether it may run by itself."""
    return _one(_found(request, name, Act.READ_RULES))


@router.post(
    "/rules/{name}",
    summary="Change a rule",
    response={200: RuleOut},
    **write(Scope.CLEANUP_WRITE, Act.WRITE_RULES, NOT_FOUND, NOT_THIS_PERSON),
)
def cleanup_rules_change(request: Called, name: str, body: RuleSaid) -> HttpResponse:
    """It says this from now on, whole: what isn't said is left out. Its standing approval ends."""

    def verb() -> RuleOut:
        found = _found(request, name, Act.WRITE_RULES)
        _naming_fields(lambda: writing.change_rule(rule=found, said=_said(body), by=request.auth.person))
        return _one(_found(request, name, Act.WRITE_RULES))

    return answered_once(request, status=200, verb=verb)


@router.post(
    "/rules/{name}/pause",
    summary="Pause a rule's schedule",
    response={200: RuleOut},
    **write(Scope.CLEANUP_WRITE, Act.WRITE_RULES, NOT_FOUND, NOT_THIS_PERSON),
)
def cleanup_rules_pause(request: Called, name: str) -> HttpResponse:
    """Its schedule doesn't start it."""
    return _done_to(request, name, Act.WRITE_RULES, writing.pause_rule)


@router.post(
    "/rules/{name}/resume",
    summary="Let a rule's schedule go on",
    response={200: RuleOut},
    **write(Scope.CLEANUP_WRITE, Act.WRITE_RULES, NOT_FOUND, NOT_THIS_PERSON),
)
def cleanup_rules_resume(request: Called, name: str) -> HttpResponse:
    """Its schedule starts it again."""
    return _done_to(request, name, Act.WRITE_RULES, writing.resume_rule)


@router.post(
    "/rules/{name}/retire",
    summary="Retire a rule",
    response={200: RuleOut},
    **write(Scope.CLEANUP_WRITE, Act.WRITE_RULES, NOT_FOUND, NOT_THIS_PERSON),
)
def cleanup_rules_retire(request: Called, name: str) -> HttpResponse:
    """It is used no more."""
    return _done_to(request, name, Act.WRITE_RULES, writing.retire_rule)


@router.post(
    "/rules/{name}/approve",
    summary="Give a rule a standing approval",
    response={200: RuleOut},
    **write(Scope.APPROVE, Act.APPROVE_RESETTING_RULES, NOT_FOUND, NOT_THIS_PERSON, SET_HAS_CHANGED),
)
def cleanup_rules_approve(request: Called, name: str, body: StandingIn) -> HttpResponse:
    """Exactly this version may run by itself until the end of that day."""

    def give(*, rule: Rule, by: Person) -> None:
        give_standing_approval(rule=rule, digest=body.digest, ends_on=body.ends_on, by=by)

    return _done_to(request, name, Act.READ_RULES, give)


@router.post(
    "/rules/{name}/withdraw",
    summary="Withdraw a rule's standing approval",
    response={200: RuleOut},
    **write(Scope.CLEANUP_WRITE, Act.WITHDRAW_STANDING, NOT_FOUND, NOT_THIS_PERSON),
)
def cleanup_rules_withdraw(request: Called, name: str) -> HttpResponse:
    """From now on each run waits for an approval."""
    return _done_to(request, name, Act.READ_RULES, withdraw_standing_approval)


# -- Runs ----------------------------------------------------------------------------------------------------


@router.post(
    "/rules/{name}/run",
    summary="Run a rule",
    response={202: RunStarted},
    **write(Scope.CLEANUP_RUN, Act.RUN_RULES, NOT_FOUND, NOT_THIS_PERSON),
)
def cleanup_rules_run(request: Called, name: str, body: RunIn) -> HttpResponse:
    """The run is under way; one that was, narrowed alike, is joined. Ask for it until it is `accepted`."""

    def verb() -> RunStarted:
        visitors = None if body.visitors is None else _places(body.visitors)
        started = start_run(
            rule=_found(request, name, Act.RUN_RULES),
            trigger=Trigger.PROGRAM,
            by=request.auth.person,
            dry_run=body.dry_run,
            narrowed=Narrowed(visitors, body.guide),
        )
        return RunStarted(**told_of(started.run), joined=started.joined)

    return answered_once(request, status=202, verb=verb)


@router.get(
    "/rules/{name}/runs",
    summary="List a rule's runs",
    response=RunPage,
    **read(Scope.CLEANUP_READ, Act.READ_RULES, NOT_FOUND),
)
def cleanup_rules_runs(request: Called, name: str, asked: Query[PageAsked]) -> RunPage:
    """A rule's runs, the last first, a page at a time."""
    refuse_unknown_parameters(request, PageAsked)
    rows = queries.runs_of(_found(request, name, Act.READ_RULES)).select_related("rule__subscription")
    page = asked_page(rows, asked, order=("-pk",))
    return RunPage(runs=[RunOut(**told_of(each)) for each in page.rows], next=page.further or None)


@router.get(
    "/runs/{number}",
    summary="Read a run",
    response=RunOut,
    **read(Scope.CLEANUP_READ, Act.READ_RULES, NOT_FOUND),
)
def cleanup_runs_read(request: Called, number: Number) -> RunOut:
    """Where a run stands, in counts and codes; whom it is about stands with its request."""
    rows = Run.objects.select_related("rule__subscription", "version__rule", "request")
    found = rows.filter(rule__in=rules_for(request.auth.person), pk=number).first()
    if found is None:
        raise CallRefused(NOT_FOUND, "There is no such run, or it is out of the token's reach.")
    return RunOut(**told_of(found))


# -- Test ids in production ----------------------------------------------------------------------------------


@router.get(
    "/test-ids",
    summary="List the patterns of test ids in production",
    response=AllowanceList,
    **read(Scope.CLEANUP_READ, Act.READ_TEST_PATTERNS),
)
def cleanup_test_ids_list(request: Called) -> AllowanceList:
    """The patterns that count, by subscription."""
    rows = in_reach(queries.allowances(), request.auth.person, Act.READ_TEST_PATTERNS)
    return AllowanceList(test_ids=[_allowance(each) for each in rows])


@router.post(
    "/test-ids",
    summary="Set a pattern of test ids in production",
    response={201: AllowanceOut},
    **write(Scope.APPROVE, Act.SET_TEST_PATTERNS, NOT_THIS_PERSON),
)
def cleanup_test_ids_set(request: Called, body: AllowanceIn) -> HttpResponse:
    """Ids that match it are test data, and a run may touch so many; set again, it has the new number."""
    person = request.auth.person

    def verb() -> AllowanceOut:
        subscription = _subscription(body.subscription, person, Act.SET_TEST_PATTERNS)
        found = test_ids.set_allowance(
            subscription=subscription, pattern=body.pattern, most=body.most, by=person
        )
        return _allowance(found)

    return answered_once(request, status=201, verb=verb)


@router.post(
    "/test-ids/{number}/end",
    summary="End a pattern of test ids in production",
    response={200: Done},
    **write(Scope.APPROVE, Act.SET_TEST_PATTERNS, NOT_FOUND, NOT_THIS_PERSON),
)
def cleanup_test_ids_end(request: Called, number: Number) -> HttpResponse:
    """It counts no more, nor a standing approval that needs it."""

    def verb() -> Done:
        rows = Allowance.objects.select_related("subscription").filter(pk=number)
        found = in_reach(rows, request.auth.person, Act.SET_TEST_PATTERNS).first()
        if found is None:
            raise CallRefused(NOT_FOUND, "There is no such pattern.")
        test_ids.end_allowance(allowance=found, by=request.auth.person)
        return Done()

    return answered_once(request, status=200, verb=verb)


# -- Shared --------------------------------------------------------------------------------------------------


def _found(request: Called, name: str, act: Act) -> Rule:
    rows = rules_for(request.auth.person, act).select_related("subscription", "owner")
    found = rows.filter(name=name).first()
    if found is None:
        raise CallRefused(NOT_FOUND, "There is no rule of this name, or it is out of the token's reach.")
    return found


def _subscription(named: str, person: Person, act: Act) -> Subscription:
    rows = reached_subscriptions(person, act)
    key = named.removeprefix("subscription/")
    by_key = rows.filter(pk=key) if named != key and key.isdecimal() and len(key) < 19 else rows.none()  # noqa: PLR2004 -- digits of a key that any database takes
    found = by_key.first() or rows.filter(name=named).first()
    if found is None:
        errors = [FieldProblem(pointer="/subscription", detail="There is no such subscription within reach.")]
        raise CallRefused(INVALID, "Mend these fields.", errors)
    return found


def _done_to(request: Called, name: str, act: Act, verb: Callable[..., object]) -> HttpResponse:
    def done() -> RuleOut:
        verb(rule=_found(request, name, act), by=request.auth.person)
        return _one(_found(request, name, act))

    return answered_once(request, status=200, verb=done)


def _naming_fields(verb: Callable[[], Found]) -> Found:
    """What the verb gives; its no about a field names that one."""
    try:
        return verb()
    except BadField as refusal:
        field = {"ids": "visitors"}.get(refusal.field, refusal.field)
        errors = [FieldProblem(pointer=f"/{field}", detail=str(refusal))]
        raise CallRefused(INVALID, "Mend these fields.", errors) from refusal


def _said(body: RuleSaid) -> Definition:
    return Definition(
        action=RuleAction(body.action),
        source=Source(body.source) if body.source else None,
        value=as_asked(ASKED[body.source], body.value) if body.source else body.value,
        ids=tuple(dict.fromkeys(body.visitors)),
        guide=body.guide,
        pattern=body.pattern,
        most=body.most,
        share=body.share,
        cron=" ".join(body.cron.split()),
        zone=body.zone,
        reused=body.reused,
    )


def _places(names: list[str]) -> dict[str, int]:
    """The ids by their places in the list, from 1."""
    places: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        places.setdefault(name, place)
    return places


def _one(rule: Rule) -> RuleOut:
    return _told(queries.rule_rows(Rule.objects.filter(pk=rule.pk))[0])


def _told(row: queries.RuleRow) -> RuleOut:
    rule, version, standing = row.rule, row.version, row.standing
    return RuleOut(
        name=rule.name,
        subscription=rule.subscription.name,
        owner=rule.owner.name,
        version=version.number,
        digest=version.digest,
        action=RuleAction(version.action),
        reused=version.reused,
        source=Source(version.source) if version.source else None,
        value=version.value,
        visitors=version.count,
        guide=version.guide,
        pattern=version.pattern,
        most=version.most,
        share=version.share,
        cron=version.cron,
        zone=version.zone,
        paused=rule.paused_at is not None,
        retired=rule.retired_at is not None,
        next_run_at=rule.next_run_at,
        standing_approval=StandingOut(
            approver=standing.person.name, given_at=standing.given_at, ends_on=standing.ends_on
        )
        if standing
        else None,
        never=why_never(version),
    )


def _allowance(found: Allowance) -> AllowanceOut:
    return AllowanceOut(
        number=found.pk,
        subscription=found.subscription.name,
        pattern=found.pattern,
        most=found.most,
        set_by=found.set_by.name,
        set_at=found.set_at,
    )
