"""Taking evidence away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseBadRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.core.errors import Refused
from compliance.core.keyset import page_of
from compliance.people.access import Act, may, signed_in
from compliance.workflow.reach import request_or_404

from .exports import prepare, take
from .forms import ExportForm
from .history import WRITERS, export_history
from .models import Export, FileFormat, Progress, What
from .queries import exports as every_export

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse, HttpResponseBase

CONTENT_TYPES = {"jsonl": "application/jsonl; charset=utf-8", "csv": "text/csv; charset=utf-8"}


@require_POST
@may(Act.EXPORT_HISTORY, fresh=True)
def history(request: HttpRequest, reference: str) -> HttpResponseBase:
    """The history of a request as a file. By POST, because taking it is recorded."""
    found = request_or_404(request, reference)
    file_format = request.POST.get("format", "")
    if file_format not in WRITERS:
        return HttpResponseBadRequest("Choose csv or jsonl.")
    lines = export_history(request=found, file_format=file_format, by=signed_in(request))
    return _file(lines, f"{found.reference}-history", file_format)


@require_http_methods(["GET", "POST"])
@may(Act.EXPORT_LEDGER)
def exports(request: HttpRequest) -> HttpResponse:
    """What is to be taken away, and what was. Nothing leaves yet: the export is prepared and counted."""
    form = ExportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            export = prepare(
                what=What(values["what"]),
                file_format=FileFormat(values["file_format"]),
                begin=values["begin"],
                end=values["end"],
                requests=values["references"],
                by=signed_in(request),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("export", export.pk)
    page = page_of(every_export(), order=("-pk",), cursor=request.GET.get("at", ""))
    context = {"form": form, "page": page}
    return render(request, "evidence/exports.html", context, status=422 if form.errors else 200)


@require_safe
@may(Act.EXPORT_LEDGER)
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """One export: how much it is, what verifies, and how far it was taken."""
    return render(request, "evidence/export.html", _shown(pk))


@require_safe
@may(Act.EXPORT_LEDGER)
def export_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of an export's page that moves."""
    return render(request, "evidence/progress.html", _shown(pk))


@require_POST
@may(Act.EXPORT_LEDGER, fresh=True)
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, from its first line. By POST, because taking it is recorded."""
    found = get_object_or_404(Export, pk=pk)
    return _file(take(export=found, by=signed_in(request)), f"ledger-export-{found.pk}", found.file_format)


def _shown(pk: int) -> dict[str, object]:
    found = get_object_or_404(every_export(), pk=pk)
    # The taking begins when the browser asks for the file, which this page isn't told.
    return {"export": found, "moving": found.progress in {Progress.PREPARED, Progress.UNDER_WAY}}


def _file(lines: Iterator[str], name: str, file_format: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        lines,
        content_type=CONTENT_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}.{file_format}"'},
    )
