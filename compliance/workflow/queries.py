"""Reads of the workflow, named by what they return."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from compliance.core import clock, keyring

from .deadlines import next_working_day
from .models import Approval, Attention, Preview, Request, Target
from .previews import current_preview
from .sealing import details_of, has_another_email, target_id, targets_vault
from .states import BEFORE_SENDING, ENDED, Outcome, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription

#: No weekend with holidays around it is longer.
LONGEST_BREAK = dt.timedelta(days=14)


def open_requests() -> QuerySet[Request]:
    """Requests that haven't ended, the most urgent first."""
    return Request.objects.exclude(state__in=[*ENDED, State.CHECKING]).order_by("send_by", "pk")


def ended_requests() -> QuerySet[Request]:
    """Requests that have ended, the latest first."""
    return Request.objects.filter(state__in=ENDED).order_by("-closed_at", "-pk")


def requests_naming(text: str) -> QuerySet[Request]:
    """Requests that ask for exactly this visitor id, or whose subject has this e-mail address."""
    # PostgreSQL takes no NUL in a text; a reference has none.
    reference = text.strip().upper().replace("\0", "")
    visitors = [digest.value for digest in keyring.lookup_digests("visitor", text)]
    emails = [digest.value for digest in keyring.lookup_digests("email", text)]
    return Request.objects.filter(
        Q(asked__digest__in=visitors) | Q(subject_digests__digest__in=emails) | Q(reference=reference)
    ).distinct()


def pressing_requests(subscription: Subscription) -> list[Request]:
    """Open requests of a subscription whose order has to reach Pendo before the next working day."""
    today = clock.today()
    soon = open_requests().filter(subscriptions=subscription, send_by__lt=today + LONGEST_BREAK)
    return [each for each in soon if each.send_by < next_working_day(today, calendar=each.calendar)]


def has_spoken(request: Request, person: Person) -> bool:
    """Whether the person has approved the current preview, or sent it back."""
    return current_preview(request).approvals.filter(person=person).exists()


def waiting_for(person: Person) -> QuerySet[Request]:
    """Requests whose preview this officer may decide about: not their own, and not decided by them yet."""
    current = Preview.objects.filter(request=OuterRef("pk")).order_by("-number").values("pk")[:1]
    spoken = Approval.objects.filter(person=person).values("preview")
    waiting = open_requests().filter(state=State.PREVIEWED).annotate(current=Subquery(current))
    return waiting.exclude(current__in=spoken).exclude(entered_by=person).exclude(changed_by=person)


def outcome_counts(request: Request) -> dict[Outcome, int]:
    """How many targets have each outcome; those that none has are left out. The counts add up."""
    rows = request.targets.values("outcome").annotate(count=Count("pk")).order_by()
    counts = {row["outcome"]: row["count"] for row in rows}
    return {outcome: counts[outcome] for outcome in Outcome if outcome in counts}


def outcome_counts_of(requests: Iterable[Request]) -> dict[int, dict[Outcome, int]]:
    """As `outcome_counts`, for several requests by their keys, in one query."""
    counts: dict[int, dict[Outcome, int]] = {request.pk: {} for request in requests}
    rows = Target.objects.filter(request__in=list(counts)).values("request", "outcome")
    for row in rows.annotate(count=Count("pk")).order_by():
        counts[row["request"]][Outcome(row["outcome"])] = row["count"]
    return counts


def open_attentions() -> QuerySet[Attention]:
    """What waits for a person, the longest first."""
    return Attention.objects.filter(settled_at__isnull=True).select_related("request", "subscription")


def due_for_execution(now: dt.datetime) -> QuerySet[Request]:
    """Approved requests whose grace period is over, but for paused ones."""
    due = Request.objects.filter(state=State.APPROVED, grace_until__lte=now, paused_at=None)
    return due.order_by("send_by", "pk")


def looked_up_requests() -> QuerySet[Request]:
    """Requests whose preview only has to be counted: every target of it was looked up."""
    waiting = Target.objects.filter(request=OuterRef("pk"), looked_up_at__isnull=True)
    return Request.objects.filter(~Exists(waiting), state=State.PREVIEWING).order_by("send_by", "pk")


def being_erased(subscription: Subscription, digests: Iterable[bytes]) -> set[bytes]:
    """Which of these visitors' lookup digests stand for visitors that are being erased, or were."""
    gone = Target.objects.filter(subscription=subscription, digest__in=list(digests)).exclude(
        outcome__in=[Outcome.NOT_FOUND, Outcome.CANCELLED, Outcome.SPARED, Outcome.HELD]
    )
    wanted = gone.exclude(request__state__in=BEFORE_SENDING)
    return {bytes(digest) for digest in wanted.values_list("digest", flat=True)}


def asked_values(request: Request) -> list[str]:
    """What was asked, as it was written, in order."""
    vault = targets_vault(request)
    return [vault.open(asked.sealed_value, purpose="asked") for asked in request.asked.order_by("pk")]


def found_by_subscription(request: Request) -> list[tuple[Subscription, int]]:
    """How many targets of the current preview would be sent to each subscription, by name."""
    pending = Count("targets", filter=Q(targets__request=request, targets__outcome=Outcome.PENDING))
    # A query that groups does not keep the model's own order.
    return [(row, row.count) for row in request.subscriptions.annotate(count=pending).order_by("name")]


def contradictions(request: Request) -> int:
    """How many targets that would be sent have another e-mail address in Pendo than their id says."""
    vault = targets_vault(request)
    pending = request.targets.filter(outcome=Outcome.PENDING)
    return sum(has_another_email(target_id(vault, each), details_of(vault, each)) for each in pending)


def others_naming_the_same(request: Request) -> QuerySet[Request]:
    """Other requests that ask for one of the same visitors, the latest first."""
    digests = [bytes(digest) for digest in request.asked.values_list("digest", flat=True)]
    others = Request.objects.filter(asked__digest__in=digests).exclude(pk=request.pk)
    return others.distinct().order_by("-pk")
