"""The decisions about a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.people.access import Act, may, signed_in

from . import approvals, policy
from .attention import put_aside
from .cancelling import cancel_what_is_left
from .choosing import MOST_AT_ONCE, NOT_FOR_CHOICE, choosable, choose_targets
from .elsewhere import whom_to_answer
from .errors import NotThisPerson
from .forms import ApproveForm, PauseForm, ReasonForm
from .models import Attention, Request
from .pausing import pause_request, resume_request
from .previews import current_preview, look_again
from .queries import has_a_rest, pending_groups, spared_counts
from .reach import reached_in, request_or_404
from .rows import account_rows, row_of, wipe_rows
from .samples import SAMPLED_FROM, keep_looks, look_counts, looked_at, sample_of
from .sealing import targets_vault
from .splitting import go_on_without, holding_up, not_yet_to_be_answered
from .states import BEFORE_SENDING, UNDER_WAY, Spared, State
from .summaries import summary_of
from .typed import to_be_typed
from .words import action_words, deed, total, what

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

A_PAGE = 50


@require_http_methods(["GET", "POST"])
@may(Act.APPROVE, fresh=True)
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """What exactly is to be approved, and the two answers to it."""
    person, found = signed_in(request), request_or_404(request, reference)
    try:
        approvals.refuse_as_officer(found, person)
        if found.state == State.PREVIEWED:
            approvals.refuse_second_word(current_preview(found), person)
    except NotThisPerson as refusal:
        messages.error(request, str(refusal))
        return redirect("request", reference)
    if found.state != State.PREVIEWED:
        messages.error(request, "This request isn't waiting for an approval.")
        return redirect("request", reference)
    if request.method == "GET" and _looked_at_another(request, found):
        messages.warning(request, "There is a newer preview than the one you saw. Look through it first.")
        return redirect("request", reference)
    approving, rejecting = _forms(request, found)
    if request.method == "POST":
        done = (
            _approve(request, found, approving)
            if "approve" in request.POST
            else _reject(request, found, rejecting)
        )
        if done:
            return redirect("request", reference)
    return _decide_page(request, found, approving, rejecting)


@require_http_methods(["GET", "POST"])
@may(Act.CANCEL)
def cancel(request: HttpRequest, reference: str) -> HttpResponse:
    """Ending a request before anything is sent, or cancelling what isn't sent yet."""
    found = request_or_404(request, reference)
    if found.state not in BEFORE_SENDING and not has_a_rest(found):
        messages.error(request, "Nothing is left to cancel: all of it was sent, or the request has ended.")
        return redirect("request", reference)
    form, begun = ReasonForm(request.POST or None), found.state in UNDER_WAY
    if request.method == "POST" and form.is_valid():
        try:
            cancel_what_is_left(request=found, by=signed_in(request), reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _CANCELLED[begun])
            return redirect("request", reference)
    context = {"found": found, "form": form, "begun": begun}
    return render(request, "workflow/cancel.html", context, status=422 if form.errors else 200)


@require_POST
@may(Act.PAUSE_REQUESTS)
def pause(request: HttpRequest, reference: str) -> HttpResponse:
    """Nothing more of it is sent."""
    found = request_or_404(request, reference)
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The reason is too long; the request was not paused.")
        return redirect("request", reference)
    try:
        pause_request(request=found, by=signed_in(request), reason=form.cleaned_data["reason"])
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Paused: nothing more of this request is sent. What was sent is followed.")
    return redirect("request", reference)


@require_POST
@may(Act.RESUME_REQUESTS)
def resume(request: HttpRequest, reference: str) -> HttpResponse:
    """Sending goes on."""
    found = request_or_404(request, reference)
    try:
        resume_request(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Resumed: what is left of this request is sent.")
    return redirect("request", reference)


@require_POST
@may(Act.ENTER_REQUESTS)
def preview(request: HttpRequest, reference: str) -> HttpResponse:
    """A fresh preview of the same set."""
    found = request_or_404(request, reference)
    try:
        look_again(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("request", reference)


@require_POST
@may(Act.ENTER_REQUESTS)
def confirm_nothing(request: HttpRequest, reference: str) -> HttpResponse:
    """Seen that nothing was found."""
    found = request_or_404(request, reference)
    try:
        approvals.confirm_nothing_found(request=found, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        tell = not_yet_to_be_answered(found) or f"Tell {whom_to_answer(found)} what was searched, and how."
        messages.success(request, f"Closed: nothing was found. {tell}")
    return redirect("request", reference)


@require_http_methods(["GET", "POST"])
@may(Act.APPROVE)
def sample(request: HttpRequest, reference: str) -> HttpResponse:
    """Some of what would be acted on, to be opened and ticked before deciding."""
    person, found = signed_in(request), request_or_404(request, reference)
    if request.method == "POST":
        try:
            count = keep_looks(request=found, looked=_ticked(request), by=person)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("request", reference)
        messages.success(request, f"Kept: you have looked at {count}.")
        return redirect("request_decide", reference)
    if found.state != State.PREVIEWED:
        messages.error(request, "This request isn't waiting for an approval.")
        return redirect("request", reference)
    vault, preview, drawn = targets_vault(found), current_preview(found), sample_of(found)
    context = {
        "found": found,
        "preview": preview,
        "drawn": len(drawn.drawn),
        "rows": [row_of(vault, target) for target in drawn.drawn if target not in drawn.contradicting],
        "contradicting": [row_of(vault, target) for target in drawn.contradicting],
        "looked": looked_at(preview, person),
    }
    return render(request, "workflow/sample.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def choose(request: HttpRequest, reference: str) -> HttpResponse:
    """What was found, to be taken in or left out: by reason, page by page."""
    found = request_or_404(request, reference)
    if found.state != State.PREVIEWED:
        messages.error(request, "There is nothing to choose from while this request isn't waiting.")
        return redirect("request", reference)
    listed = _listed(request, found)
    if request.method == "POST":
        return _chosen(request, found, listed)
    preview, after = current_preview(found), request.GET.get("after", "")
    targets = choosable(found, listed)
    if after.isdecimal():
        targets = targets.filter(pk__gt=int(after))
    page, vault = list(targets[: A_PAGE + 1]), targets_vault(found)
    context = {
        "found": found,
        "preview": preview,
        "listed": listed,
        "spared": spared_counts(found),
        "rows": [row_of(vault, target) for target in page[:A_PAGE]],
        "further": page[A_PAGE - 1].pk if len(page) > A_PAGE else None,
        "count": choosable(found, listed).count(),
        "most_at_once": MOST_AT_ONCE,
        "may_take": listed not in NOT_FOR_CHOICE,
    }
    return render(request, "workflow/choose.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def without(request: HttpRequest, reference: str, subscription_id: int) -> HttpResponse:
    """Going on without a subscription that has no usable key."""
    found = request_or_404(request, reference)
    subscription = get_object_or_404(found.subscriptions, pk=subscription_id)
    if subscription not in holding_up(found):
        messages.error(request, f"Nothing waits for {subscription.name} alone any more.")
        return redirect("request", reference)
    if request.method == "GET":
        return render(request, "workflow/without.html", {"found": found, "subscription": subscription})
    try:
        other = go_on_without(request=found, subscription=subscription, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, f"It goes on without {subscription.name}, for which {other.reference} now waits."
        )
    return redirect("request", reference)


@require_POST
@may(Act.SETTLE_ATTENTION)
def settle(request: HttpRequest, attention_id: int) -> HttpResponse:
    """Seen and dealt with."""
    rows = reached_in(request, Attention.objects.select_related("request"))
    attention = get_object_or_404(rows, pk=attention_id)
    try:
        put_aside(attention=attention, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("request", attention.request.reference)


_CANCELLED = {
    False: "The request is cancelled. Nothing was sent to Pendo.",
    True: "What isn't sent yet is cancelled. What was sent is followed, and then the request closes.",
}


def _looked_at_another(request: HttpRequest, found: Request) -> bool:
    """Whether the page before showed an earlier preview: it lists the visitors, this one counts only."""
    seen = request.GET.get("preview", "")
    return bool(seen) and seen != str(current_preview(found).number)


def _listed(request: HttpRequest, found: Request) -> Spared | None:
    """Which list is shown: of a reason to spare, or of what would be acted on."""
    reasons = [reason for reason, _ in spared_counts(found) if reason not in NOT_FOR_CHOICE]
    name = request.GET.get("list", reasons[0] if reasons else "")
    return Spared(name) if name in Spared.values else None


def _ticked(request: HttpRequest) -> set[int]:
    return {int(key) for key in request.POST.getlist("target") if key.isdecimal()}


def _chosen(request: HttpRequest, found: Request, listed: Spared | None) -> HttpResponse:
    """The choice is made; what is ticked is taken in, or, of what would be acted on, left out."""
    keys = _ticked(request)
    if "all" in request.POST:
        keys = set(choosable(found, listed).values_list("pk", flat=True)[:MOST_AT_ONCE])
    choice = {"include": keys} if listed else {"exclude": keys}
    try:
        counted = choose_targets(request=found, by=signed_in(request), **choice)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request, f"Chosen. Preview {counted.number} counts {counted.found} and spares {counted.spared}."
        )
    return redirect(
        f"{reverse('request_choose', args=[found.reference])}?{urlencode({'list': listed or 'pending'})}"
    )


def _forms(request: HttpRequest, found: Request) -> tuple[ApproveForm, ReasonForm]:
    preview = current_preview(found)
    start = {"digest": preview.digest, "count": preview.found}
    wanted: dict[str, Any] = {"typed": to_be_typed(preview), "access_asked": found.access_asked}
    if request.method == "POST" and "approve" in request.POST:
        return ApproveForm(request.POST, prefix="approve", **wanted), ReasonForm(prefix="reject")
    approving = ApproveForm(initial=start, prefix="approve", **wanted)
    return approving, ReasonForm(request.POST if request.method == "POST" else None, prefix="reject")


def _approve(request: HttpRequest, found: Request, form: ApproveForm) -> bool:
    if not form.is_valid():
        return False
    values = form.cleaned_data
    try:
        last = approvals.approve(
            request=found,
            digest=values["digest"],
            count=values["count"],
            by=signed_in(request),
            reason=values["reason"],
            access=values.get("access", ""),
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(
        request, "Approved." if last else "Your approval stands. A second officer has to approve, too."
    )
    return True


def _reject(request: HttpRequest, found: Request, form: ReasonForm) -> bool:
    if not form.is_valid():
        return False
    try:
        approvals.reject(request=found, by=signed_in(request), reason=form.cleaned_data["reason"])
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, "Sent back with your reason.")
    return True


def _decide_page(
    request: HttpRequest, found: Request, approving: ApproveForm, rejecting: ReasonForm
) -> HttpResponse:
    preview = current_preview(found)
    groups = pending_groups(found)
    context = {
        "found": found,
        "preview": preview,
        "deed": deed(found.kind, total(group for _, each in groups for group in each)),
        "by_subscription": [(subscription, what(each)) for subscription, each in groups],
        "action": action_words(found.kind),
        "spared": spared_counts(found),
        "summary": summary_of(preview),
        "sampled": preview.found >= SAMPLED_FROM,
        "looks": look_counts(preview, signed_in(request)),
        "wiped": wipe_rows(found, A_PAGE),
        "accounts": account_rows(found, A_PAGE),
        "wanted": approvals.wanted_for(preview),
        "given": approvals.standing_approvals(preview),
        "grace_minutes": policy.grace(found).total_seconds() / 60,
        "approving": approving,
        "rejecting": rejecting,
    }
    status = 422 if approving.errors or rejecting.errors else 200
    return render(request, "workflow/decide.html", context, status=status)
