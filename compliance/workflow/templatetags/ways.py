"""What else can be done about a request, for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from compliance.people.access import Act, can
from compliance.workflow.previews import current_preview
from compliance.workflow.samples import SAMPLED_FROM
from compliance.workflow.splitting import holding_up
from compliance.workflow.states import State

if TYPE_CHECKING:
    from compliance.people.models import Person
    from compliance.workflow.models import Request

register = template.Library()


@register.inclusion_tag("workflow/ways.html")
def ways_on(found: Request, person: Person) -> dict[str, Any]:
    """Choosing, the sample, going on without a subscription, and the requests that this one is tied to."""
    preview, waits, enters = (
        current_preview(found),
        found.state == State.PREVIEWED,
        can(person, Act.ENTER_REQUESTS),
    )
    return {
        "found": found,
        "preview": preview,
        "enters": enters,
        "holding_up": holding_up(found),
        "continued_by": found.continued_by.prefetch_related("subscriptions").order_by("pk"),
        "may_choose": enters and waits and preview.found + preview.spared > 1,
        "may_sample": can(person, Act.APPROVE) and waits and preview.found >= SAMPLED_FROM,
    }
