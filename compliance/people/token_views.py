"""One's own API tokens, and everybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.core.errors import Refused

from .access import Act, can, may, signed_in
from .forms import TokenForm
from .models import Token
from .queries import all_tokens, tokens_of, waiting_tokens
from .tokens import NewToken, allow_token, make_token, revoke_token

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_GET
@may(Act.HOLD_TOKENS)
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens."""
    person = signed_in(request)
    context = {"tokens": tokens_of(person), "manages": can(person, Act.MANAGE_TOKENS)}
    return render(request, "people/tokens.html", context)


@require_http_methods(["GET", "POST"])
@may(Act.HOLD_TOKENS, fresh=True)
def make(request: HttpRequest) -> HttpResponse:
    """A form for a new token; sent, the page that shows its secret, this once."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    made = _made(request, form) if form.is_valid() else None
    if made:
        return render(request, "people/token_made.html", {"token": made.token, "secret": made.secret})
    return render(request, "people/token_make.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
@may(Act.MANAGE_TOKENS)
def everybodys(request: HttpRequest) -> HttpResponse:
    """Everybody's tokens, and those that wait to be allowed."""
    return render(request, "people/tokens_all.html", {"tokens": all_tokens(), "waiting": waiting_tokens()})


@require_POST
@may(Act.MANAGE_TOKENS, fresh=True)
def allow(request: HttpRequest, pk: int) -> HttpResponse:
    """A token works from now on."""
    token = get_object_or_404(Token, pk=pk)
    try:
        allow_token(token=token, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The token “{token.name}” works now.")
    return redirect("tokens_all")


@require_POST
@may(Act.HOLD_TOKENS)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """A token works no more. It takes no new proof of who one is: stopping must be quick."""
    token, person = get_object_or_404(Token, pk=pk), signed_in(request)
    try:
        revoke_token(token=token, by=person)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The token “{token.name}” works no more.")
    return redirect("tokens" if token.person_id == person.pk else "tokens_all")


def _made(request: HttpRequest, form: TokenForm) -> NewToken | None:
    person = signed_in(request)
    try:
        return make_token(person=person, **form.cleaned_data, by=person)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
