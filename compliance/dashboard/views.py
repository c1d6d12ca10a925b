"""The screens: work, lists, search, and the page of one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from compliance.execution.giving_up import ENDABLE
from compliance.laws.registry import get_law
from compliance.people.access import Act, can, may, signed_in
from compliance.people.queries import standing_absences, stood_in_for
from compliance.subscriptions.pendo_clicks import MAKE_A_KEY
from compliance.workflow import queries as workflow
from compliance.workflow.approvers import shortage_of
from compliance.workflow.models import Request
from compliance.workflow.previews import current_preview
from compliance.workflow.sealing import end_reason_of, note_of, reason_of, subject_of
from compliance.workflow.states import BEFORE_SENDING, CHANGEABLE, State

from . import queries
from .steps import may_decide, next_step, next_work

if TYPE_CHECKING:
    from django.http import HttpRequest

    from compliance.people.models import Person

A_PAGE = 50


@require_safe
@may(Act.BE_HERE)
def home(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    person = signed_in(request)
    work = queries.work_of(person)
    context = {
        "work": work,
        "next_work": next_work(work, person),
        "make_a_key": MAKE_A_KEY,
        "may_read": can(person, Act.READ_REQUESTS),
        "absences": standing_absences(person),
        "stands_in_for": stood_in_for(person),
    }
    return render(request, "dashboard/home.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def requests(request: HttpRequest) -> HttpResponse:
    """The open requests by date, or the ended ones."""
    ended = request.GET.get("ended") == "1"
    found = workflow.ended_requests() if ended else workflow.open_requests()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "dashboard/requests.html", {"page": page, "ended": ended})


@require_POST
@may(Act.READ_REQUESTS)
def search(request: HttpRequest) -> HttpResponse:
    """Requests that name exactly this. By POST: what is looked for is personal, and addresses are logged."""
    text = request.POST.get("text", "").strip()
    found = workflow.requests_naming(text)[: queries.MOST_LISTED] if text else []
    return render(request, "dashboard/search.html", {"text": text, "found": found})


@require_safe
@may(Act.READ_REQUESTS)
def request_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything about one request."""
    found = get_object_or_404(Request.objects.select_related("entered_by", "changed_by"), reference=reference)
    person = signed_in(request)
    context = {
        **_moving_part(found, person),
        "subject": subject_of(found),
        "note": note_of(found),
        "law": get_law(found.law) if found.law else None,
        "clocks": found.clocks.all(),
        "targets": queries.target_rows(found),
        "end_reason": end_reason_of(found),
        "others": workflow.others_naming_the_same(found)[:5],
        "words": [(word, reason_of(word)) for word in _words(found)],
        "timeline": queries.timeline(found),
        "may": _may(found, person),
    }
    return render(request, "dashboard/request.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def progress(request: HttpRequest, reference: str) -> HttpResponse:
    """The part of a request's page that moves; once the state has changed, the browser loads all of it."""
    found = get_object_or_404(Request, reference=reference)
    if request.GET.get("state") != found.state:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "dashboard/progress.html", _moving_part(found, signed_in(request)))


def _moving_part(found: Request, person: Person) -> dict[str, Any]:
    preview = current_preview(found)
    return {
        "found": found,
        "tone": queries.state_tone(found.state),
        "moving": found.state in queries.MOVING,
        "next_step": next_step(found, person),
        "preview": preview,
        "searched": found.subscriptions.all(),
        "looked_up": queries.looked_up(preview),
        "paused": () if found.ended else found.subscriptions.exclude(paused_reason=""),
        "counts": queries.outcome_counts(found),
        "batches": [(batch, queries.waits_for(batch)) for batch in queries.batches_with_calls(found)],
        "shortage": shortage_of(found),
        "attentions": found.attentions.filter(settled_at=None).select_related("subscription"),
        "may_settle": can(person, Act.SETTLE_ATTENTION),
        "may_give_up": can(person, Act.GIVE_UP),
        "endable": ENDABLE,
    }


def _words(found: Request) -> list[Any]:
    return [
        word
        for preview in found.previews.prefetch_related("approvals__person", "approvals__preview__request")
        for word in preview.approvals.all()
    ]


def _may(found: Request, person: Person) -> dict[str, bool]:
    """What this person may do with the request now: each is a button."""
    enters = can(person, Act.ENTER_REQUESTS)
    return {
        "decide": may_decide(found, person),
        "change": enters and found.state in CHANGEABLE,
        "preview": enters and found.state in CHANGEABLE,
        "confirm_nothing": enters and found.state == State.NOTHING_FOUND,
        "cancel": can(person, Act.CANCEL) and found.state in BEFORE_SENDING,
        "export": can(person, Act.EXPORT_HISTORY),
    }
