"""The staff form."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.laws.law import COUNSEL_MUST_CONFIRM
from compliance.laws.registry import all_laws
from compliance.people.access import Act, may, signed_in
from compliance.subscriptions.models import Subscription
from compliance.workflow.approvers import shortage_at_entry
from compliance.workflow.deadlines import counted_clocks, refuse_bad_receipt, rows_for
from compliance.workflow.duplicates import names_more, record_later_message, twins_of
from compliance.workflow.opening import MOST_ASKED, open_request, revise_request
from compliance.workflow.queries import asked_things
from compliance.workflow.reach import kinds_entered_by, request_or_404, subscriptions_entered_by
from compliance.workflow.states import CHANGEABLE, AskedKind, Kind
from compliance.workflow.words import KINDS, action_words

from . import drafts
from .follow_ups import Followed, followed, initial_of, open_follow_up
from .forms import GO, LINES, STAY, AskedForm, RequestForm
from .upload_forms import KINDS as UPLOADED

if TYPE_CHECKING:
    from django.http import HttpRequest

    from compliance.people.models import Person
    from compliance.workflow.duplicates import Twin
    from compliance.workflow.models import Request
    from compliance.workflow.opening import Wish

#: The choice of a request of its own, where the same person seems to have asked already.
NEW = "new"


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def new(request: HttpRequest) -> HttpResponse:
    """The form of a kind; sent, it opens a request, and its draft is gone.

    Where it follows a finding of the watch, it is filled from that, and leaves any draft alone.
    """
    person = signed_in(request)
    if "show" in request.POST:
        return _show_another_kind(request, person)
    follows = _followed_in(request)
    draft = None if follows else drafts.read_draft(person)
    kind = _kind_of(request, draft)
    sent = request.method == "POST"
    initial = initial_of(follows, kind) if follows and not sent else _initial(draft)
    wanted: dict[str, Any] = {"kind": kind, "offered": subscriptions_entered_by(person, kind)}
    form = RequestForm(request.POST, **wanted) if sent else RequestForm(initial=initial, **wanted)
    twins: list[Twin] = []
    if sent and form.is_valid():
        wish = form.wish(form.things)
        twins = [] if follows else twins_of(wish, by=person)
        try:
            recorded = _recorded(request, wish, follows, twins)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if recorded:
                if not follows:
                    _end_draft(request, wish, recorded)
                _tell(request, form)
                return redirect("request", recorded.reference)
    context = {
        "form": form,
        "twins": twins,
        "chosen": request.POST.get("same", ""),
        "draft": draft,
        "follows": follows,
        "confirm": COUNSEL_MUST_CONFIRM,
        "kinds": [(each, KINDS[each]) for each in kinds_entered_by(person)],
        "may_upload": kind in UPLOADED,
        "done": action_words(kind).done,
    }
    return render(request, "intake/new.html", context, status=422 if form.errors or twins else 200)


@require_POST
@may(Act.ENTER_REQUESTS)
def save_draft(request: HttpRequest) -> HttpResponse:
    """What was typed so far is kept."""
    draft = drafts.save_draft(person=signed_in(request), values=_typed(request))
    return render(request, "intake/draft_saved.html", {"saved_at": draft.saved_at})


@require_POST
@may(Act.ENTER_REQUESTS)
def discard_draft(request: HttpRequest) -> HttpResponse:
    """The draft is gone."""
    drafts.discard_draft(signed_in(request))
    messages.success(request, "The draft is gone.")
    return redirect("request_new")


@require_GET
@may(Act.ENTER_REQUESTS)
def clocks(request: HttpRequest) -> HttpResponse:
    """The dates that a law and a receipt date would give. Neither is personal."""
    law, calendar = request.GET.get("law", ""), request.GET.get("calendar", "")
    try:
        received_on = dt.date.fromisoformat(request.GET.get("received_on", ""))
    except ValueError:
        return HttpResponse()
    if law and law not in {one.code for one in all_laws()}:
        return HttpResponse(status=400)
    try:
        refuse_bad_receipt(received_on)
    except Refused:
        # Sent, the form says so beside the field.
        return HttpResponse()
    rows = rows_for(counted_clocks(law=law, calendar=calendar, received_on=received_on))
    return render(request, "intake/clocks.html", {"clocks": rows})


@require_GET
@may(Act.ENTER_REQUESTS)
def approvers(request: HttpRequest) -> HttpResponse:
    """A warning where too few people could approve what is being entered. Nothing of it is personal."""
    kind = request.GET.get("kind") or Kind.ERASURE
    chosen = [int(pk) for pk in request.GET.getlist("subscriptions") if pk.isdecimal()]
    subscriptions = Subscription.objects.filter(pk__in=chosen)
    if kind not in Kind.values or not subscriptions:
        return HttpResponse()
    shortage = shortage_at_entry(subscriptions=subscriptions, kind=kind, by=signed_in(request))
    return render(request, "intake/approvers.html", {"shortage": shortage})


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """What a request asks, to be changed; a fresh preview follows."""
    person = signed_in(request)
    found = request_or_404(request, reference)
    if found.state not in CHANGEABLE:
        messages.error(request, "What this request asks can't be changed any more.")
        return redirect("request", reference)
    if found.asked.count() > MOST_ASKED:
        messages.error(
            request, "It names too much for a form. Cancel it, and upload what is meant as a file."
        )
        return redirect("request", reference)
    kind = Kind(found.kind)
    sent = request.method == "POST"
    wanted: dict[str, Any] = {"kind": kind, "offered": subscriptions_entered_by(person, kind)}
    form = AskedForm(request.POST, **wanted) if sent else AskedForm(initial=_asked_by(found), **wanted)
    if sent and form.is_valid():
        try:
            revise_request(
                request=found,
                things=form.things,
                subscriptions=list(form.cleaned_data["subscriptions"]),
                terms=form.terms,
                by=person,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            _tell(request, form)
            return redirect("request", reference)
    return render(
        request, "intake/change.html", {"form": form, "found": found}, status=422 if form.errors else 200
    )


def _recorded(
    request: HttpRequest, wish: Wish, follows: Followed | None, twins: list[Twin]
) -> Request | None:
    """The request that was opened, or that a later message was linked to.

    None where the same person seems to have asked already, and nobody has said yet which it is.
    """
    person, said = signed_in(request), request.POST.get("same", "")
    if follows:
        return open_follow_up(wish=wish, follows=follows, by=person)
    if not twins or said == NEW:
        return open_request(wish=wish, by=person)
    same = next((each.request for each in twins if each.linkable and each.request.reference == said), None)
    if same is None or wish.channel is None:
        return None
    record_later_message(
        request=same,
        received_on=wish.received_on,
        channel=wish.channel,
        note=wish.note,
        access_asked=wish.access_asked,
        by=person,
    )
    messages.success(request, "Linked: this request stands for both messages, and its dates stay.")
    return same


def _end_draft(request: HttpRequest, wish: Wish, recorded: Request) -> None:
    """The draft is gone, unless something that was typed stands nowhere else."""
    if names_more(wish, recorded):
        messages.warning(
            request,
            "This message names something that the request doesn't. What you typed is still in your draft: "
            "add it here with “Change what is asked”, or record it as another wish.",
        )
    else:
        drafts.discard_draft(signed_in(request))


def _kind_of(request: HttpRequest, draft: dict[str, object] | None) -> Kind:
    """The kind that is shown or was sent, as far as this person may enter it; the first of those else."""
    kinds = kinds_entered_by(signed_in(request))
    said = request.POST.get("kind") or request.GET.get("kind") or (draft or {}).get("kind")
    return next((kind for kind in kinds if kind == said), kinds[0])


def _followed_in(request: HttpRequest) -> Followed | None:
    """The finding of the watch that the form follows."""
    given = request.POST if request.method == "POST" else request.GET
    return followed(given.get("finding", ""), given.getlist("record"), by=signed_in(request))


def _show_another_kind(request: HttpRequest, person: Person) -> HttpResponse:
    """The form of the kind that was chosen; what was typed goes along, or waits in the draft."""
    kind = request.POST["show"]
    if kind not in kinds_entered_by(person):
        return HttpResponse(status=400)
    typed = _typed(request) | {"kind": kind}
    if _says_something(typed):
        drafts.save_draft(person=person, values=typed)
    return redirect(f"{reverse('request_new')}?{urlencode({'kind': kind})}")


def _typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed, and what an earlier form of another kind held."""
    former = drafts.read_draft(signed_in(request)) or {}
    kind = _kind_of(request, None)
    form = RequestForm(kind=kind, offered=subscriptions_entered_by(signed_in(request), kind))
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in form.fields}
    chosen = request.POST.getlist("subscriptions")
    # What nobody has chosen isn't kept: another kind has another choice to begin with.
    by_nobody = chosen == [str(pk) for pk in form.fields["subscriptions"].initial]
    return former | values | {"subscriptions": [] if by_nobody else chosen, "kind": kind}


def _says_something(typed: dict[str, Any]) -> bool:
    begun = {"kind", "received_on", "with_visitors"}
    return any(value for name, value in typed.items() if name not in begun)


def _initial(draft: dict[str, object] | None) -> dict[str, object] | None:
    return {name: value for name, value in draft.items() if value} if draft else None


def _asked_by(found: Request) -> dict[str, object]:
    """What a request asks, as its form shows it. That guides go for everybody has to be said again."""
    things = asked_things(found)
    lines = {
        name: "\n".join(thing.value for thing in things if thing.kind is kind) for kind, name in LINES.items()
    }
    return {
        **lines,
        "staged": any(thing.kind is AskedKind.STAGED for thing in things),
        "with_visitors": GO if found.with_visitors else STAY,
        "seen_before": found.seen_before,
        "subscriptions": list(found.subscriptions.values_list("pk", flat=True)),
    }


def _tell(request: HttpRequest, form: AskedForm) -> None:
    reads = form.reads.values()
    duplicates, invisible = sum(read.duplicates for read in reads), sum(read.invisible for read in reads)
    if duplicates:
        messages.info(request, f"{duplicates} repeated line(s) were folded.")
    if invisible:
        messages.warning(
            request,
            f"{invisible} id(s) hold characters that can't be seen. They are looked up exactly as they "
            "stand; if one isn't found, type it again instead of pasting it.",
        )
    twins = sum(read.twins for read in reads)
    if twins:
        messages.warning(
            request, f"{twins} id(s) differ from another one only in letter case. Both are looked up."
        )
