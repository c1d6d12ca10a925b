"""Keys on screen: entering them, looking after them, and what needs a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in

from . import foreign
from .care import keep_care
from .forms import CareForm, KeyForm, ProposeKeyForm, ReadingKeyForm
from .keys import enter_key
from .models import Key, KeyProposal, Purpose, Subscription
from .pendo_clicks import DELETE_A_KEY
from .queries import overview_of
from .reach import reached_row_or_404, subscription_or_404
from .retirement import put_aside
from .verification import BelongsElsewhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_KEYS, fresh=True)
@sensitive_post_parameters("key")
def key(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for the key. What was typed is never shown again, not even when it is refused."""
    found = subscription_or_404(request, pk)
    form = KeyForm(request.POST if request.method == "POST" else None)
    return _key_page(request, found, form, "subscriptions/key.html", lambda: _enter(request, found, form))


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_KEYS, fresh=True)
@sensitive_post_parameters("key")
def reading_key(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for a second key, which may only read."""
    found = subscription_or_404(request, pk)
    form = ReadingKeyForm(request.POST if request.method == "POST" else None)
    template = "subscriptions/reading_key.html"
    return _key_page(request, found, form, template, lambda: _enter_reading(request, found, form))


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_KEYS, fresh=True)
@sensitive_post_parameters("key")
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """A form for a key of another Pendo subscription, which a second person has to confirm."""
    found = subscription_or_404(request, pk)
    form = ProposeKeyForm(request.POST if request.method == "POST" else None)
    template = "subscriptions/propose_key.html"
    return _key_page(request, found, form, template, lambda: _propose(request, found, form))


@require_POST
@may(Act.CONFIRM_KEYS, fresh=True)
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person's yes."""
    proposal = reached_row_or_404(
        request, KeyProposal.objects.select_related("subscription", "proposed_by"), pk
    )
    _tell(
        request,
        lambda: foreign.confirm_foreign_key(proposal=proposal, by=signed_in(request)),
        f"{proposal.subscription.name} is reached by the key {proposal.fingerprint} now, and recognised by "
        "what it shows.",
    )
    return redirect("subscription", proposal.subscription_id)


@require_POST
@may(Act.CONFIRM_KEYS, fresh=True)
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The second person's no, or the proposer's second thought."""
    proposal = reached_row_or_404(request, KeyProposal.objects.select_related("subscription"), pk)
    _tell(
        request,
        lambda: foreign.decline_foreign_key(proposal=proposal, by=signed_in(request)),
        f"The proposed key {proposal.fingerprint} is destroyed.",
    )
    return redirect("subscription", proposal.subscription_id)


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_KEYS)
def care(request: HttpRequest, pk: int) -> HttpResponse:
    """Who looks after a key, since when it is there, and how long it may be used."""
    found = reached_row_or_404(request, Key.objects.select_related("subscription"), pk)
    form = CareForm(request.POST) if request.method == "POST" else CareForm(initial=_care_of(found))
    if form.is_valid() and _cared(request, found, form):
        return redirect("subscription", found.subscription_id)
    context = {"form": form, "key": found, "subscription": found.subscription}
    return render(request, "subscriptions/care.html", context, status=422 if form.errors else 200)


@require_POST
@may(Act.ENTER_KEYS)
def aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Look-ups go by the key with write access again."""
    found = reached_row_or_404(request, Key.objects.select_related("subscription"), pk)
    _tell(
        request,
        lambda: put_aside(key=found, by=signed_in(request)),
        f"Look-ups go by the other key now. {DELETE_A_KEY}",
    )
    return redirect("subscription", found.subscription_id)


def _key_page(
    request: HttpRequest, found: Subscription, form: KeyForm, template: str, verb: Callable[[], str]
) -> HttpResponse:
    """The form; sent, either the verb is done and what it says is shown, or its refusal beside the field."""
    belongs_elsewhere = False
    if form.is_valid():
        try:
            messages.success(request, verb())
        except Refused as refusal:
            belongs_elsewhere = isinstance(refusal, BelongsElsewhere)
            form.add_error("key", str(refusal))
        else:
            return redirect("subscription", found.pk)
    context = {
        "form": form,
        "subscription": found,
        "overview": overview_of(found),
        "belongs_elsewhere": belongs_elsewhere,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, found: Subscription, form: KeyForm) -> str:
    former = overview_of(found).key
    kept = enter_key(subscription=found, by=signed_in(request), **form.cleaned_data)
    done = f"The key of {found.name} was verified by Pendo, and is sealed and in use."
    replaced = former is not None and former != kept
    return f"{done} The key {former} waits to be deleted. {DELETE_A_KEY}" if replaced else done


def _enter_reading(request: HttpRequest, found: Subscription, form: KeyForm) -> str:
    enter_key(subscription=found, by=signed_in(request), purpose=Purpose.READ, **form.cleaned_data)
    return f"The read-only key of {found.name} was verified by Pendo and is sealed. Look-ups go by it now."


def _propose(request: HttpRequest, found: Subscription, form: KeyForm) -> str:
    values = {name: form.cleaned_data[name] for name in ("key", "made_on")}
    foreign.propose_foreign_key(subscription=found, by=signed_in(request), **values)
    return "The key waits under seal. Another custodian or a privacy officer has to confirm it within a day."


def _care_of(key: Key) -> dict[str, object]:
    return {
        "owner": key.owner_id,
        "deputy": key.deputy_id,
        "made_on": key.made_on if key.made_on_known else None,
        "rotation_days": key.subscription.rotation_days,
    }


def _cared(request: HttpRequest, found: Key, form: CareForm) -> bool:
    try:
        keep_care(key=found, **form.cleaned_data)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"Kept for the key {found}.")
    return True


def _tell(request: HttpRequest, verb: Callable[[], object], done: str) -> None:
    """Either the verb is done and said so, or its refusal is shown."""
    try:
        verb()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
