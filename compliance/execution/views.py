"""Is it well?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .health import heartbeat_age, worker_is_silent

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
@never_cache
def healthz(_: HttpRequest) -> JsonResponse:
    """200 while the web application works; the worker's state stands beside it, with its heartbeat's age in seconds.

    503 only without a database: a load balancer must not take the web away because a worker is silent.
    """
    try:
        age = heartbeat_age()
        silent = worker_is_silent()
    except DatabaseError:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse(
        {
            "database": "ok",
            "worker": "silent" if silent else "working",
            "heartbeat_age": None if age is None else round(age, 1),
        }
    )
