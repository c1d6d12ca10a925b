"""Stopping what was wrongly named, and what Pendo Support has to know about what was sent."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.template.loader import render_to_string

from compliance.core import clock
from compliance.workflow.cancelling import cancel_rest
from compliance.workflow.incidents import report_wrong_deletion, wrong_targets
from compliance.workflow.outcomes import settle
from compliance.workflow.queries import has_a_rest
from compliance.workflow.states import Outcome
from compliance.workflow.texts import ReadyText

from .models import BatchReceipt, BatchState, Sending
from .moves import lock, step
from .planning import advance

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from compliance.people.models import Person
    from compliance.subscriptions.models import Subscription
    from compliance.workflow.models import Incident, Request, Target

WHY = "reported as wrongly named before it was sent"


@transaction.atomic
def stop_wrong_deletion(
    *,
    request: Request,
    happened: str,
    aware_at: dt.datetime,
    by: Person,
    targets: Collection[Target] = (),
) -> Incident:
    """The request is paused, an incident stands, and of the targets named what wasn't sent never will be.

    Without `targets` all of the request is wrong: the rest of it is cancelled. Raises `Refused`.
    """
    lock([request.pk])
    incident = report_wrong_deletion(
        request=request, happened=happened, aware_at=aware_at, by=by, targets=targets
    )
    if not incident.whole:
        _withdraw(incident)
    elif has_a_rest(incident.request):
        cancel_rest(request=incident.request, by=by, reason=happened)
    return incident


def _withdraw(incident: Incident) -> None:
    """Whoever is being sent at this moment stays: what became of them, Pendo's answer says."""
    waiting = wrong_targets(incident).filter(outcome=Outcome.PENDING)
    unsettled = Sending.objects.filter(target__in=waiting.values("pk")).exclude(batch__state=BatchState.READY)
    free = waiting.exclude(pk__in=unsettled.values("target"))
    targets = sorted(free, key=lambda target: target.subscription_id)
    for _, group in groupby(targets, key=lambda target: target.subscription_id):
        _cancel(incident.request, list(group))
    advance(incident.request)


def _cancel(request: Request, targets: Sequence[Target]) -> None:
    keys = [target.pk for target in targets]
    settle(
        keys,
        request=request,
        subscription=targets[0].subscription,
        old=Outcome.PENDING,
        new=Outcome.CANCELLED,
        why=WHY,
    )
    left = Sending.objects.filter(target__in=keys, batch__state=BatchState.READY)
    batches = {sending.batch for sending in left.select_related("batch__request")}
    left.delete()
    for batch in batches:
        if not batch.sendings.exists():
            step(batch, BatchState.EMPTY, batch=batch.number)


# -- For Pendo Support ---------------------------------------------------------------------------------------


class SentWrongly(NamedTuple):
    """A receipt that stands for wrong targets."""

    receipt: str
    accepted_at: dt.datetime | None
    word: str


def receipts_of(incident: Incident) -> dict[Subscription, list[SentWrongly]]:
    """Pendo's receipts for what was wrongly sent, by subscription."""
    sendings = Sending.objects.filter(target__in=wrong_targets(incident).values("pk"))
    links = BatchReceipt.objects.filter(batch__in=sendings.values("batch"))
    found: dict[Subscription, list[SentWrongly]] = {}
    for link in links.select_related("batch__subscription", "receipt").order_by("batch__number", "pk"):
        sent = SentWrongly(link.receipt.vendor_id, link.batch.accepted_at, link.receipt.word)
        found.setdefault(link.batch.subscription, []).append(sent)
    return found


def support_texts(incident: Incident) -> list[ReadyText]:
    """For each subscription what to write to Pendo Support: receipts and counts, nobody's id."""
    return [
        ReadyText(
            f"support-{subscription.pk}",
            f"For Pendo Support: {subscription.name}",
            "Pendo Support",
            _support_text(incident, subscription, receipts),
        )
        for subscription, receipts in receipts_of(incident).items()
    ]


def _support_text(incident: Incident, subscription: Subscription, receipts: list[SentWrongly]) -> str:
    sent = wrong_targets(incident).filter(subscription=subscription).exclude(outcome=Outcome.PENDING)
    context = {
        "incident": incident,
        "subscription": subscription,
        "receipts": receipts,
        "count": sent.count(),
        "others": not incident.whole,
        "today": clock.today(),
    }
    return render_to_string("execution/texts/support.txt", context).strip() + "\n"
