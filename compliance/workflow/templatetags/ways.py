"""What else can be done about a request, for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from compliance.people.access import Act
from compliance.workflow.guards import guard_of
from compliance.workflow.hold_following import BEYOND_PREVIEW, released_targets
from compliance.workflow.hold_placing import matter_of
from compliance.workflow.hold_queries import held_counts
from compliance.workflow.incidents import may_be_reported
from compliance.workflow.kinds import traits_of
from compliance.workflow.previews import last_preview
from compliance.workflow.processing import customer_of, instruction_of
from compliance.workflow.processing import processing_of as standing_of
from compliance.workflow.reach import reaches
from compliance.workflow.recipients import concerned
from compliance.workflow.samples import SAMPLED_FROM
from compliance.workflow.sealing import evidence_of
from compliance.workflow.splitting import holding_up
from compliance.workflow.states import BEFORE_SENDING, CompanyRole, State
from compliance.workflow.suspending import suspension_counts

if TYPE_CHECKING:
    from compliance.people.models import Person
    from compliance.workflow.models import Request

register = template.Library()


@register.inclusion_tag("workflow/ways.html")
def ways_on(found: Request, person: Person) -> dict[str, Any]:
    """Choosing, the sample, going on without a subscription, and the requests that this one is tied to."""
    preview, waits, enters = (
        last_preview(found),
        found.state == State.PREVIEWED,
        reaches(person, Act.ENTER_REQUESTS, found),
    )
    own = set(found.subscriptions.values_list("pk", flat=True))
    others = list(found.continued_by.prefetch_related("subscriptions").order_by("pk"))
    return {
        **_held(found, person),
        "found": found,
        "preview": preview,
        "enters": enters,
        "waits": waits,
        "holding_up": holding_up(found),
        "split": not own & _subscriptions_of(found.continues),
        "continued_by": others,
        "split_off": {other.pk for other in others if not own & _subscriptions_of(other)},
        "may_close_held": waits and preview and preview.held and not preview.found and not preview.screening,
        "may_choose": enters
        and waits
        and preview
        and guard_of(found) is None
        and preview.found + preview.spared > 1,
        "may_sample": reaches(person, Act.APPROVE, found)
        and waits
        and preview
        and preview.found >= SAMPLED_FROM,
    }


def _held(found: Request, person: Person) -> dict[str, Any]:
    """What is held and why; for legal, the matters as well."""
    held, is_legal = held_counts(found), reaches(person, Act.HOLD, found)
    return {
        "held": [
            (row, matter_of(row.hold) if is_legal else "", suspension_counts(row.hold, found)) for row in held
        ],
        "released": released_targets(found).count() if held else 0,
        "has_law": traits_of(found.kind).has_law,
        "beyond_preview": found.state in BEYOND_PREVIEW,
        "may_hold": is_legal and found.state not in {State.PREVIEWING, State.CANCELLED},
    }


def _subscriptions_of(request: Request | None) -> set[int]:
    return {subscription.pk for subscription in request.subscriptions.all()} if request else set()


@register.inclusion_tag("workflow/recipients_of.html")
def recipients_of(found: Request) -> dict[str, Any]:
    """The other systems that are told of a request: their tasks, or before those stand, which would be."""
    tasks = found.recipient_tasks.select_related("request", "recipient", "owner", "done_by")
    early = traits_of(found.kind).tells_recipients and found.state in BEFORE_SENDING
    return {
        "found": found,
        "has_texts": traits_of(found.kind).has_law and not found.elsewhere_case,
        "tasks": [(task, evidence_of(task)) for task in tasks],
        "to_come": concerned(found) if early else (),
    }


@register.inclusion_tag("workflow/incidents_of.html")
def incidents_of(found: Request, person: Person) -> dict[str, Any]:
    """What was reported as wrong about a request, and the way to report it."""
    return {
        "found": found,
        "incidents": found.incidents.order_by("pk"),
        "may_read": reaches(person, Act.READ_INCIDENTS, found),
        "may_report": reaches(person, Act.REPORT_INCIDENTS, found) and may_be_reported(found),
    }


@register.inclusion_tag("workflow/processing_of.html")
def processing_of(found: Request, person: Person) -> dict[str, Any]:
    """On whose behalf the company acts, and whether the customer has instructed it."""
    standing = standing_of(found)
    return {
        "found": found,
        "processor": found.company_role == CompanyRole.PROCESSOR,
        "processing": standing,
        "customer": customer_of(standing) if standing else None,
        "instruction": instruction_of(standing) if standing else None,
        "enters": reaches(person, Act.ENTER_REQUESTS, found) and not found.ended,
    }
