"""The laws: which matter here, and what each says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.laws.law import COUNSEL_MUST_CONFIRM
from compliance.laws.registry import LawUnknown, all_laws, get_law, texts_of
from compliance.people.access import Act, can, may, signed_in
from compliance.people.names import actor_names

from . import enabled_laws
from .law_words import IDENTITY, STARTS, answer_period, clock_name, period_of, reasons_by_kind

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from compliance.laws.law import Law

MOST_CHANGES_SHOWN = 50


class LawRow(NamedTuple):
    """A law in the list of all."""

    law: Law
    period: str
    enabled: bool
    #: Whether requests can't be opened under it yet.
    to_come: bool


@require_GET
@may(Act.READ_LAWS)
def laws(request: HttpRequest) -> HttpResponse:
    """Every law, those that are switched on first, and what was chosen when."""
    enabled = enabled_laws.enabled_laws()
    context = {
        "rows": sorted(_rows(enabled), key=lambda row: not row.enabled),
        "changes": _changes(),
        "confirm": COUNSEL_MUST_CONFIRM,
        "may_change": can(signed_in(request), Act.CHANGE_LAWS),
    }
    return render(request, "workflow/laws.html", context)


@require_GET
@may(Act.READ_LAWS)
def law(request: HttpRequest, code: str) -> HttpResponse:
    """What a text of a law says: the latest, or the version that the address names."""
    text = _text_or_404(code, request.GET.get("version", ""))
    context = {
        "law": text,
        "texts": texts_of(code),
        "enabled": get_law(code) in enabled_laws.enabled_laws(),
        "to_come": not text.is_selectable_on(clock.today()),
        "clocks": [
            (clock_name(rule.kind), period_of(rule), STARTS[rule.kind.start], rule) for rule in text.clocks
        ],
        "identity": IDENTITY[text.identity],
        "reasons": reasons_by_kind(text),
        "confirm": COUNSEL_MUST_CONFIRM,
        "may_change": can(signed_in(request), Act.CHANGE_LAWS),
    }
    return render(request, "workflow/law.html", context)


@require_POST
@may(Act.CHANGE_LAWS, fresh=True)
def enable(request: HttpRequest, code: str) -> HttpResponse:
    """Forms show it."""
    text = _text_or_404(code)
    try:
        enabled_laws.enable_law(code=code, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            f"{text.name} is enabled. Requests whose law isn't known yet keep their dates: where it is this "
            "one, name it on their page.",
        )
    return redirect("laws")


@require_POST
@may(Act.CHANGE_LAWS, fresh=True)
def disable(request: HttpRequest, code: str) -> HttpResponse:
    """Forms show it no more."""
    text = _text_or_404(code)
    try:
        enabled_laws.disable_law(code=code, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{text.name} is disabled. Requests under it keep it, and their dates.")
    return redirect("laws")


def _rows(enabled: list[Law]) -> list[LawRow]:
    today = clock.today()
    return [
        LawRow(each, answer_period(each), each in enabled, not each.is_selectable_on(today))
        for each in all_laws()
    ]


def _text_or_404(code: str, version: str = "") -> Law:
    try:
        return get_law(code, version)
    except LawUnknown as unknown:
        raise Http404(str(unknown)) from unknown


def _changes() -> list[tuple[object, str]]:
    """What was chosen, the latest first, in plain sentences."""
    entries = list(entries_of(enabled_laws.CHAIN).reverse()[:MOST_CHANGES_SHOWN])
    names = actor_names(entry.body["actor"] for entry in entries)
    return [(entry.at, entry.sentence(names[entry.body["actor"]])) for entry in entries]
