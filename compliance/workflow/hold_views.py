"""Holds on screen, for legal; and what everybody else does about what is held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.core.errors import Refused
from compliance.core.keyset import counted, page_of
from compliance.people.access import Act, may, signed_in

from . import approvals, hold_queries
from .hold_following import look_again_at_held
from .hold_forms import LiftForm, PlaceForm, ReviewForm, TermsForm
from .hold_placing import (
    lift_hold,
    lift_reason_of,
    matter_of,
    place_hold,
    place_hold_on_request,
    review_hold,
)
from .hold_reasons import WORDS, HoldReason
from .models import Hold, Request
from .reach import request_or_404
from .splitting import not_yet_to_be_answered

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from compliance.core.forms import DeskForm

#: What "due" lists, in words: the other two are everything else.
TABS = {"": "Standing", "due": "To be reviewed", "lifted": "Lifted"}


@require_safe
@may(Act.HOLD)
def holds(request: HttpRequest) -> HttpResponse:
    """The holds, by their review; those that are lifted, by that."""
    tab, reason = request.GET.get("tab", ""), request.GET.get("reason", "")
    rows = _LISTED.get(tab, hold_queries.standing_holds)()
    if reason in HoldReason.values:
        rows = rows.filter(reason=reason)
    order = ("-lifted_at", "-pk") if tab == "lifted" else ("review_on", "pk")
    page = page_of(rows, order=order, cursor=request.GET.get("at", ""))
    context = {
        "tab": tab,
        "tabs": TABS.items(),
        "reason": reason,
        "reasons": HoldReason,
        "count": counted(rows),
        "page": page,
        "rows": hold_queries.hold_rows(page.rows),
    }
    return render(request, "workflow/holds.html", context)


@require_POST
@may(Act.HOLD)
def search(request: HttpRequest) -> HttpResponse:
    """Holds that name exactly this. By POST: what is looked for is personal, and addresses are logged."""
    text = request.POST.get("text", "").strip()
    named = hold_queries.holds_naming(text) if text else {}
    found = Hold.objects.filter(pk__in=list(named)[: hold_queries.MOST_SHOWN]).select_related("owner")
    rows = hold_queries.hold_rows(found.order_by("-pk"))
    context = {"text": text, "found": [(row, named[row.hold.pk]) for row in rows]}
    return render(request, "workflow/holds_found.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.HOLD, fresh=True)
def new(request: HttpRequest) -> HttpResponse:
    """A form for a hold on whatever is named, or on the targets of one request."""
    on = _request_named(request)
    form = (TermsForm if on else PlaceForm)(request.POST if request.method == "POST" else None)
    if form.is_valid() and (placed := _placed(request, form, on)):
        return redirect("hold", placed.pk)
    context = {"form": form, "on": on, "count": on.targets.count() if on else 0}
    return render(request, "workflow/hold_new.html", context, status=422 if form.is_bound else 200)


@require_safe
@may(Act.HOLD)
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """One hold, with what it names and what it keeps back."""
    found = _found(pk)
    return _page(request, found, ReviewForm(initial={"owner": found.owner, "review_on": found.review_on}))


@require_POST
@may(Act.HOLD)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """It still stands: by whom and when it is looked at next."""
    found, form = _found(pk), ReviewForm(request.POST)
    if form.is_valid() and _done(
        request,
        form,
        lambda: review_hold(hold=found, **form.cleaned_data, by=signed_in(request)),
        "Kept: the hold stands, and is reviewed again by that day.",
    ):
        return redirect("hold", pk)
    return _page(request, found, form)


@require_http_methods(["GET", "POST"])
@may(Act.HOLD, fresh=True)
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """The end of a hold."""
    found, form = _found(pk), LiftForm(request.POST if request.method == "POST" else None)
    if not found.stands:
        messages.error(request, "This hold is lifted already.")
        return redirect("hold", pk)
    if form.is_valid() and _done(
        request,
        form,
        lambda: lift_hold(hold=found, reason=form.cleaned_data["reason"], by=signed_in(request)),
        "Lifted. Nothing is sent for it by itself: analysts look again at what it kept back.",
    ):
        return redirect("hold", pk)
    context = {
        "hold": found,
        "matter": matter_of(found),
        "form": form,
        "kept_back": hold_queries.kept_back_by(found),
    }
    return render(request, "workflow/hold_lift.html", context, status=422 if form.is_bound else 200)


@require_POST
@may(Act.ENTER_REQUESTS)
def look_again(request: HttpRequest, reference: str) -> HttpResponse:
    """What was held and isn't any more, in a request of its own."""
    found = request_or_404(request, reference)
    try:
        other = look_again_at_held(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("request", reference)
    messages.success(request, f"{other.reference} looks again at what was held in {reference}.")
    return redirect("request", other.reference)


@require_POST
@may(Act.ENTER_REQUESTS)
def close_held(request: HttpRequest, reference: str) -> HttpResponse:
    """Seen that nothing but held targets is left."""
    found = request_or_404(request, reference)
    try:
        approvals.confirm_everything_held(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        tell = not_yet_to_be_answered(found) or "Tell the person what is kept, and why."
        messages.success(request, f"Closed: everything found is held, and nothing was sent. {tell}")
    return redirect("request", reference)


def _request_named(request: HttpRequest) -> Request | None:
    reference = request.GET.get("on", "")
    return request_or_404(request, reference) if reference else None


def _placed(request: HttpRequest, form: TermsForm, on: Request | None) -> Hold | None:
    by = signed_in(request)
    try:
        if on:
            placed = place_hold_on_request(request=on, terms=form.terms, by=by)
        else:
            things = form.things if isinstance(form, PlaceForm) else ()
            placed = place_hold(terms=form.terms, things=things, by=by)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, "The hold stands: from now on, no call to Pendo names whom it holds.")
    return placed


def _found(pk: int) -> Hold:
    people = ("owner", "placed_by", "lifted_by", "request")
    return get_object_or_404(Hold.objects.select_related(*people), pk=pk)


def _done(request: HttpRequest, form: DeskForm, verb: Callable[[], object], words: str) -> bool:
    try:
        verb()
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, words)
    return True


def _page(request: HttpRequest, found: Hold, form: ReviewForm) -> HttpResponse:
    named = hold_queries.named_by(found)
    context: dict[str, Any] = {
        "hold": found,
        "matter": matter_of(found),
        "words": WORDS[HoldReason(found.reason)],
        "lift_reason": lift_reason_of(found),
        "named": named,
        "more": found.count - len(named) if found.stands else 0,
        "kept_back": hold_queries.kept_back_by(found),
        "ordered": hold_queries.ordered_before(found),
        "form": form,
    }
    return render(request, "workflow/hold.html", context, status=422 if form.is_bound else 200)


_LISTED = {"due": hold_queries.holds_to_review, "lifted": hold_queries.lifted_holds}
