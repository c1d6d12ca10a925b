"""Reads of the engine, named by what they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, OuterRef, Q, Subquery

from compliance.people.access import Act
from compliance.subscriptions.reach import in_reach, reached_subscriptions

from .models import (
    BatchReceipt,
    Call,
    Finding,
    Reappearance,
    Receipt,
    Sending,
    WatchPass,
    WatchScope,
)
from .passes import counted, due_after, watched_subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Request, Target

    from .passes import Due


def last_calls(targets: Collection[Target]) -> dict[int, Call]:
    """For each of these targets, by its key, the last call that named it. In three queries for any number."""
    named = Call.objects.filter(
        Q(target=None) | Q(target=OuterRef("target")), batch=OuterRef("batch")
    ).order_by("-pk")
    sendings = Sending.objects.filter(target__in=[target.pk for target in targets])
    rows = sendings.annotate(last=Subquery(named.values("pk")[:1])).values_list("target_id", "last")
    # A target that was sent again is in several batches.
    last: dict[int, int] = {}
    for target, call in rows.order_by("pk"):
        if call is not None:
            last[target] = max(call, last.get(target, 0))
    calls = Call.objects.select_related("batch").prefetch_related("batch__batch_receipts__receipt")
    found = calls.in_bulk(set(last.values()))
    return {target: found[call] for target, call in last.items()}


# -- The watch -----------------------------------------------------------------------------------------------

#: In the text for Pendo Support: so many receipts are named, of so many records.
RECEIPTS_NAMED, RECORDS_LOOKED_AT = 30, 500


@dataclass(frozen=True)
class Watched:
    """How the watch over a subscription stands."""

    subscription: Subscription
    #: Whether anything was erased there that must not come back.
    watched: bool
    #: The latest pass that counts, and the latest of all if it isn't that one and has ended.
    last: WatchPass | None
    failed: WatchPass | None
    under_way: WatchPass | None
    due: Due | None
    findings: list[Finding]


def watched_overviews(person: Person) -> list[Watched]:
    """All subscriptions whose watch the person may read, in a constant number of queries."""
    own = WatchPass.objects.filter(subscription=OuterRef("pk")).order_by("-pk")
    latest = {
        "latest": own,
        "counted": counted(own),
        "whole": counted(own).filter(scope=WatchScope.WHOLE),
    }
    columns = {name: Subquery(passes.values("pk")[:1]) for name, passes in latest.items()}
    reached = reached_subscriptions(person, Act.READ_WATCH)
    subscriptions = list(reached.annotate(**columns).order_by("name"))
    keys = {getattr(each, name) for each in subscriptions for name in latest}
    passes = WatchPass.objects.in_bulk(keys - {None})
    watched = set(watched_subscriptions().values_list("pk", flat=True))
    findings: dict[int, list[Finding]] = {}
    for finding in open_findings(person):
        findings.setdefault(finding.subscription_id, []).append(finding)
    return [
        _watched(
            each,
            *(passes.get(getattr(each, name)) for name in latest),
            watched=each.pk in watched,
            findings=findings.get(each.pk, []),
        )
        for each in subscriptions
    ]


def _watched(
    subscription: Subscription,
    latest: WatchPass | None,
    last: WatchPass | None,
    whole: WatchPass | None,
    *,
    watched: bool,
    findings: list[Finding],
) -> Watched:
    ended = latest is not None and latest.ended_at is not None
    return Watched(
        subscription,
        watched,
        last=last,
        failed=latest if ended and latest != last else None,
        under_way=None if ended else latest,
        due=due_after(latest, whole) if watched else None,
        findings=findings,
    )


def reached_findings(person: Person, act: Act) -> QuerySet[Finding]:
    """The findings with which the person may do this.

    A service reaches none: each shows records that other people's requests had erased.
    """
    found = Finding.objects.none() if person.is_service else Finding.objects.all()
    return in_reach(found, person, act)


def open_findings(person: Person) -> QuerySet[Finding]:
    """What was erased and is there again: findings with `left` records, the longest waiting first.

    As far as the person may read the watch.
    """
    found = reached_findings(person, Act.READ_WATCH).filter(settled_at=None).select_related("subscription")
    return found.annotate(left=Count("records", filter=Q(records__way_out=None))).order_by("opened_at", "pk")


def records_left(findings: Collection[Finding]) -> dict[int, int]:
    """For each of these findings, by its key, how many of its records nothing was done about yet."""
    left = Reappearance.objects.filter(way_out=None, finding__in=findings).order_by()
    return dict(left.values_list("finding").annotate(count=Count("pk")))


def findings_about(request: Request) -> QuerySet[Finding]:
    """Findings with something that this request had erased, the latest first."""
    named = Reappearance.objects.filter(erased__request=request).values("finding")
    return Finding.objects.filter(pk__in=named).select_related("subscription").order_by("-pk")


def receipts_behind(finding: Finding) -> list[Receipt]:
    """The receipts under which Pendo had deleted the first open records of the finding, the latest first."""
    records = finding.records.filter(way_out=None, by_email=False).order_by("pk")[:RECORDS_LOOKED_AT]
    lines = list(records.values_list("erased__request", "erased__digest"))
    requests = {request for request, _ in lines}
    digests = [bytes(digest) for _, digest in lines]
    sendings = Sending.objects.filter(
        target__digest__in=digests,
        target__request__in=requests,
        target__subscription=finding.subscription_id,
    )
    links = BatchReceipt.objects.filter(batch__in=sendings.values("batch")).values("receipt")
    return list(Receipt.objects.filter(pk__in=links).order_by("-first_at", "-pk")[: RECEIPTS_NAMED + 1])
