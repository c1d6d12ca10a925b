"""The page about the company's role in a request: the customer, forwarding, the instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in

from . import processing as verbs
from .kinds import traits_of
from .processing_forms import InstructionForm, ProcessorForm
from .reach import request_or_404
from .states import CompanyRole, State

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import Form
    from django.http import HttpRequest, HttpResponse

    from .models import Request


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def processing(request: HttpRequest, reference: str) -> HttpResponse:
    """The role, and of a processor the customer; sent, the customer is named."""
    found = request_or_404(request, reference)
    if not traits_of(found.kind).has_law or found.state == State.CHECKING:
        messages.error(request, "Only for an erasure under a law the company may be processor.")
        return redirect("request", reference)
    if request.method == "GET":
        return _page(request, found)
    form = ProcessorForm(request.POST, request=found)
    return _done(
        request,
        found,
        form,
        lambda: verbs.name_customer(request=found, **form.named, by=signed_in(request)),
        naming=form,
    )


@require_POST
@may(Act.ENTER_REQUESTS)
def role(request: HttpRequest, reference: str) -> HttpResponse:
    """The other role."""
    found = request_or_404(request, reference)
    processor = found.company_role == CompanyRole.PROCESSOR
    other = CompanyRole.CONTROLLER if processor else CompanyRole.PROCESSOR
    try:
        verbs.name_role(request=found, role=other, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Kept: the company is {verbs.ROLES[other]} here.")
    return redirect("request_processing", reference)


@require_POST
@may(Act.ENTER_REQUESTS)
def forwarded(request: HttpRequest, reference: str) -> HttpResponse:
    """That the customer has it now."""
    found = request_or_404(request, reference)
    try:
        verbs.forward(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("request_processing", reference)
    messages.success(request, "Kept: it waits for the customer's instruction.")
    return redirect("request", reference)


@require_POST
@may(Act.ENTER_REQUESTS)
def instructed(request: HttpRequest, reference: str) -> HttpResponse:
    """The customer's instruction."""
    found = request_or_404(request, reference)
    form = InstructionForm(request.POST)
    return _done(
        request,
        found,
        form,
        lambda: verbs.record_instruction(request=found, **form.cleaned_data, by=signed_in(request)),
        instructing=form,
    )


def _done(
    request: HttpRequest, found: Request, form: Form, verb: Callable[[], None], **shown: Form
) -> HttpResponse:
    """The verb is done; or its page again, with what was typed."""
    if form.is_valid():
        try:
            verb()
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Kept.")
            return redirect("request", found.reference)
    return _page(request, found, status=422, **shown)


def _page(request: HttpRequest, found: Request, *, status: int = 200, **forms: Form) -> HttpResponse:
    standing = verbs.processing_of(found)
    context = {
        "found": found,
        "processor": found.company_role == CompanyRole.PROCESSOR,
        "processing": standing,
        "customer": verbs.customer_of(standing) if standing else None,
        "instruction": verbs.instruction_of(standing) if standing else None,
        "may_switch": found.state in verbs.UNDECIDED - {State.FORWARDED},
        "may_name": found.state in verbs.UNDECIDED,
        "may_forward": found.state in verbs.FORWARDABLE and standing is not None,
        "may_instruct": found.state in verbs.INSTRUCTABLE and standing is not None,
        "naming": forms.get("naming") or ProcessorForm(request=found),
        "instructing": forms.get("instructing") or InstructionForm(),
    }
    return render(request, "workflow/processing.html", context, status=status)
