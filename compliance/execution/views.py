"""Whether all is well, and ending the waiting for what Pendo doesn't do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import DatabaseError
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in
from compliance.workflow.models import Attention
from compliance.workflow.reach import reached_in

from .giving_up import ENDABLE, counts_of, give_up
from .health import heartbeat_age, is_silent

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@never_cache
def healthz(_: HttpRequest) -> JsonResponse:
    """200 while the web application works; beside it the worker's state, with its heartbeat's age in seconds.

    503 only without a database: a load balancer must not take the web away because a worker is silent.
    """
    try:
        age = heartbeat_age()
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse(
        {
            "database": "ok",
            "worker": "silent" if is_silent(age) else "working",
            "heartbeat_age": None if age is None else round(age, 1),
        }
    )


@require_http_methods(["GET", "POST"])
@may(Act.GIVE_UP, fresh=True)
def end_waiting(request: HttpRequest, attention_id: int) -> HttpResponse:
    """What ending the waiting means, and ending it."""
    rows = reached_in(request, Attention.objects.select_related("request", "subscription"))
    attention = get_object_or_404(rows, pk=attention_id, reason__in=ENDABLE)
    if request.method == "POST":
        try:
            give_up(attention=attention, by=signed_in(request))
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("request", attention.request.reference)
    counts = counts_of(attention)
    context = {
        "attention": attention,
        "count": sum(count for _, count in counts),
        "counts": counts,
        "first": ENDABLE[attention.reason].first,
    }
    return render(request, "execution/end_waiting.html", context)
