"""Subscriptions, their keys, pausing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.people.access import Act, can, may, signed_in

from . import pausing
from .email_fields import fields_in_pendo, set_email_field
from .foreign import waiting_proposals
from .forms import AddSubscriptionForm, EmailFieldForm
from .models import PauseReason
from .pendo_clicks import DELETE_A_KEY, MAKE_A_KEY
from .queries import lane_states, overview_of, overviews, replaced_keys
from .reach import reaches_subscription, subscription_or_404
from .registration import add_subscription

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from .models import Subscription


@require_GET
@may(Act.READ_SUBSCRIPTIONS)
def subscriptions(request: HttpRequest) -> HttpResponse:
    """All subscriptions with their state and the age of their keys."""
    found = overviews(signed_in(request))
    return render(
        request,
        "subscriptions/list.html",
        {
            "overviews": found,
            "not_working": [each for each in found if not each.working],
            "old_keys": [key for each in found for key in each.keys if key.grows_old],
            "may_add": can(signed_in(request), Act.ADD_SUBSCRIPTIONS),
        },
    )


@require_GET
@may(Act.READ_SUBSCRIPTIONS)
def subscription(request: HttpRequest, pk: int) -> HttpResponse:
    """One subscription: its key, how it is recognised, its lanes."""
    found, person = subscription_or_404(request, pk), signed_in(request)
    replaced = list(replaced_keys(found))
    return render(
        request,
        "subscriptions/subscription.html",
        {
            "subscription": found,
            "overview": overview_of(found),
            "replaced_keys": replaced,
            "waiting_keys": [key for key in replaced if key.waits_to_be_deleted],
            "controls": found.controls.count(),
            "guides": found.known_guides.count(),
            "lanes": lane_states(found),
            "proposal": waiting_proposals().filter(subscription=found).first(),
            "delete_a_key": DELETE_A_KEY,
            "make_a_key": MAKE_A_KEY,
            "may_change": can(person, Act.CHANGE_SUBSCRIPTIONS),
            "may_enter_key": reaches_subscription(person, Act.ENTER_KEYS, found),
            "may_confirm_key": reaches_subscription(person, Act.CONFIRM_KEYS, found),
            "may_pause": reaches_subscription(person, Act.PAUSE, found),
            "may_resume": reaches_subscription(person, Act.RESUME, found),
        },
    )


@require_http_methods(["GET", "POST"])
@may(Act.ADD_SUBSCRIPTIONS)
def add(request: HttpRequest) -> HttpResponse:
    """A form for a new subscription."""
    form = AddSubscriptionForm(request.POST if request.method == "POST" else None)
    added = form.is_valid() and _added(request, form)
    if added:
        return redirect("subscription", added.pk)
    return render(request, "subscriptions/add.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@may(Act.CHANGE_SUBSCRIPTIONS)
def email_field(request: HttpRequest, pk: int) -> HttpResponse:
    """In which field of Pendo's metadata e-mail addresses stand."""
    found = subscription_or_404(request, pk)
    sent, fields = request.method == "POST", fields_in_pendo(found)
    form = EmailFieldForm(request.POST if sent else None, fields=fields, now=found.email_field)
    if sent and form.is_valid():
        try:
            set_email_field(subscription=found, field=form.cleaned_data["field"], by=signed_in(request))
        except Refused as refusal:
            form.add_error("field", str(refusal))
        else:
            messages.success(request, f"From now on, people are found by the address in {found.email_field}.")
            return redirect("subscription", pk)
    return render(
        request,
        "subscriptions/email_field.html",
        {"form": form, "subscription": found, "fields": fields},
        status=422 if form.errors else 200,
    )


@require_POST
@may(Act.PAUSE)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing more is sent to the subscription."""
    found = subscription_or_404(request, pk)
    if pausing.pause(subscription=found, reason=PauseReason.PERSON, by=signed_in(request)):
        messages.success(
            request, f"{found.name} is paused: nothing more is sent until an officer resumes it."
        )
    else:
        messages.warning(request, f"{found.name} was paused already.")
    return redirect("subscription", pk)


@require_POST
@may(Act.RESUME)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Calls go on."""
    found = subscription_or_404(request, pk)
    try:
        pausing.resume(subscription=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{found.name} is resumed: calls go on.")
    return redirect("subscription", pk)


def _added(request: HttpRequest, form: AddSubscriptionForm) -> Subscription | None:
    try:
        new = add_subscription(**form.cleaned_data, by=signed_in(request))
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.success(request, f"{new.name} is added.")
    return new
