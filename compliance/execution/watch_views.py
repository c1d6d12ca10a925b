"""The watch: when it last looked, what it found, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.core.errors import Refused
from compliance.core.keyset import counted, page_of
from compliance.people.access import Act, can, may, signed_in
from compliance.subscriptions.reach import reached_row_or_404, subscription_or_404
from compliance.workflow.sealing import Vault
from compliance.workflow.states import Kind

from . import ways_out
from .cause_words import CAUSES
from .findings import open_records, shown_of
from .forms import WayOutForm
from .models import Finding, WatchPass
from .passes import look_again
from .queries import RECEIPTS_NAMED, receipts_behind, watched_overviews

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest, HttpResponse

    from .cause_words import Words
    from .models import Reappearance
    from .reappearing import Shown


@dataclass(frozen=True)
class RecordRow:
    """A record as it is shown; what Pendo shows of it is opened from its seal for this one page."""

    record: Reappearance
    shown: Shown = field(repr=False)


@require_safe
@may(Act.READ_WATCH)
def watch(request: HttpRequest) -> HttpResponse:
    """Each subscription: when it was last looked through, what was found, when the next look is due."""
    overviews = watched_overviews(signed_in(request))
    context = {
        "overviews": overviews,
        "findings": [finding for each in overviews for finding in each.findings],
        "may_look": can(signed_in(request), Act.LOOK_AGAIN),
    }
    return render(request, "execution/watch.html", context)


@require_safe
@may(Act.READ_WATCH)
def passes(request: HttpRequest, pk: int) -> HttpResponse:
    """All looks through one subscription, the latest first."""
    found = subscription_or_404(request, pk)
    rows = WatchPass.objects.filter(subscription=found).select_related("asked_by")
    context = {
        "subscription": found,
        "overview": next(
            each for each in watched_overviews(signed_in(request)) if each.subscription == found
        ),
        "count": counted(rows.order_by("-pk")),
        "page": page_of(rows, order=("-pk",), cursor=request.GET.get("at", "")),
        "may_look": can(signed_in(request), Act.LOOK_AGAIN),
    }
    return render(request, "execution/watch_passes.html", context)


@require_safe
@may(Act.READ_WATCH)
def findings(request: HttpRequest, pk: int) -> HttpResponse:
    """All that was ever found in one subscription, the latest first."""
    found = subscription_or_404(request, pk)
    rows = Finding.objects.filter(subscription=found)
    context = {
        "subscription": found,
        "count": counted(rows.order_by("-pk")),
        "page": page_of(rows, order=("-pk",), cursor=request.GET.get("at", "")),
    }
    return render(request, "execution/watch_findings.html", context)


@require_POST
@may(Act.LOOK_AGAIN)
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole list is looked through now."""
    found = subscription_or_404(request, pk)
    try:
        look_again(subscription=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, f"{found.name} is being looked through, as soon as nothing more urgent waits."
        )
    return redirect("watch_passes", pk)


@require_safe
@may(Act.READ_WATCH)
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """What is there again for one cause, why it is thought so, and the ways out."""
    found, person = _finding(request, pk), signed_in(request)
    page = page_of(
        open_records(found).select_related("erased__request"),
        order=("pk",),
        cursor=request.GET.get("at", ""),
    )
    words = CAUSES[found.cause]
    context = {
        "finding": found,
        "words": words,
        "follows": _follows(words, page.rows),
        "count": counted(open_records(found)),
        "page": page,
        "rows": _rows(found, page.rows),
        "support": _support_text(found) if words.asks_pendo and page.rows else "",
        "taken": [(way_out, ways_out.reason_of(way_out)) for way_out in _taken(found)],
        "most": ways_out.MOST_AT_A_TIME,
        "may_enter": can(person, Act.ENTER_REQUESTS),
        "may_settle": can(person, Act.SETTLE_FINDINGS),
    }
    return render(request, "execution/finding.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.SETTLE_FINDINGS, fresh=True)
def explain(request: HttpRequest, pk: int) -> HttpResponse:
    """Why records may be there, and settling them with that."""
    return _with_reason(request, pk, ways_out.explain, "execution/finding_explain.html", "explained")


@require_http_methods(["GET", "POST"])
@may(Act.SETTLE_FINDINGS, fresh=True)
def let_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Why records are back lawfully, and marking them so."""
    return _with_reason(
        request, pk, ways_out.let_in, "execution/finding_let_in.html", "marked as returned lawfully"
    )


def chosen_in(request: HttpRequest) -> list[int]:
    """The records that were ticked; none stands for all of them."""
    given = request.POST if request.method == "POST" else request.GET
    return ways_out.keys_in(given.getlist("record"))


def _with_reason(
    request: HttpRequest, pk: int, act: Callable[..., int], template: str, done: str
) -> HttpResponse:
    found, chosen = _finding(request, pk), chosen_in(request)
    records = ways_out.chosen_records(found, chosen)
    sent = request.method == "POST"
    form = WayOutForm(request.POST if sent else None)
    if sent and form.is_valid():
        try:
            count = act(
                finding=found, chosen=chosen, reason=form.cleaned_data["reason"], by=signed_in(request)
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{count} record{'' if count == 1 else 's'} {done}.")
            return redirect("finding", pk)
    context: dict[str, Any] = {
        "finding": found,
        "form": form,
        "chosen": chosen,
        "count": len(records),
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _finding(request: HttpRequest, pk: int) -> Finding:
    return reached_row_or_404(request, Finding.objects.select_related("subscription"), pk)


def _rows(found: Finding, records: Iterable[Reappearance]) -> list[RecordRow]:
    vault = Vault(found.subscription.data_key)
    return [RecordRow(record, shown_of(vault, record)) for record in records]


def _follows(words: Words, records: Iterable[Reappearance]) -> Kind | None:
    """The kind of request that mostly follows: where customers had left, another of that kind."""
    kinds = {record.erased.request.kind for record in records}
    again = words.follows is Kind.ERASURE and kinds == {Kind.OFFBOARDING}
    return Kind.OFFBOARDING if again else words.follows


def _taken(found: Finding) -> Any:
    return found.ways_out.select_related("person", "request", "finding__subscription").order_by("pk")


def _support_text(found: Finding) -> str:
    receipts = receipts_behind(found)
    context = {
        "finding": found,
        "count": counted(open_records(found)),
        "receipts": receipts[:RECEIPTS_NAMED],
        "more": len(receipts) > RECEIPTS_NAMED,
    }
    return render_to_string("execution/support.txt", context).strip()
