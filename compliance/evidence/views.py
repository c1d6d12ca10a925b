"""Taking evidence away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseBadRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from compliance.people.access import Act, may, signed_in
from compliance.workflow.models import Request

from .history import WRITERS, export_history

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponseBase

CONTENT_TYPES = {"jsonl": "application/jsonl; charset=utf-8", "csv": "text/csv; charset=utf-8"}


@require_POST
@may(Act.EXPORT_HISTORY, fresh=True)
def history(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The history of a request as a file. By POST, because taking it is recorded."""
    found = get_object_or_404(Request, reference=reference)
    file_format = request.POST.get("format", "")
    if file_format not in WRITERS:
        return HttpResponseBadRequest("Choose csv or jsonl.")
    lines = export_history(request=found, file_format=file_format, by=signed_in(request))
    name = f"{found.reference}-history.{file_format}"
    return StreamingHttpResponse(
        lines,
        content_type=CONTENT_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
