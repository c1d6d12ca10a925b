"""The task of telling one recipient of one request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in
from compliance.workflow.models import RecipientTask, Told
from compliance.workflow.reach import reached_in, reaches
from compliance.workflow.recipient_forms import HandOverForm, TaskForm
from compliance.workflow.recipients import hand_over
from compliance.workflow.sealing import evidence_of

from .telling import finish_task

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "POST"])
@may(Act.READ_REQUESTS)
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """What is to be told to whom, and how it ended."""
    found = _found(request, pk)
    form = TaskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            finish_task(
                task=found, told=Told(values["told"]), evidence=values["evidence"], by=signed_in(request)
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Kept: what became of telling {found.recipient.name}.")
            return redirect("request", found.request.reference)
    return _page(request, found, form, HandOverForm())


@require_http_methods(["GET", "POST"])
@may(Act.TELL_RECIPIENTS)
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody else looks after it."""
    found = _found(request, pk)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            hand_over(task=found, owner=form.cleaned_data["owner"], by=signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{form.cleaned_data['owner'].name} looks after it now.")
            return redirect("task", pk)
    return _page(request, found, TaskForm(), form)


def _found(request: HttpRequest, pk: int) -> RecipientTask:
    rows = reached_in(request, RecipientTask.objects.all())
    rows = rows.select_related("request", "recipient", "owner", "done_by")
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, found: RecipientTask, form: TaskForm, giving: HandOverForm) -> HttpResponse:
    context = {
        "task": found,
        "found": found.request,
        "form": form,
        "giving": giving,
        "may_tell": reaches(signed_in(request), Act.TELL_RECIPIENTS, found.request) and not found.done_at,
        "evidence": evidence_of(found),
    }
    status = 422 if form.errors or giving.errors else 200
    return render(request, "execution/task.html", context, status=status)
