"""The page on which a request's law is named, and proof of identity noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from compliance.core.errors import Refused
from compliance.laws.law import COUNSEL_MUST_CONFIRM
from compliance.people.access import Act, may, signed_in

from .dating import name_law, note_identity
from .forms import IdentityForm, LawForm
from .kinds import traits_of
from .proof import proof_of
from .reach import request_or_404
from .states import State

if TYPE_CHECKING:
    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

    from .models import Request


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def dates(request: HttpRequest, reference: str) -> HttpResponse:
    """What moves the dates of a request: two forms, of which one is sent at a time."""
    found = request_or_404(request, reference)
    if found.ended or found.state == State.CHECKING or not traits_of(found.kind).has_law:
        messages.error(request, "The dates of this request don't change any more, or no law sets them.")
        return redirect("request", reference)
    law, identity = _forms(request, found)
    if request.method == "POST" and (_named(request, found, law) or _noted(request, found, identity)):
        return redirect("request", reference)
    context = {
        "found": found,
        "law_form": law,
        "identity_form": identity,
        "proof": proof_of(found),
        "clocks": found.clocks.all(),
        "confirm": COUNSEL_MUST_CONFIRM,
    }
    status = 422 if law.errors or identity.errors else 200
    return render(request, "workflow/dates.html", context, status=status)


def _forms(request: HttpRequest, found: Request) -> tuple[LawForm, IdentityForm]:
    """The form that was sent, and the other one as the request stands."""
    sent = request.POST if request.method == "POST" else None
    names_law = "name_law" in request.POST
    law = LawForm(sent if names_law else None, initial={"law": found.law, "calendar": found.calendar})
    noted = {"asked_on": found.identity_asked_on, "proven_on": found.identity_proven_on}
    return law, IdentityForm(None if names_law else sent, initial=noted)


def _named(request: HttpRequest, found: Request, form: LawForm) -> bool:
    if not form.is_valid():
        return False
    try:
        name_law(request=found, **form.cleaned_data, by=signed_in(request))
    except Refused as refusal:
        return _not(form, refusal)
    messages.success(request, "Kept: the clocks below are those of this law.")
    return True


def _noted(request: HttpRequest, found: Request, form: IdentityForm) -> bool:
    if not form.is_valid():
        return False
    try:
        note_identity(request=found, **form.cleaned_data, by=signed_in(request))
    except Refused as refusal:
        return _not(form, refusal)
    found.refresh_from_db()
    messages.success(request, f"Noted. {proof_of(found).words}")
    return True


def _not(form: Form, refusal: Refused) -> bool:
    form.add_error(None, str(refusal))
    return False
