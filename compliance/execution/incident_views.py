"""Wrong deletions: the report on a request, the list, and the page on which an officer decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.core.errors import Refused
from compliance.core.keyset import counted, page_of
from compliance.people.access import Act, may, signed_in
from compliance.workflow import incidents as verbs
from compliance.workflow.incident_forms import AssessmentForm, DecisionForm, NotifiedForm, ReportForm
from compliance.workflow.models import Incident, Risk
from compliance.workflow.reach import kinds_entered_by, reached_in, reaches, request_or_404
from compliance.workflow.states import Kind

from .wrong_deletion import receipts_of, stop_wrong_deletion, support_texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

    from compliance.people.models import Person


@require_http_methods(["GET", "POST"])
@may(Act.REPORT_INCIDENTS)
def report(request: HttpRequest, reference: str) -> HttpResponse:
    """What was wrong about a request; sent, the request stops and an incident stands."""
    found = request_or_404(request, reference)
    if not verbs.may_be_reported(found):
        messages.error(request, "Nothing of this request was sent, so nothing was deleted.")
        return redirect("request", reference)
    form = ReportForm(request.POST if request.method == "POST" else None, request=found)
    if request.method == "POST" and form.is_valid():
        try:
            incident = stop_wrong_deletion(
                request=found,
                happened=form.cleaned_data["happened"],
                aware_at=form.cleaned_data["aware_at"],
                targets=form.chosen,
                by=signed_in(request),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Stopped: nothing more of this request is sent. The 72 hours run.")
            return redirect("incident", incident.pk)
    context = {"found": found, "form": form}
    return render(request, "execution/report.html", context, status=422 if form.errors else 200)


@require_safe
@may(Act.READ_INCIDENTS)
def incidents(request: HttpRequest) -> HttpResponse:
    """The open ones by the end of their 72 hours, or those that are closed."""
    closed = request.GET.get("closed") == "1"
    rows = reached_in(request, Incident.objects.filter(closed_at__isnull=not closed))
    rows = rows.select_related("request", "opened_by")
    order = ("-closed_at", "-pk") if closed else ("notify_by", "pk")
    context = {
        "closed": closed,
        "count": counted(rows.order_by(*order)),
        "page": page_of(rows, order=order, cursor=request.GET.get("at", "")),
        "query": "closed=1" if closed else "",
    }
    return render(request, "execution/incidents.html", context)


@require_safe
@may(Act.READ_INCIDENTS)
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one."""
    return _page(request, _found(request, pk))


@require_POST
@may(Act.DECIDE_INCIDENTS, fresh=True)
def assess(request: HttpRequest, pk: int) -> HttpResponse:
    """How many people, what, which risk."""
    found, form = _found(request, pk), AssessmentForm(request.POST)

    def verb(by: Person) -> None:
        values = form.cleaned_data
        verbs.assess_incident(
            incident=found,
            risk=Risk(values["risk"]),
            persons=values["persons"],
            categories=values["categories"],
            by=by,
        )

    return _done(request, found, form, verb, assessing=form)


@require_POST
@may(Act.DECIDE_INCIDENTS, fresh=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom to notify, and why."""
    found, form = _found(request, pk), DecisionForm(request.POST)
    return _done(
        request,
        found,
        form,
        lambda by: verbs.decide_incident(incident=found, **form.cleaned_data, by=by),
        deciding=form,
    )


@require_POST
@may(Act.DECIDE_INCIDENTS)
def notified(request: HttpRequest, pk: int) -> HttpResponse:
    """That somebody was notified."""
    found, form = _found(request, pk), NotifiedForm(request.POST)
    return _done(
        request,
        found,
        form,
        lambda by: verbs.note_notified(incident=found, **form.cleaned_data, by=by),
        noting=form,
    )


@require_POST
@may(Act.DECIDE_INCIDENTS)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing is left to do."""
    found = _found(request, pk)
    try:
        verbs.close_incident(incident=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("incident", pk)


@require_POST
@may(Act.ENTER_REQUESTS)
def readmit(request: HttpRequest, pk: int) -> HttpResponse:
    """A request that lifts Do Not Process for those wrongly named."""
    try:
        opened = verbs.open_readmission(incident=_found(request, pk), by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("incident", pk)
    messages.success(request, "Opened: a privacy officer approves it as any other request.")
    return redirect("request", opened.reference)


def _found(request: HttpRequest, pk: int) -> Incident:
    rows = reached_in(request, Incident.objects.all())
    rows = rows.select_related("request", "opened_by", "decided_by", "readmission")
    return get_object_or_404(rows, pk=pk)


def _done(
    request: HttpRequest, found: Incident, form: Form, verb: Callable[[Person], None], **shown: Form
) -> HttpResponse:
    """The verb is done; or its page again, with what was typed."""
    if form.is_valid():
        try:
            verb(signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Kept.")
            return redirect("incident", found.pk)
    return _page(request, found, status=422, **shown)


def _page(request: HttpRequest, found: Incident, *, status: int = 200, **forms: Form) -> HttpResponse:
    person, words = signed_in(request), verbs.words_of(found)
    assessed = {"persons": found.persons, "risk": found.risk, "categories": words[verbs.CATEGORIES]}
    open_ = found.closed_at is None
    context: dict[str, Any] = {
        "incident": found,
        "words": words,
        "left": "" if found.closed_at else verbs.still_to_do(found),
        "count": verbs.wrong_targets(found).count(),
        "excluded": verbs.excluded_visitors(found).count(),
        "receipts": receipts_of(found),
        "texts": support_texts(found),
        "assessing": AssessmentForm(initial=assessed),
        "deciding": DecisionForm(),
        "noting": NotifiedForm(),
        "may_decide": reaches(person, Act.DECIDE_INCIDENTS, found.request) and open_,
        "may_readmit": Kind.READMISSION in kinds_entered_by(person) and open_,
        **forms,
    }
    return render(request, "execution/incident.html", context, status=status)
