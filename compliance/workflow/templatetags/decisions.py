"""What was decided about a request, or may be, and is told to the person concerned: for its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

from compliance.core import clock
from compliance.laws.law import ClockKind
from compliance.laws.registry import get_law
from compliance.people.access import Act
from compliance.workflow.appealing import (
    kinds_offered,
    reasons_of,
    refuse_as_judge,
    refused_appeal,
    text_of,
)
from compliance.workflow.deadlines import extension_of, is_extended
from compliance.workflow.duplicates import note_in
from compliance.workflow.errors import NotThisPerson
from compliance.workflow.extending import refused_extension
from compliance.workflow.kinds import traits_of
from compliance.workflow.models import Appeal
from compliance.workflow.reach import reaches
from compliance.workflow.refusing import case_of, refuse_as_second, word_of
from compliance.workflow.wordings import appeal_answer, extension_notice, refusal_notice

if TYPE_CHECKING:
    from compliance.people.models import Person
    from compliance.workflow.models import Refusal, Request

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
        "extends": reaches(person, Act.EXTEND, found) and not found.ended,
        "no": refused_extension(found),
    }


@register.inclusion_tag("workflow/refusals.html")
def refusals_of(found: Request, person: Person) -> dict[str, Any]:
    """The refusals of a request; those that stand have the text for the person."""
    law = get_law(found.law, found.law_version) if found.law else None
    refusals = found.refusals.select_related("request", "proposed_by", "decided_by")
    return {
        "found": found,
        "person": person,
        "refusals": [
            {
                "refusal": each,
                "case": case_of(each),
                "reason": law.reason(each.code) if law else None,
                "word": word_of(each),
                "text": refusal_notice(each) if each.agreed and law else "",
                "may_decide": _may_decide(each, person),
            }
            for each in refusals
        ],
    }


@register.inclusion_tag("workflow/appeals.html")
def appeals_of(found: Request, person: Person) -> dict[str, Any]:
    """The appeals and complaints about a request, and whether its law gives one; else where else to turn."""
    open_to = not refused_appeal(found)
    appeals = found.appeals.select_related("request", "entered_by", "decided_by", "followed_by")
    return {
        "found": found,
        "appeals": [
            {
                "appeal": each,
                "says": text_of(each),
                "reasons": reasons_of(each),
                "text": appeal_answer(each) if each.result else "",
                "may_decide": _may_judge(each, person),
            }
            for each in appeals
        ],
        "enters": reaches(person, Act.ENTER_REQUESTS, found),
        "offered": kinds_offered(found, clock.today()),
        "law": get_law(found.law, found.law_version) if open_to else None,
        "follows": Appeal.objects.filter(followed_by=found).select_related("request").first(),
    }


@register.inclusion_tag("workflow/later_messages.html")
def later_messages(found: Request) -> dict[str, Any]:
    """What the person sent after the request was recorded, asking the same."""
    messages = found.later_messages.select_related("request", "entered_by")
    return {"messages": [(each, note_in(each)) for each in messages]}


def _may_judge(appeal: Appeal, person: Person) -> bool:
    try:
        refuse_as_judge(appeal, person)
    except NotThisPerson:
        return False
    return not appeal.result


def _may_decide(refusal: Refusal, person: Person) -> bool:
    try:
        refuse_as_second(refusal, person)
    except NotThisPerson:
        return False
    return refusal.agreed is None and not refusal.request.ended
