"""The decisions about a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in

from . import approvals, policy
from .attention import settle_attention
from .errors import NotThisPerson
from .forms import ApproveForm, PauseForm, ReasonForm
from .models import Attention, Request
from .pausing import pause_request, resume_request
from .previews import current_preview, look_again
from .queries import contradictions, found_by_subscription
from .states import BEFORE_SENDING, State

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "POST"])
@may(Act.APPROVE, fresh=True)
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """What exactly is to be approved, and the two answers to it."""
    person, found = signed_in(request), get_object_or_404(Request, reference=reference)
    try:
        approvals.refuse_as_officer(found, person)
    except NotThisPerson as refusal:
        messages.error(request, str(refusal))
        return redirect("request", reference)
    if found.state != State.PREVIEWED:
        messages.error(request, "This request isn't waiting for an approval.")
        return redirect("request", reference)
    if request.method == "GET" and _looked_at_another(request, found):
        messages.warning(request, "There is a newer preview than the one you saw. Look through it first.")
        return redirect("request", reference)
    approving, rejecting = _forms(request, found)
    if request.method == "POST":
        done = (
            _approve(request, found, approving)
            if "approve" in request.POST
            else _reject(request, found, rejecting)
        )
        if done:
            return redirect("request", reference)
    return _decide_page(request, found, approving, rejecting)


@require_http_methods(["GET", "POST"])
@may(Act.CANCEL)
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Ending a request before anything is sent."""
    found = get_object_or_404(Request, reference=reference)
    if found.state not in BEFORE_SENDING:
        messages.error(
            request, "This request can't be cancelled any more: sending has begun, or it has ended."
        )
        return redirect("request", reference)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            approvals.cancel(request=found, by=signed_in(request), reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The request is cancelled. Nothing was sent to Pendo.")
            return redirect("request", reference)
    return render(
        request, "workflow/cancel.html", {"found": found, "form": form}, status=422 if form.errors else 200
    )


@require_POST
@may(Act.PAUSE_REQUESTS)
def pause(request: HttpRequest, reference: str) -> HttpResponse:
    """Nothing more of it is sent."""
    found = get_object_or_404(Request, reference=reference)
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The reason is too long; the request was not paused.")
        return redirect("request", reference)
    try:
        pause_request(request=found, by=signed_in(request), reason=form.cleaned_data["reason"])
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Paused: nothing more of this request is sent. What was sent is followed.")
    return redirect("request", reference)


@require_POST
@may(Act.RESUME_REQUESTS)
def resume(request: HttpRequest, reference: str) -> HttpResponse:
    """Sending goes on."""
    found = get_object_or_404(Request, reference=reference)
    try:
        resume_request(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Resumed: what is left of this request is sent.")
    return redirect("request", reference)


@require_POST
@may(Act.ENTER_REQUESTS)
def preview(request: HttpRequest, reference: str) -> HttpResponse:
    """A fresh preview of the same set."""
    found = get_object_or_404(Request, reference=reference)
    try:
        look_again(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("request", reference)


@require_POST
@may(Act.ENTER_REQUESTS)
def confirm_nothing(request: HttpRequest, reference: str) -> HttpResponse:
    """Seen that nothing was found."""
    found = get_object_or_404(Request, reference=reference)
    try:
        approvals.confirm_nothing_found(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Closed: nothing was found. Tell the person what was searched, and how.")
    return redirect("request", reference)


@require_POST
@may(Act.SETTLE_ATTENTION)
def settle(request: HttpRequest, attention_id: int) -> HttpResponse:
    """Seen and dealt with."""
    attention = get_object_or_404(Attention.objects.select_related("request"), pk=attention_id)
    try:
        settle_attention(attention=attention, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("request", attention.request.reference)


def _looked_at_another(request: HttpRequest, found: Request) -> bool:
    """Whether the page before showed an earlier preview: it lists the visitors, this one counts only."""
    seen = request.GET.get("preview", "")
    return bool(seen) and seen != str(current_preview(found).number)


def _forms(request: HttpRequest, found: Request) -> tuple[ApproveForm, ReasonForm]:
    preview = current_preview(found)
    start = {"digest": preview.digest, "count": preview.found}
    if request.method == "POST" and "approve" in request.POST:
        return ApproveForm(request.POST, prefix="approve"), ReasonForm(prefix="reject")
    if request.method == "POST":
        return ApproveForm(initial=start, prefix="approve"), ReasonForm(request.POST, prefix="reject")
    return ApproveForm(initial=start, prefix="approve"), ReasonForm(prefix="reject")


def _approve(request: HttpRequest, found: Request, form: ApproveForm) -> bool:
    if not form.is_valid():
        return False
    values = form.cleaned_data
    try:
        last = approvals.approve(
            request=found,
            digest=values["digest"],
            count=values["count"],
            by=signed_in(request),
            reason=values["reason"],
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(
        request, "Approved." if last else "Your approval stands. A second officer has to approve, too."
    )
    return True


def _reject(request: HttpRequest, found: Request, form: ReasonForm) -> bool:
    if not form.is_valid():
        return False
    try:
        approvals.reject(request=found, by=signed_in(request), reason=form.cleaned_data["reason"])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, "Sent back with your reason.")
    return True


def _decide_page(
    request: HttpRequest, found: Request, approving: ApproveForm, rejecting: ReasonForm
) -> HttpResponse:
    preview = current_preview(found)
    context = {
        "found": found,
        "preview": preview,
        "by_subscription": found_by_subscription(found),
        "contradictions": contradictions(found),
        "wanted": approvals.wanted_for(preview),
        "given": approvals.standing_approvals(preview),
        "grace_minutes": policy.grace(found).total_seconds() / 60,
        "approving": approving,
        "rejecting": rejecting,
    }
    status = 422 if approving.errors or rejecting.errors else 200
    return render(request, "workflow/decide.html", context, status=status)
