"""The end of standing approvals: told of before, and when it has come; each stands in the ledger once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock

from .approving import end_one
from .choices import Ended
from .models import StandingApproval

#: Days before the last one on which people are told.
TOLD_BEFORE = (14, 3)


def look_after_standing_approvals() -> None:
    """Whoever has to know of the end of a standing approval stands in the ledger, which mail follows."""
    soon = clock.today() + dt.timedelta(days=max(TOLD_BEFORE))
    near = StandingApproval.objects.filter(ended_at=None, ends_on__lte=soon)
    for pk in list(near.order_by("ends_on", "pk").values_list("pk", flat=True)):
        tell_of_end(pk)


@transaction.atomic
def tell_of_end(standing_id: int) -> bool:
    """The ledger says that the end is near or has come, if it hasn't said so; says whether it did."""
    # Locked: of two workers at the same moment, the second one sees what the first has written.
    given = (
        StandingApproval.objects.select_for_update(of=("self",))
        .select_related("person", "version__rule__owner")
        .get(pk=standing_id)
    )
    if given.ended_at:
        return False
    if not given.stands:
        end_one(given, Ended.EXPIRED)
        return True
    stage = min((days for days in TOLD_BEFORE if given.days_left <= days), default=None)
    if stage is None or (given.told_of_days is not None and given.told_of_days <= stage):
        return False
    given.told_of_days = stage
    given.save(update_fields=["told_of_days"])
    rule = given.version.rule
    ledger.record(
        Event.STANDING_ENDS_SOON,
        chain=rule.chain,
        actor=ledger.SYSTEM,
        standing=str(given),
        approver=given.person.reference,
        rule=rule.name,
        owner=rule.owner.reference,
        ends_on=ledger.as_fact(given.ends_on),
        days=given.days_left,
    )
    return True
