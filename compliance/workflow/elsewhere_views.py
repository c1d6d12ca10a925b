"""The page on which a request's correspondence is left to another system, or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in

from .elsewhere import handle_elsewhere, handle_here
from .forms import ElsewhereForm
from .kinds import traits_of
from .reach import request_or_404
from .states import State

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def elsewhere(request: HttpRequest, reference: str) -> HttpResponse:
    """Under which number another system handles the correspondence, and by when."""
    found = request_or_404(request, reference)
    if found.ended or found.state == State.CHECKING or not traits_of(found.kind).has_law:
        messages.error(request, "It has ended, or nobody writes letters about this kind of request.")
        return redirect("request", reference)
    initial = {"case": found.elsewhere_case, "due_on": found.elsewhere_due_on}
    form = ElsewhereForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            handle_elsewhere(request=found, **form.cleaned_data, by=signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Kept: the other system writes to the person.")
            return redirect("request", reference)
    context = {"found": found, "form": form}
    return render(request, "workflow/elsewhere.html", context, status=422 if form.errors else 200)


@require_POST
@may(Act.ENTER_REQUESTS)
def here(request: HttpRequest, reference: str) -> HttpResponse:
    """The correspondence is taken back."""
    found = request_or_404(request, reference)
    try:
        handle_here(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Taken back: you write to the person.")
    return redirect("request", reference)
