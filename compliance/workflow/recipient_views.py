"""The register of other systems that are told of an erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from compliance.core.errors import Refused
from compliance.people.access import Act, can, may, signed_in

from .models import Recipient
from .recipient_forms import RecipientForm
from .recipients import keep_recipient
from .states import Kind
from .words import KINDS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_GET
@may(Act.READ_RECIPIENTS)
def recipients(request: HttpRequest) -> HttpResponse:
    """All of them, those that are active first."""
    rows = Recipient.objects.select_related("owner").order_by("-active", "name", "pk")
    context = {
        "rows": [(each, [KINDS[Kind(kind)].name.lower() for kind in each.kinds]) for each in rows],
        "may_change": can(signed_in(request), Act.CHANGE_RECIPIENTS),
        "may_see_tasks": can(signed_in(request), Act.READ_REQUESTS),
    }
    return render(request, "workflow/recipients.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.CHANGE_RECIPIENTS)
def add(request: HttpRequest) -> HttpResponse:
    """One more."""
    return _form_page(request, None)


@require_http_methods(["GET", "POST"])
@may(Act.CHANGE_RECIPIENTS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What the register says about one."""
    return _form_page(request, get_object_or_404(Recipient, pk=pk))


def _form_page(request: HttpRequest, recipient: Recipient | None) -> HttpResponse:
    initial = {name: getattr(recipient, name) for name in RecipientForm.base_fields} if recipient else None
    form = RecipientForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = keep_recipient(recipient=recipient, facts=form.facts, by=signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Kept: {kept.name}.")
            return redirect("recipients")
    context = {"form": form, "recipient": recipient}
    return render(request, "workflow/recipient.html", context, status=422 if form.errors else 200)
