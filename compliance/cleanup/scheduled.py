"""Schedules: rules whose moment has come are run, once for each moment, and once for all that were missed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused

from .choices import Trigger
from .models import Rule
from .running import start_run
from .writing import next_run

if TYPE_CHECKING:
    from .models import Run

log = logging.getLogger(__name__)


def start_due_runs() -> None:
    """Every rule that is due was started, and its next moment stands. One that fails holds up no other."""
    for pk in list(Rule.objects.filter(next_run_at__lte=clock.now()).values_list("pk", flat=True)):
        try:
            start_due(pk)
        except Exception:
            log.exception("rule/%s couldn't be started by its schedule", pk)


@transaction.atomic
def start_due(rule_id: int) -> Run | None:
    """The rule was started for its last moment, if it is due; None where it isn't, or couldn't be.

    Its next moment comes after now: however many were missed, they are one run.
    """
    # Locked: of two workers at the same moment, the second one finds the next moment.
    rule = Rule.objects.select_for_update(of=("self",)).select_related("owner").get(pk=rule_id)
    due_at = rule.next_run_at
    if due_at is None or due_at > clock.now():
        return None
    rule.next_run_at = next_run(rule.version)
    rule.save(update_fields=["next_run_at"])
    try:
        with transaction.atomic():
            return start_run(rule=rule, trigger=Trigger.SCHEDULE, scheduled_for=due_at).run
    except Refused as refusal:
        ledger.record(
            Event.RUN_NOT_STARTED,
            chain=rule.chain,
            actor=ledger.SYSTEM,
            rule=rule.name,
            owner=rule.owner.reference,
            why=str(refusal).rstrip("."),
        )
        return None
