"""The page of a request's ready texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_GET

from compliance.people.access import Act, may

from .reach import request_or_404
from .texts import texts_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_GET
@may(Act.READ_REQUESTS)
def texts(request: HttpRequest, reference: str) -> HttpResponse:
    """Every text that fits the request, to be copied."""
    found = request_or_404(request, reference)
    return render(request, "workflow/texts.html", {"found": found, "texts": texts_of(found)})
