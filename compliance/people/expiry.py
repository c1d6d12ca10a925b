"""Roles that were granted until a day: what is written down once the day is over."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.timezone import make_aware

from compliance.audit import ledger
from compliance.audit.events import Event

from .models import Grant, GrantQuerySet


def end_expired_roles() -> None:
    """Every role whose last day is over stands in the ledger as ended; it has been worth nothing since."""
    write_down(Grant.objects.expired())


@transaction.atomic
def write_down(expired: GrantQuerySet) -> None:
    """Each of these expired grants is ended, once, as of the midnight after its last day."""
    for grant in expired.select_for_update(of=("self",)).select_related("person").order_by("pk"):
        if grant.ends_on is None:
            continue
        grant.ended_at = _midnight_after(grant.ends_on)
        grant.save(update_fields=["ended_at"])
        ledger.record(
            Event.ROLE_EXPIRED,
            chain=grant.person.reference,
            actor=ledger.SYSTEM,
            role=grant.role,
            person=grant.person.reference,
            ends_on=ledger.as_fact(grant.ends_on),
        )


def _midnight_after(day: dt.date) -> dt.datetime:
    """When the day is over at the controller's establishment (setting TIME_ZONE)."""
    return make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))
