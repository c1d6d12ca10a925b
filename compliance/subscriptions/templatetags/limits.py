"""For which subscriptions a role is held, for the pages of people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from compliance.subscriptions.forms import WithinForm
from compliance.subscriptions.queries import names_within

if TYPE_CHECKING:
    from django.template.context import Context

    from compliance.people.models import Grant

register = template.Library()


@register.simple_tag
def within(grant: Grant) -> str:
    """The subscriptions that a limited grant reaches, in words; empty for one that reaches all."""
    return names_within(grant)


@register.inclusion_tag("subscriptions/within.html", takes_context=True)
def within_field(context: Context) -> dict[str, object]:
    """The choice of subscriptions, as it was sent."""
    request = context["request"]
    form = WithinForm(request.POST if "within" in request.POST else None)
    return {"field": form["within"]}
