"""Decisions that are told to the person concerned: each a page with a form, thin doors to the verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods, require_POST

from compliance.core import clock
from compliance.core.errors import Refused
from compliance.core.row_keys import NO_ROW, row_keys
from compliance.laws.law import COUNSEL_MUST_CONFIRM
from compliance.laws.registry import get_law
from compliance.people.access import Act, may, signed_in

from .appealing import (
    acknowledge_complaint,
    decide_appeal,
    extend_appeal,
    kinds_offered,
    longer_clock,
    record_appeal,
    refuse_as_judge,
    refused_appeal,
    refused_longer,
    text_of,
)
from .decision_forms import (
    AppealDecisionForm,
    AppealForm,
    ExtensionForm,
    LongerForm,
    RefusalForm,
    WithdrawalForm,
    WordForm,
)
from .errors import NotThisPerson
from .extending import extend_answer, offer_of
from .models import Appeal, RefusalScope, Request
from .reach import reached_in, request_or_404
from .refusing import (
    agree_to_refusal,
    case_of,
    decline_refusal,
    propose_refusal,
    refuse_as_second,
    refuse_unrefusable,
    waiting_refusal,
)
from .rows import row_of
from .sealing import targets_vault
from .states import Outcome, State
from .withdrawing import refused_withdrawal, withdraw_request
from .wordings import refusal_notice

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from .models import Refusal
    from .rows import Row

#: Of more, the whole is refused, or the request divided: nobody ticks a thousand boxes.
MOST_TICKED = 500


@require_http_methods(["GET", "POST"])
@may(Act.EXTEND, fresh=True)
def extend(request: HttpRequest, reference: str) -> HttpResponse:
    """More time for the answer, on a ground of the law."""
    found = request_or_404(request, reference)
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


@require_http_methods(["GET", "POST"])
@may(Act.REFUSE)
def refuse(request: HttpRequest, reference: str) -> HttpResponse:
    """A refusal with its reasons, proposed for a second person to agree to."""
    found = request_or_404(request, reference)
    try:
        refuse_unrefusable(found)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("request", reference)
    law = get_law(found.law, found.law_version)
    form, ticked = RefusalForm(request.POST if request.method == "POST" else None, law=law), _ticked(request)
    if request.method == "POST" and form.is_valid():
        scope = RefusalScope(form.cleaned_data["scope"])
        try:
            propose_refusal(request=found, scope=scope, case=form.case, targets=ticked, by=signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Proposed. Another person, a privacy officer, decides about it.")
            return redirect("request", reference)
    context = {
        "found": found,
        "form": form,
        "law": law,
        "rows": _refusable(found),
        "most": MOST_TICKED,
        "ticked": ticked,
        "confirm": COUNSEL_MUST_CONFIRM,
    }
    return render(request, "workflow/refuse.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@may(Act.AGREE_TO_REFUSAL, fresh=True)
def refusal(request: HttpRequest, reference: str) -> HttpResponse:
    """The refusal that waits, and the two answers to it."""
    found = request_or_404(request, reference)
    waiting = waiting_refusal(found)
    if waiting is None:
        messages.error(request, "No refusal waits for a second person here.")
        return redirect("request", reference)
    try:
        refuse_as_second(waiting, signed_in(request))
    except NotThisPerson as no:
        messages.error(request, str(no))
        return redirect("request", reference)
    form = WordForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _decided(request, waiting, form):
        return redirect("request", reference)
    law = get_law(found.law, found.law_version)
    context = {
        "found": found,
        "refusal": waiting,
        "case": case_of(waiting),
        "law": law,
        "reason": law.reason(waiting.code),
        "rows": _refused(waiting),
        "count": waiting.refused_targets.count(),
        "text": refusal_notice(waiting),
        "form": form,
    }
    return render(request, "workflow/refusal.html", context, status=422 if form.errors else 200)


@require_POST
@may(Act.REFUSE)
def take_refusal_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Whoever proposed a refusal doesn't any more."""
    found = request_or_404(request, reference)
    waiting = waiting_refusal(found)
    if waiting is None or waiting.proposed_by_id != signed_in(request).pk:
        messages.error(request, "There is no refusal of yours to take back.")
        return redirect("request", reference)
    try:
        decline_refusal(refusal=waiting, by=signed_in(request))
    except Refused as no:
        messages.error(request, str(no))
    else:
        messages.success(request, "Taken back. The request goes on.")
    return redirect("request", reference)


@require_http_methods(["GET", "POST"])
@may(Act.CANCEL)
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """The person takes the request back; once that is too late, what may still be stopped."""
    found = request_or_404(request, reference)
    no = refused_withdrawal(found)
    if no:
        messages.error(request, no)
        return redirect("request", reference)
    form = WithdrawalForm(
        request.POST if request.method == "POST" else None, initial={"withdrawn_on": clock.today()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_request(request=found, **form.cleaned_data, by=signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Withdrawn: nothing was sent to Pendo. Confirm that to the person.")
            return redirect("request", reference)
    context = {"found": found, "form": form}
    return render(request, "workflow/withdraw.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def appeal(request: HttpRequest, reference: str) -> HttpResponse:
    """An appeal or complaint that has come in."""
    found = request_or_404(request, reference)
    kinds = kinds_offered(found, clock.today())
    if not kinds:
        messages.error(request, refused_appeal(found) or "Its law gives no appeal to the company.")
        return redirect("request", reference)
    sent = request.POST if request.method == "POST" else None
    form = AppealForm(sent, kinds=kinds, initial={"received_on": clock.today()})
    if sent is not None and form.is_valid():
        try:
            recorded = record_appeal(request=found, **form.cleaned_data, by=signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Recorded: to be answered by {date_format(recorded.safe, 'j M Y')}.")
            return redirect("request", reference)
    context = {"found": found, "form": form}
    return render(request, "workflow/appeal.html", context, status=422 if form.errors else 200)


@require_POST
@may(Act.ENTER_REQUESTS)
def acknowledge(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """The person was told that a complaint has arrived."""
    waiting = get_object_or_404(reached_in(request, Appeal.objects.select_related("request")), pk=appeal_id)
    try:
        acknowledge_complaint(appeal=waiting, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Noted. The complaint itself still waits for a decision.")
    return redirect("request", waiting.request.reference)


@require_http_methods(["GET", "POST"])
@may(Act.DECIDE_APPEALS, fresh=True)
def judge(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """What the person says, and the decision about it."""
    rows = reached_in(request, Appeal.objects.select_related("request", "entered_by"))
    waiting = get_object_or_404(rows, pk=appeal_id)
    reference = waiting.request.reference
    try:
        refuse_as_judge(waiting, signed_in(request))
    except NotThisPerson as no:
        messages.error(request, str(no))
        return redirect("request", reference)
    if waiting.result:
        messages.error(request, "This was decided already.")
        return redirect("request", reference)
    form = AppealDecisionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            following = decide_appeal(appeal=waiting, **form.cleaned_data, by=signed_in(request))
        except Refused as refusal:
            form.add_error("reason", str(refusal))
        else:
            follows = f" It is carried out by {following.reference}." if following else ""
            messages.success(request, f"Decided. The text for the person is below.{follows}")
            return redirect("request", reference)
    context = {"found": waiting.request, "appeal": waiting, "text": text_of(waiting), "form": form}
    return render(request, "workflow/judge.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@may(Act.DECIDE_APPEALS, fresh=True)
def longer(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """More time for the answer to an appeal."""
    waiting = get_object_or_404(reached_in(request, Appeal.objects.select_related("request")), pk=appeal_id)
    reference = waiting.request.reference
    if no := refused_longer(waiting):
        messages.error(request, no)
        return redirect("request", reference)
    form = LongerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            extend_appeal(appeal=waiting, **form.cleaned_data, by=signed_in(request))
        except Refused as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, "Extended. The notice below must reach the person in time.")
            return redirect("request", reference)
    context = {
        "found": waiting.request,
        "appeal": waiting,
        "longer": longer_clock(waiting),
        "form": form,
        "confirm": COUNSEL_MUST_CONFIRM,
    }
    return render(request, "workflow/appeal_longer.html", context, status=422 if form.errors else 200)


def _decided(request: HttpRequest, waiting: Refusal, form: WordForm) -> bool:
    try:
        if "agree" in request.POST:
            agree_to_refusal(refusal=waiting, by=signed_in(request))
            words = "Refused. Tell the person with the text below, inside the period."
        else:
            decline_refusal(refusal=waiting, reason=form.cleaned_data["reason"], by=signed_in(request))
            words = "Declined with your reason. The request goes on."
    except Refused as no:
        form.add_error(None, str(no))
        return False
    messages.success(request, words)
    return True


def _ticked(request: HttpRequest) -> set[int]:
    return set(row_keys(request.POST.getlist("target"))) - {NO_ROW}


def _refusable(found: Request) -> list[Row]:
    """The targets that could be ticked."""
    if found.state != State.PREVIEWED:
        return []
    vault = targets_vault(found)
    targets = found.targets.filter(outcome=Outcome.PENDING).select_related("subscription").order_by("pk")
    return [row_of(vault, target) for target in targets[:MOST_TICKED]]


def _refused(waiting: Refusal) -> list[Row]:
    """The first targets that the refusal is about, as far as they are still there."""
    vault, about = targets_vault(waiting.request), waiting.refused_targets.values("commitment")
    targets = waiting.request.targets.filter(commitment__in=about).select_related("subscription")
    return [row_of(vault, target) for target in targets.order_by("pk")[:MOST_TICKED]]
