"""Webhooks on screen: where events are sent, and what became of each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.core.keyset import page_of
from compliance.people.access import Act, may, signed_in

from . import endpoints
from .hook_forms import WebhookForm
from .hook_queries import deliveries_of
from .hook_queries import endpoints as all_endpoints
from .models import Delivery, Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from .endpoints import NewSecret


@require_GET
@may(Act.MANAGE_WEBHOOKS)
def webhooks(request: HttpRequest) -> HttpResponse:
    """All of them."""
    found = list(all_endpoints())
    context = {
        "endpoints": found,
        "troubled": [each for each in found if each.disabled_at],
    }
    return render(request, "notifications/webhooks.html", context)


@require_GET
@may(Act.MANAGE_WEBHOOKS)
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One, with the log of what was sent there."""
    found = get_object_or_404(all_endpoints(), pk=pk)
    context = {
        "endpoint": found,
        "page": page_of(deliveries_of(found), order=("-pk",), cursor=request.GET.get("at", "")),
        "untaken": found.deliveries.filter(
            state__in=[Delivery.State.GIVEN_UP, Delivery.State.DROPPED]
        ).exists(),
    }
    return render(request, "notifications/webhook.html", context)


@require_GET
@may(Act.MANAGE_WEBHOOKS)
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One event for one receiver: what is sent, and how it went."""
    found = get_object_or_404(Delivery.objects.select_related("endpoint", "message__request"), pk=pk)
    context = {
        "delivery": found,
        "endpoint": found.endpoint,
        "payload": json.dumps(found.message.told, indent=2, ensure_ascii=False),
    }
    return render(request, "notifications/delivery.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.MANAGE_WEBHOOKS, fresh=True)
def add(request: HttpRequest) -> HttpResponse:
    """A form for one more; sent, the page that shows its secret, this once."""
    person = signed_in(request)
    form = WebhookForm(request.POST if request.method == "POST" else None, initial={"owner": person})
    if form.is_valid():
        try:
            added = endpoints.add_endpoint(url=form.cleaned_data["url"], facts=form.facts, by=person)
        except Refused as refusal:
            form.add_error("url", str(refusal))
        else:
            return _secret_page(request, added)
    context = {"form": form}
    return render(request, "notifications/webhook_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@may(Act.MANAGE_WEBHOOKS, fresh=True)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for its events, its owner, its description, and another address."""
    found = get_object_or_404(Endpoint, pk=pk, removed_at=None, token=None)
    initial = {"types": found.types, "owner": found.owner_id, "description": found.description}
    form = WebhookForm(request.POST if request.method == "POST" else None, initial=initial, changing=True)
    if form.is_valid():
        try:
            endpoints.change_endpoint(
                endpoint=found, facts=form.facts, by=signed_in(request), url=form.cleaned_data["url"]
            )
        except Refused as refusal:
            form.add_error("url", str(refusal))
        else:
            messages.success(request, "Kept.")
            return redirect("webhook", pk)
    context = {"form": form, "endpoint": found}
    return render(request, "notifications/webhook_form.html", context, status=422 if form.errors else 200)


@require_POST
@may(Act.MANAGE_WEBHOOKS, fresh=True)
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret; the former one signs, too, for a day."""
    found = get_object_or_404(Endpoint, pk=pk, token=None)
    try:
        rotated = endpoints.rotate_secret(endpoint=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("webhook", pk)
    return _secret_page(request, rotated)


@require_POST
@may(Act.MANAGE_WEBHOOKS)
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Messages wait."""
    return _done(request, pk, endpoints.pause_endpoint, "Paused: events wait until it is resumed.")


@require_POST
@may(Act.MANAGE_WEBHOOKS)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Messages are sent again."""
    return _done(request, pk, endpoints.resume_endpoint, "Resumed: events are sent there again.")


@require_POST
@may(Act.MANAGE_WEBHOOKS)
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """A message that says that nothing has happened."""
    said = "A test is on its way: reload this page in a moment to see how it ended."
    return _done(request, pk, endpoints.send_test, said)


@require_POST
@may(Act.MANAGE_WEBHOOKS)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Whatever wasn't taken is sent once more."""
    return _done(request, pk, endpoints.send_all_again, "What wasn't taken is sent once more, in a moment.")


@require_http_methods(["GET", "POST"])
@may(Act.MANAGE_WEBHOOKS, fresh=True)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once; then nothing is sent there any more."""
    found = get_object_or_404(Endpoint, pk=pk, removed_at=None)
    if request.method == "GET":
        return render(request, "notifications/webhook_remove.html", {"endpoint": found})
    endpoints.remove_endpoint(endpoint=found, by=signed_in(request))
    messages.success(request, f"Nothing is sent to {found.host} by this webhook any more.")
    return redirect("webhooks")


@require_POST
@may(Act.MANAGE_WEBHOOKS)
def delivery_again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same message once more."""
    found = get_object_or_404(Delivery.objects.select_related("endpoint"), pk=pk)
    try:
        endpoints.send_again(delivery=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It is sent once more: reload this page in a moment to see how it ended.")
    return redirect("webhook_delivery", pk)


def _done(request: HttpRequest, pk: int, verb: Callable[..., object], said: str) -> HttpResponse:
    found = get_object_or_404(Endpoint, pk=pk)
    try:
        verb(endpoint=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("webhook", pk) if found.removed_at is None else redirect("webhooks")


def _secret_page(request: HttpRequest, made: NewSecret) -> HttpResponse:
    context = {"endpoint": made.endpoint, "secret": made.secret}
    return render(request, "notifications/webhook_secret.html", context)
