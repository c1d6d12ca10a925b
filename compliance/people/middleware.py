"""No work without the second factor that a role demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect

from .models import Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

#: Where one can go without: to set the second factor up, to prove who one is, to leave.
OPEN_URL_NAMES = ("mfa_", "account_")


class SecondFactorMiddleware:
    """Sends whoever holds a role that demands a second factor to set it up first. The demo relaxes this."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next layer."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The next layer's answer."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """A redirect to the set-up of the second factor where it is missing."""
        person = request.user
        if settings.DEMO or not isinstance(person, Person) or not person.needs_second_factor:
            return None
        if is_mfa_enabled(person) or _is_open(request):
            return None
        messages.warning(request, "Your role needs a second factor. Set it up to go on.")
        return redirect("mfa_activate_totp")


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return bool(match and match.url_name and match.url_name.startswith(OPEN_URL_NAMES))
