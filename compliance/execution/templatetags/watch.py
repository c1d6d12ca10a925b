"""What was erased and is there again, for the pages of other rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from compliance.execution.cause_words import CAUSES
from compliance.execution.queries import findings_about

if TYPE_CHECKING:
    from compliance.workflow.models import Request

register = template.Library()
MOST_SHOWN = 10


@register.filter
def next_about(cause: str) -> str:
    """What to do about a finding with this cause."""
    return CAUSES[cause].next


@register.inclusion_tag("execution/reappearances.html")
def reappearances_of(found: Request) -> dict[str, Any]:
    """Findings with something that this request had erased, and those that it follows."""
    return {
        "findings": findings_about(found)[:MOST_SHOWN],
        "follows": found.ways_out.select_related("finding").order_by("pk")[:MOST_SHOWN],
    }
