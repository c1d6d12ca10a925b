"""The screens: work, lists, search, and the page of one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from compliance.core import clock
from compliance.core.keyset import counted, page_of
from compliance.execution.giving_up import ENDABLE
from compliance.execution.queries import open_findings
from compliance.laws.registry import get_law
from compliance.people.access import Act, can, may, signed_in
from compliance.people.queries import standing_absences, stood_in_for
from compliance.subscriptions.pendo_clicks import MAKE_A_KEY
from compliance.subscriptions.stopping import current_stop
from compliance.workflow import queries as workflow
from compliance.workflow.approvers import shortage_of
from compliance.workflow.guards import guard_of
from compliance.workflow.kinds import traits_of
from compliance.workflow.listings import being_read
from compliance.workflow.models import Approval, Request, Scan
from compliance.workflow.previews import last_preview
from compliance.workflow.proof import proof_of
from compliance.workflow.reach import reaches, reaches_what_it_reads, request_or_404, within_reach
from compliance.workflow.refusing import is_refusable
from compliance.workflow.rows import source_rows
from compliance.workflow.sealing import end_reason_of, note_of, reason_of, subject_of
from compliance.workflow.states import BEFORE_SENDING, CHANGEABLE, AskedKind, State

from . import batches as engine
from . import queries
from .filters import listing
from .forms import AttentionFilter, BatchFilter, RequestFilter, TargetFilter
from .steps import may_decide, next_step, next_work

if TYPE_CHECKING:
    from django.http import HttpRequest

    from compliance.execution.models import Batch
    from compliance.people.models import Person

OTHERS_SHOWN = 5
WORDS_SHOWN = 20


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
    """The open requests by date, or the ended ones, as far as the filter leaves them."""
    person = signed_in(request)
    chosen = RequestFilter(request.GET, person=person)
    found = listing(chosen.values, person)
    context = {
        "filter": chosen,
        "ended": "ended" in chosen.values,
        "sorted_by": found.sorted_by,
        "count": found.size,
        "page": page_of(found.rows, order=found.order, cursor=request.GET.get("at", "")),
        "may_export": can(person, Act.EXPORT_LEDGER),
    }
    return render(request, "dashboard/requests.html", context)


@require_POST
@may(Act.READ_REQUESTS)
def search(request: HttpRequest) -> HttpResponse:
    """Requests that name exactly this. By POST: what is looked for is personal, and addresses are logged."""
    text = request.POST.get("text", "").strip()
    named = workflow.requests_naming(text) if text else Request.objects.none()
    found = within_reach(named, signed_in(request), path="")
    page = page_of(found, order=("-pk",), cursor=request.POST.get("at", ""))
    whys = workflow.whys(page.rows, text)
    context = {
        "text": text,
        "page": page,
        "count": counted(found),
        "found": [(each, whys[each.pk]) for each in page.rows],
    }
    return render(request, "dashboard/search.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def attentions(request: HttpRequest) -> HttpResponse:
    """Everything that needs a person."""
    person, chosen = signed_in(request), AttentionFilter(request.GET)
    context = {
        "filter": chosen,
        "count": counted(queries.attentions_for(person).filter(**chosen.values)),
        "page": queries.attention_page(person, chosen.values, request.GET.get("at", "")),
        "findings": open_findings(person) if chosen.findings else [],
        # Who reads more than they settle finds the buttons on the requests' own pages.
        "may_settle": reaches_what_it_reads(person, Act.SETTLE_ATTENTION),
    }
    return render(request, "dashboard/attention_list.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def endangered(request: HttpRequest) -> HttpResponse:
    """Which dates are endangered by what holds the sending up now."""
    return render(request, "dashboard/endangered.html", {"places": queries.endangered(signed_in(request))})


@require_safe
@may(Act.READ_REQUESTS)
def appeals(request: HttpRequest) -> HttpResponse:
    """Every appeal and complaint that waits for an answer, by its date."""
    person, cursor = signed_in(request), request.GET.get("at", "")
    waiting = within_reach(workflow.open_appeals(), person)
    context = {
        "page": page_of(waiting, order=("safe", "pk"), cursor=cursor),
        "overdue": counted(within_reach(workflow.overdue_appeals(), person)),
    }
    return render(request, "dashboard/appeal_list.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def request_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Everything about one request."""
    found = request_or_404(request, reference)
    if found.state == State.CHECKING:
        return redirect("upload", found.upload.pk)
    person = signed_in(request)
    context = {
        **_moving_part(found, person),
        "subject": subject_of(found),
        "note": note_of(found),
        "law": get_law(found.law, found.law_version) if found.law else None,
        "has_law": traits_of(found.kind).has_law,
        "guard": guard_of(found),
        "proof": proof_of(found),
        "recorded_late_by": (clock.day_of(found.opened_at) - found.received_on).days,
        "sources": source_rows(found),
        "asks_accounts": found.asked.filter(kind=AskedKind.ACCOUNT).exists(),
        "clocks": found.clocks.all(),
        "targets": queries.target_rows(found),
        "most_sorted": queries.MOST_SORTED,
        "end_reason": end_reason_of(found),
        "others": workflow.others_naming_the_same(found, OTHERS_SHOWN, person),
        "most_compared": workflow.MOST_COMPARED,
        "words": [(word, reason_of(word)) for word in _words(found)],
        "timeline": queries.timeline(found),
        "may": _may(found, person),
        **workflow.pausing_of(found, person),
    }
    return render(request, "dashboard/request.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def targets(request: HttpRequest, reference: str) -> HttpResponse:
    """All targets of a request, page by page."""
    found, chosen = request_or_404(request, reference), TargetFilter(request.GET)
    page = queries.target_page(found, chosen.values, request.GET.get("at", ""))
    context = {
        "found": found,
        "filter": chosen,
        "count": counted(queries.targets_of(found).filter(**chosen.values)),
        "page": page,
        "targets": queries.opened(found, page.rows),
    }
    return render(request, "dashboard/targets.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def batches(request: HttpRequest, reference: str) -> HttpResponse:
    """All batches of a request with their calls, page by page."""
    found, chosen = request_or_404(request, reference), BatchFilter(request.GET)
    page = engine.batch_page(found, chosen.values, request.GET.get("at", ""))
    context = {
        "found": found,
        "filter": chosen,
        "count": counted(found.batches.filter(**chosen.values).order_by("number")),
        "page": page,
        "batches": _with_waits(page.rows),
    }
    return render(request, "dashboard/batches.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def batch(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """One batch: what became of its targets, why it waits, every call and every look, page by page."""
    found = request_or_404(request, reference)
    shown = engine.batch_numbered(found, number)
    if shown is None:
        raise Http404
    page = engine.call_page(shown, request.GET.get("at", ""))
    context = {
        "found": found,
        "batch": shown,
        "wait": engine.waits_for(shown, current_stop()),
        "outcomes": engine.outcomes_in(shown),
        "looks": shown.passes.order_by("-pk")[: engine.BATCHES_SHOWN],
        "children": shown.children.order_by("number"),
        "page": page,
        "calls": engine.with_targets(shown, page.rows),
    }
    return render(request, "dashboard/batch.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def entries(request: HttpRequest, reference: str) -> HttpResponse:
    """All that happened to a request, page by page."""
    found = request_or_404(request, reference)
    page = queries.entry_page(found, request.GET.get("at", ""))
    context = {"found": found, "page": page, "moments": queries.moments(page.rows)}
    return render(request, "dashboard/entries.html", context)


@require_safe
@may(Act.READ_REQUESTS)
def progress(request: HttpRequest, reference: str) -> HttpResponse:
    """The part of a request's page that moves; once the state has changed, the browser loads all of it."""
    found = request_or_404(request, reference)
    if found.state == State.CHECKING:
        raise Http404
    if request.GET.get("state") != found.state:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "dashboard/progress.html", _moving_part(found, signed_in(request)))


def _moving_part(found: Request, person: Person) -> dict[str, Any]:
    preview, counts = last_preview(found), queries.outcome_counts(found)
    scans = preview.scans.select_related("subscription") if preview else Scan.objects.none()
    return {
        "found": found,
        "tone": queries.state_tone(found.state),
        "moving": found.state in queries.MOVING,
        "next_step": next_step(found, person),
        "preview": preview,
        "searched": found.subscriptions.all(),
        "looked_up": queries.looked_up(found, counts),
        "listings": [] if found.ended else being_read(found),
        "scans": scans.order_by("subscription__name"),
        "seconds": queries.seconds_until_next(counts),
        "held_up": () if found.ended else queries.held_up(found),
        "shortage": shortage_of(found),
        "counts": counts,
        "batch_counts": engine.state_counts(found),
        "batches": _with_waits(engine.batches_now(found)),
        "attentions": found.attentions.filter(settled_at=None).select_related("subscription"),
        "may_settle": reaches(person, Act.SETTLE_ATTENTION, found),
        "may_give_up": reaches(person, Act.GIVE_UP, found),
        "endable": ENDABLE,
    }


def _with_waits(batches: list[Batch]) -> list[tuple[Batch, str]]:
    stop = current_stop()
    return [(batch, engine.waits_for(batch, stop)) for batch in batches]


def _words(found: Request) -> list[Approval]:
    """The last decisions about the request, the first of them first."""
    words = Approval.objects.filter(preview__request=found).select_related("person", "preview__request")
    return list(reversed(words.order_by("-given_at", "-pk")[:WORDS_SHOWN]))


def _may(found: Request, person: Person) -> dict[str, bool]:
    """What this person may do with the request now: each is a button."""
    enters = reaches(person, Act.ENTER_REQUESTS, found)
    return {
        "decide": may_decide(found, person),
        "change": enters and found.state in CHANGEABLE and guard_of(found) is None,
        "preview": enters and found.state in CHANGEABLE,
        "date": enters and not found.ended and traits_of(found.kind).has_law,
        "confirm_nothing": enters and found.state == State.NOTHING_FOUND,
        "refuse": reaches(person, Act.REFUSE, found) and is_refusable(found),
        "withdraw": reaches(person, Act.CANCEL, found) and not found.ended and traits_of(found.kind).has_law,
        "cancel": reaches(person, Act.CANCEL, found) and found.state in BEFORE_SENDING,
        "cancel_rest": reaches(person, Act.CANCEL, found) and workflow.has_a_rest(found),
        "export": reaches(person, Act.EXPORT_HISTORY, found),
    }
