"""The watch over REST: when it last looked, what was erased and is there again, and the ways out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from ninja import Query, Router

from compliance.core.problems import NOT_FOUND
from compliance.core.schemas import NumberInPath, PageAsked, asked_page, refuse_unknown_parameters
from compliance.people.access import Act, act_of
from compliance.people.bearer import Called, read, write
from compliance.people.idempotency import answered_once
from compliance.people.scopes import Scope
from compliance.subscriptions.reach import reached_subscriptions
from compliance.workflow.calls import numbered
from compliance.workflow.problems import NOT_THIS_PERSON, STATE_CHANGED
from compliance.workflow.reach import visible_to
from compliance.workflow.sealing import Vault
from compliance.workflow.states import ErasedKind

from . import ways_out
from .cause_words import CAUSES
from .findings import open_records, shown_of
from .models import Cause, Finding, How, WatchResult, WatchScope, WatchStep
from .passes import look_again
from .queries import open_findings, reached_findings, records_left, watched_overviews
from .schemas import (
    FindingOut,
    FindingsOut,
    FindingWhere,
    FindingWithRecords,
    PassWhere,
    RecordOut,
    WatchedOut,
    WatchOut,
    WayOutIn,
    WayOutTaken,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from .models import Reappearance, WayOut
    from .queries import Watched

router = Router(tags=["What is there again"])
OF_A_FINDING = (NOT_FOUND, NOT_THIS_PERSON, STATE_CHANGED)


@router.get("/watch", summary="Read the watch", response=WatchOut, **read(Scope.READ, Act.READ_WATCH))
def watch_read(request: Called) -> WatchOut:
    """Each subscription: when it was last looked through, and when the next look is due."""
    return WatchOut(subscriptions=[_watched(each) for each in watched_overviews(request.auth.person)])


@router.post(
    "/subscriptions/{number}/look",
    summary="Look through a subscription now",
    response={202: PassWhere},
    **write(Scope.WRITE, Act.LOOK_AGAIN, NOT_FOUND, NOT_THIS_PERSON),
)
def subscriptions_look(request: Called, number: NumberInPath) -> HttpResponse:
    """The whole list is looked through for what was erased, as soon as nothing more urgent waits."""

    def verb() -> PassWhere:
        subscription = numbered(reached_subscriptions(request.auth.person, act_of(request)), number)
        begun = look_again(subscription=subscription, by=request.auth.person)
        return PassWhere(subscription=subscription.name, step=WatchStep(begun.step))

    return answered_once(request, status=202, verb=verb)


@router.get(
    "/findings",
    summary="List what is there again",
    response=FindingsOut,
    **read(Scope.READ, Act.READ_WATCH),
)
def findings_list(request: Called) -> FindingsOut:
    """Every open finding: one for each cause in each subscription."""
    findings = list(open_findings(request.auth.person))
    left = records_left(findings)
    return FindingsOut(findings=[FindingOut(**_told(each, left.get(each.pk, 0))) for each in findings])


@router.get(
    "/findings/{number}",
    summary="Read a finding",
    response=FindingWithRecords,
    **read(Scope.READ, Act.READ_WATCH, NOT_FOUND),
)
def findings_read(request: Called, number: NumberInPath, asked: Query[PageAsked]) -> FindingWithRecords:
    """What is there again for one cause, a page of records at a time, why it is thought so, what to do."""
    refuse_unknown_parameters(request, PageAsked)
    finding = _finding(request, number)
    records = open_records(finding).select_related("erased__request")
    page, words = asked_page(records, asked, order=("pk",)), CAUSES[finding.cause]
    vault = Vault(finding.subscription.data_key)
    taken = finding.ways_out.select_related("request", "finding__subscription").order_by("pk")
    readable = _readable(request, page.rows, taken)
    return FindingWithRecords(
        **_told(finding, records.count()),
        settled_at=finding.settled_at,
        reason=words.reason,
        checks=list(words.checks),
        next_step=words.next,
        records=[_record(vault, each, readable) for each in page.rows],
        next=page.further or None,
        taken=[_way_out(each, readable) for each in taken],
    )


@router.post(
    "/findings/{number}/explain",
    summary="Explain why records may be there",
    response={200: FindingWhere},
    **write(Scope.APPROVE, Act.SETTLE_FINDINGS, *OF_A_FINDING),
)
def findings_explain(request: Called, number: NumberInPath, body: WayOutIn) -> HttpResponse:
    """The records are settled for this reason. They are found again once they have been erased again."""
    return _settled(request, number, body, ways_out.explain)


@router.post(
    "/findings/{number}/let-in",
    summary="Mark records as returned lawfully",
    response={200: FindingWhere},
    **write(Scope.APPROVE, Act.SETTLE_FINDINGS, *OF_A_FINDING),
)
def findings_let_in(request: Called, number: NumberInPath, body: WayOutIn) -> HttpResponse:
    """The records are watched for no more. Do Not Process isn't touched: that is a readmission."""
    return _settled(request, number, body, ways_out.let_in)


def _settled(call: Called, number: int, body: WayOutIn, verb: Callable[..., int]) -> HttpResponse:
    def act() -> FindingWhere:
        found = _finding(call, number)
        count = verb(finding=found, chosen=body.records, reason=body.reason, by=call.auth.person)
        settled = _finding(call, number).settled_at is not None
        return FindingWhere(number=number, records=count, settled=settled)

    return answered_once(call, status=200, verb=act)


def _finding(call: Called, number: int) -> Finding:
    reached = reached_findings(call.auth.person, act_of(call))
    return numbered(reached.select_related("subscription"), number)


def _readable(call: Called, records: Iterable[Reappearance], taken: Iterable[WayOut]) -> set[int]:
    """The keys of those requests behind these that the token's owner may read: some lie elsewhere, too."""
    keys = {each.erased.request_id for each in records}
    keys |= {each.request_id for each in taken if each.request_id is not None}
    return set(visible_to(call.auth.person).filter(pk__in=keys).values_list("pk", flat=True))


def _watched(watched: Watched) -> WatchedOut:
    last, under_way, due = watched.last, watched.under_way, watched.due
    return WatchedOut(
        subscription=watched.subscription.name,
        watched=watched.watched,
        last_ended_at=last.ended_at if last else None,
        last_result=WatchResult(last.result) if last else None,
        under_way=WatchStep(under_way.step) if under_way else None,
        next_at=due.at if due else None,
        next_scope=WatchScope(due.scope) if due else None,
        findings=[finding.pk for finding in watched.findings],
    )


def _told(finding: Finding, left: int) -> dict[str, Any]:
    return {
        "number": finding.pk,
        "subscription": finding.subscription.name,
        "cause": Cause(finding.cause),
        "meaning": CAUSES[finding.cause].meaning,
        "opened_at": finding.opened_at,
        "left": left,
    }


def _record(vault: Vault, record: Reappearance, readable: Collection[int]) -> RecordOut:
    shown, by = shown_of(vault, record), record.erased.request
    return RecordOut(
        number=record.pk,
        kind=ErasedKind(shown.kind),
        id=shown.id,
        email=shown.email,
        first_visit=shown.first_visit,
        last_visit=shown.last_visit,
        erased_by=by.reference if by.pk in readable else None,
        first_seen_at=record.first_seen_at,
        last_seen_at=record.last_seen_at,
    )


def _way_out(way_out: WayOut, readable: Collection[int]) -> WayOutTaken:
    request = way_out.request if way_out.request_id in readable else None
    return WayOutTaken(
        how=How(way_out.how),
        records=way_out.count,
        request=request.reference if request else None,
        reason=ways_out.reason_of(way_out),
        taken_at=way_out.taken_at,
    )
