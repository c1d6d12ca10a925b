"""The staff form."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.laws.law import COUNSEL_MUST_CONFIRM
from compliance.laws.registry import all_laws
from compliance.people.access import Act, may, signed_in
from compliance.subscriptions.models import Subscription
from compliance.workflow.approvers import shortage_at_entry
from compliance.workflow.deadlines import counted_clocks, refuse_bad_receipt, rows_for
from compliance.workflow.models import Request
from compliance.workflow.opening import open_request, revise_request
from compliance.workflow.queries import asked_values
from compliance.workflow.states import CHANGEABLE, AskedKind, Kind
from compliance.workflow.things import named

from . import drafts
from .forms import AskedForm, RequestForm

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def new(request: HttpRequest) -> HttpResponse:
    """The form; sent, it opens a request, and its draft is gone."""
    person = signed_in(request)
    draft = drafts.read_draft(person)
    form = RequestForm(request.POST) if request.method == "POST" else RequestForm(initial=_initial(draft))
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_request(wish=form.wish(form.things), by=person)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            drafts.discard_draft(person)
            _tell(request, form)
            return redirect("request", opened.reference)
    status = 422 if form.errors else 200
    context = {"form": form, "draft": draft, "confirm": COUNSEL_MUST_CONFIRM}
    return render(request, "intake/new.html", context, status=status)


@require_POST
@may(Act.ENTER_REQUESTS)
def save_draft(request: HttpRequest) -> HttpResponse:
    """What was typed so far is kept."""
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in RequestForm.base_fields}
    values["subscriptions"] = request.POST.getlist("subscriptions")
    draft = drafts.save_draft(person=signed_in(request), values=values)
    return render(request, "intake/draft_saved.html", {"saved_at": draft.saved_at})


@require_POST
@may(Act.ENTER_REQUESTS)
def discard_draft(request: HttpRequest) -> HttpResponse:
    """The draft is gone."""
    drafts.discard_draft(signed_in(request))
    messages.success(request, "The draft is gone.")
    return redirect("request_new")


@require_GET
@may(Act.ENTER_REQUESTS)
def clocks(request: HttpRequest) -> HttpResponse:
    """The dates that a law and a receipt date would give. Neither is personal."""
    law, calendar = request.GET.get("law", ""), request.GET.get("calendar", "")
    try:
        received_on = dt.date.fromisoformat(request.GET.get("received_on", ""))
    except ValueError:
        return HttpResponse()
    if law and law not in {one.code for one in all_laws()}:
        return HttpResponse(status=400)
    try:
        refuse_bad_receipt(received_on)
    except Refused:
        # Sent, the form says so beside the field.
        return HttpResponse()
    rows = rows_for(counted_clocks(law=law, calendar=calendar, received_on=received_on))
    return render(request, "intake/clocks.html", {"clocks": rows})


@require_GET
@may(Act.ENTER_REQUESTS)
def approvers(request: HttpRequest) -> HttpResponse:
    """A warning where too few people could approve what is being entered. Nothing of it is personal."""
    kind = request.GET.get("kind") or Kind.ERASURE
    chosen = [int(pk) for pk in request.GET.getlist("subscriptions") if pk.isdecimal()]
    subscriptions = Subscription.objects.filter(pk__in=chosen)
    if kind not in Kind.values or not subscriptions:
        return HttpResponse()
    shortage = shortage_at_entry(subscriptions=subscriptions, kind=kind, by=signed_in(request))
    return render(request, "intake/approvers.html", {"shortage": shortage})


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """What a request asks, to be changed; a fresh preview follows."""
    person = signed_in(request)
    found = get_object_or_404(Request, reference=reference)
    if found.state not in CHANGEABLE:
        messages.error(request, "What this request asks can't be changed any more.")
        return redirect("request", reference)
    initial = {
        "visitors": "\n".join(asked_values(found)),
        "subscriptions": list(found.subscriptions.values_list("pk", flat=True)),
    }
    form = AskedForm(request.POST) if request.method == "POST" else AskedForm(initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            revise_request(
                request=found,
                things=named(AskedKind.VISITOR, form.cleaned_data["visitors"]),
                subscriptions=list(form.cleaned_data["subscriptions"]),
                by=person,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _tell(request, form)
            return redirect("request", reference)
    return render(
        request, "intake/change.html", {"form": form, "found": found}, status=422 if form.errors else 200
    )


def _initial(draft: dict[str, object] | None) -> dict[str, object] | None:
    return {name: value for name, value in draft.items() if value} if draft else None


def _tell(request: HttpRequest, form: AskedForm) -> None:
    read = form.read
    if read.duplicates:
        messages.info(request, f"{read.duplicates} repeated line(s) were folded.")
    if read.invisible:
        messages.warning(
            request,
            f"{read.invisible} id(s) hold characters that can't be seen. They are looked up exactly as they "
            "stand; if one isn't found, type it again instead of pasting it.",
        )
    if read.twins:
        messages.warning(
            request, f"{read.twins} id(s) differ from another one only in letter case. Both are looked up."
        )
