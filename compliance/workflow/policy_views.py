"""What an approval takes: the page, and changing it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.audit.queries import entries_of
from compliance.core.errors import Refused
from compliance.people.access import Act, can, may, signed_in
from compliance.people.names import actor_names

from . import policy_changes, policy_page
from .forms import PolicyForm
from .models import PolicyLine
from .policy import DEFAULTS, GENERAL_PLACES, NAMES, PRODUCTION, Numbers
from .policy_words import WORDS, kind_label, seasoned_hours
from .states import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from .policy import Place

MOST_CHANGES_SHOWN = 50


@require_GET
@may(Act.READ_POLICY)
def policy(request: HttpRequest) -> HttpResponse:
    """What is in force where, what waits for an officer, what was changed."""
    person = signed_in(request)
    context = {
        "places": policy_page.rows_by_place(),
        "kinds": Kind.choices,
        "headings": [WORDS[name].label for name in NAMES],
        "seasoned_hours": seasoned_hours(DEFAULTS[PRODUCTION]),
        "proposals": policy_page.proposals(),
        "changes": _changes(),
        "may_change": can(person, Act.CHANGE_POLICY),
        "may_agree": can(person, Act.AGREE_TO_POLICY),
        "may_decline": can(person, Act.DECLINE_POLICY),
    }
    return render(request, "workflow/policy.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.CHANGE_POLICY, fresh=True)
def change(request: HttpRequest) -> HttpResponse:
    """What the line for one place and kind says; which one, the address names."""
    place, kind = _place_in(request), _kind_in(request)
    fallbacks = policy_page.fallbacks(place=place, kind=kind)
    in_force = PolicyLine.objects.in_force().filter(place=place.code, kind=kind).first()
    form = PolicyForm(
        request.POST if request.method == "POST" else None,
        initial=asdict(Numbers.of(in_force)),
        place=place,
        fallbacks=fallbacks,
    )
    if form.is_valid() and _changed(request, form, place, kind):
        return redirect("policy")
    context = {
        "form": form,
        "place": place,
        "kind_label": kind_label(kind),
        "in_production": place.sort == PRODUCTION,
    }
    return render(request, "workflow/policy_change.html", context, status=422 if form.is_bound else 200)


@require_POST
@may(Act.AGREE_TO_POLICY, fresh=True)
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """The officer's yes to a weaker policy."""
    line, by = get_object_or_404(PolicyLine, pk=pk), signed_in(request)
    _tell(
        request,
        lambda: policy_changes.agree_to_policy(line=line, by=by),
        "Agreed. It is in force for every approval that is still to come.",
    )
    return redirect("policy")


@require_POST
@may(Act.DECLINE_POLICY, fresh=True)
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """The no to a proposal, or its proposer's second thought."""
    line, by = get_object_or_404(PolicyLine, pk=pk), signed_in(request)
    _tell(
        request,
        lambda: policy_changes.decline_policy(line=line, by=by),
        "The proposal is gone. What was in force stays.",
    )
    return redirect("policy")


def _changed(request: HttpRequest, form: PolicyForm, place: Place, kind: str) -> bool:
    try:
        line = policy_changes.change_policy(
            place=place, kind=kind, numbers=form.numbers(), by=signed_in(request)
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    if line.in_force_at:
        messages.success(request, "In force now: nothing got weaker, so nobody has to agree.")
    else:
        messages.warning(request, "Something gets weaker by this, so a privacy officer has to agree first.")
    return True


def _changes() -> list[tuple[object, str]]:
    """What was changed, the latest first, in plain sentences."""
    entries = list(entries_of(policy_changes.CHAIN).reverse()[:MOST_CHANGES_SHOWN])
    bodies = [entry.body for entry in entries]
    names = actor_names({body["actor"] for body in bodies} | {_proposer(body) for body in bodies})
    return [
        (entry.at, entry.sentence(names[body["actor"]], proposer=names[_proposer(body)]))
        for entry, body in zip(entries, bodies, strict=True)
    ]


def _proposer(body: dict[str, Any]) -> str:
    """Who proposed a line: in entries that don't name another one, whoever acted."""
    return str(body["facts"].get("proposer", body["actor"]))


def _place_in(request: HttpRequest) -> Place:
    code = request.GET.get("place", GENERAL_PLACES[0].code)
    for place in policy_changes.all_places():
        if place.code == code:
            return place
    raise Http404


def _kind_in(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    if kind and kind not in Kind.values:
        raise Http404
    return kind


def _tell(request: HttpRequest, verb: Callable[[], object], done: str) -> None:
    try:
        verb()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)
