"""The one switch for all sending, on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from compliance.core.errors import Refused
from compliance.people.access import Act, can, may, signed_in

from .forms import StopForm
from .stopping import current_stop, reason_of, resume_sending, stop_sending

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "POST"])
@may(Act.STOP)
def stop(request: HttpRequest) -> HttpResponse:
    """What it means to stop all sending, and doing so; while it is stopped, by whom and why."""
    form, person = StopForm(request.POST if request.method == "POST" else None), signed_in(request)
    if form.is_valid():
        try:
            new = stop_sending(by=person, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error("reason", str(refusal))
        else:
            messages.success(request, "Stopped: nothing more is sent." if new else "It was stopped already.")
            return redirect("stop")
    now = current_stop()
    context = {
        "form": form,
        "stop": now,
        "reason": reason_of(now) if now else "",
        "may_let_go_on": can(person, Act.LET_GO_ON),
    }
    return render(request, "subscriptions/stop.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@may(Act.LET_GO_ON, fresh=True)
def let_go_on(request: HttpRequest) -> HttpResponse:
    """What is sent once it goes on, and letting it."""
    if request.method == "POST":
        try:
            resume_sending(by=signed_in(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "What waits to be sent goes out again.")
        return redirect("stop")
    now = current_stop()
    if now is None:
        return redirect("stop")
    context = {"stop": now, "reason": reason_of(now)}
    return render(request, "subscriptions/let_go_on.html", context)
