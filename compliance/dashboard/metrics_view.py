"""The page that Prometheus reads."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .metrics import exposition

if TYPE_CHECKING:
    from django.http import HttpRequest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
OFF = "METRICS_TOKEN is not set, so nobody may read this.\n"
WRONG = "Send METRICS_TOKEN as Authorization: Bearer.\n"


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Every metric, for whoever shows `METRICS_TOKEN`; without one set, for nobody. The demo's are open.

    No address counts as a permission: behind a proxy on the same machine, everybody comes from 127.0.0.1.
    """
    if not settings.DEMO:
        if not settings.METRICS_TOKEN:
            return HttpResponse(OFF, status=403, content_type="text/plain")
        if not _shows_token(request):
            headers = {"WWW-Authenticate": "Bearer"}
            return HttpResponse(WRONG, status=401, content_type="text/plain", headers=headers)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE)


def _shows_token(request: HttpRequest) -> bool:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    same = hmac.compare_digest(shown.strip().encode(), settings.METRICS_TOKEN.encode())
    return scheme.lower() == "bearer" and same
