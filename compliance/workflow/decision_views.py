"""Decisions that are told to the person concerned: each a page with a form, thin doors to the verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from compliance.core.errors import Refused
from compliance.laws.law import COUNSEL_MUST_CONFIRM
from compliance.people.access import Act, may, signed_in

from .decision_forms import ExtensionForm
from .extending import extend_answer, offer_of
from .models import Request

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "POST"])
@may(Act.EXTEND, fresh=True)
def extend(request: HttpRequest, reference: str) -> HttpResponse:
    """More time for the answer, on a ground of the law."""
    found = get_object_or_404(Request, reference=reference)
    try:
        offer = offer_of(found)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("request", reference)
    form = ExtensionForm(request.POST if request.method == "POST" else None, offer=offer)
    if request.method == "POST" and form.is_valid():
        try:
            extend_answer(request=found, **form.cleaned_data, by=signed_in(request))
        except Refused as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, "Extended. The notice below must reach the person in time.")
            return redirect("request", reference)
    context = {"found": found, "form": form, "offer": offer, "confirm": COUNSEL_MUST_CONFIRM}
    return render(request, "workflow/extend.html", context, status=422 if form.errors else 200)
