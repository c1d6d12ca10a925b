"""What was decided about a request, or may be, and is told to the person concerned: for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from compliance.laws.law import ClockKind
from compliance.people.access import Act, can
from compliance.workflow.deadlines import extension_of, is_extended
from compliance.workflow.extending import refused_extension
from compliance.workflow.kinds import traits_of
from compliance.workflow.wordings import extension_notice

if TYPE_CHECKING:
    from compliance.people.models import Person
    from compliance.workflow.models import Request

register = template.Library()


@register.inclusion_tag("workflow/more_time.html")
def more_time(found: Request, person: Person) -> dict[str, Any]:
    """The extension that was taken, with its notice; or whether one can be, and why not."""
    extension = extension_of(found) if traits_of(found.kind).has_law else None
    rows = list(found.clocks.all())
    clocks, counts = {row.kind: row for row in rows}, is_extended(found, rows)
    return {
        "found": found,
        "extension": extension,
        "counts": counts,
        "notice": clocks.get(ClockKind.EXTENSION_NOTICE),
        "answer": clocks.get(ClockKind.EXTENDED_ANSWER),
        "text": extension_notice(extension) if extension and counts else "",
        "extends": can(person, Act.EXTEND) and not found.ended,
        "no": refused_extension(found),
    }
