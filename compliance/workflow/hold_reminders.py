"""Reminders to review holds: before the day, on it, and every week after; each stands in the ledger once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock

from .models import Hold

#: Days before the review on which a reminder goes out.
REMINDED_BEFORE = (14, 3, 0)
#: After it, as often.
WEEK = 7


def remind() -> None:
    """Whatever reminder is due today stands in the ledger, which mail follows; none stands there twice."""
    soon = clock.today() + dt.timedelta(days=max(REMINDED_BEFORE))
    due = Hold.objects.standing().filter(review_on__lte=soon).exclude(reminded_on=clock.today())
    for pk in due.order_by("review_on", "pk").values_list("pk", flat=True):
        remind_of(pk)


@transaction.atomic
def remind_of(hold_id: int) -> bool:
    """One reminder about the hold stands in the ledger if one is due that hasn't gone out; says whether."""
    # Locked: of two workers at the same moment, the second one sees what the first has written.
    hold = Hold.objects.select_for_update().get(pk=hold_id)
    began = stage_began(hold.review_on, clock.today())
    if not hold.stands or began is None or _was_reminded(hold, began):
        return False
    left = hold.days_left
    ledger.record(
        Event.HOLD_REVIEW_OVERDUE if left < 0 else Event.HOLD_REVIEW_REMINDED,
        chain=hold.reference,
        actor=ledger.SYSTEM,
        review_on=ledger.as_fact(hold.review_on),
        days=abs(left),
    )
    hold.reminded_on, hold.reminded_of = clock.today(), hold.review_on
    hold.save(update_fields=["reminded_on", "reminded_of"])
    return True


def stage_began(review_on: dt.date, today: dt.date) -> dt.date | None:
    """The day on which the present stage of reminders began; None before the first one."""
    left = (review_on - today).days
    if left < 0:
        return review_on + dt.timedelta(days=-left // WEEK * WEEK)
    stage = min((days for days in REMINDED_BEFORE if left <= days), default=None)
    return None if stage is None else review_on - dt.timedelta(days=stage)


def _was_reminded(hold: Hold, began: dt.date) -> bool:
    """In this stage, and of this very day: another one is news."""
    return hold.reminded_of == hold.review_on and hold.reminded_on is not None and hold.reminded_on >= began
