"""Requests that programs opened too fast: seen by a person, who lets them go on or cancels them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in

from .flooding import decide_flood, kept_back, open_floods
from .reach import reached_in

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

MOST_SHOWN = 20


@require_safe
@may(Act.ENTER_REQUESTS)
def floods(request: HttpRequest) -> HttpResponse:
    """Each flood about which nobody has decided yet, with its first requests."""
    found = [
        (each, reached_in(request, kept_back(each))[:MOST_SHOWN]) for each in open_floods(signed_in(request))
    ]
    return render(request, "workflow/floods.html", {"floods": found, "most": MOST_SHOWN})


@require_POST
@may(Act.ENTER_REQUESTS)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """They are meant: all of them go on."""
    return _decided(request, pk, meant=True)


@require_POST
@may(Act.CANCEL)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """They are not meant: all of them are cancelled."""
    return _decided(request, pk, meant=False)


def _decided(request: HttpRequest, pk: int, *, meant: bool) -> HttpResponse:
    by = signed_in(request)
    flood = get_object_or_404(open_floods(by), pk=pk)
    try:
        count = decide_flood(flood=flood, meant=meant, by=by)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("floods")
    what = f"{count:,} request{'' if count == 1 else 's'}"
    done = f"Confirmed: {what}, looked up by and by." if meant else f"Cancelled: {what}. Nothing was sent."
    messages.success(request, done)
    return redirect("requests")
