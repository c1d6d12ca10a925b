"""A file with what a request asks: sent, checked, recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from compliance.core.errors import Refused
from compliance.core.spreadsheets import csv_lines
from compliance.laws.law import COUNSEL_MUST_CONFIRM
from compliance.people.access import Act, may, signed_in
from compliance.workflow.reach import kinds_entered_by, subscriptions_entered_by
from compliance.workflow.states import Kind
from compliance.workflow.words import KINDS as WORDS

from .csv_lines import Reason
from .forms import WishForm
from .models import UploadState
from .receiving import FIELD, ReceivedFile, SealingHandler
from .upload_forms import KINDS, ColumnsForm, UploadForm, typed_into
from .uploads import (
    KEPT_FOR,
    bad_lines_of,
    check_upload,
    choose_columns,
    discard_upload,
    fields_of,
    keep_fields,
    layout_of,
    name_of,
    record_upload,
    sample_of,
    unfinished_uploads,
    uploads_for,
    vault_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponseBase

    from compliance.people.models import Person
    from compliance.workflow.opening import Wish

    from .csv_layout import Layout
    from .models import Upload

MOST_BAD_SHOWN = 20


@require_http_methods(["GET", "POST"])
# Django may change how files are taken in only before the form is read, and checking its token reads it:
# the check follows inside. https://docs.djangoproject.com/en/5.2/topics/http/file-uploads/
@csrf_exempt
@may(Act.ENTER_REQUESTS)
def new(request: HttpRequest) -> HttpResponse:
    """The form; its file is taken in whatever else is wrong with it."""
    handler = SealingHandler(request, signed_in(request))
    request.upload_handlers = [handler]
    response: HttpResponse = _new(request, handler)
    return response


@csrf_protect
def _new(request: HttpRequest, handler: SealingHandler) -> HttpResponse:
    kind = _kind_of(request, {})
    if request.method == "GET":
        return _new_page(request, UploadForm(initial=_typed_before(request), **_wanted(request, kind)))
    received = request.FILES.get(FIELD)
    if isinstance(received, ReceivedFile) and received.size:
        # It goes on at its own page: the file needn't be sent again.
        return _fields_sent(request, received.upload, kind)
    form = UploadForm(request.POST, request.FILES, **_wanted(request, kind))
    if request.POST.get("show"):
        another = _wanted(request, _kind_shown(request, kind))
        return _new_page(request, UploadForm(initial=typed_into(form), **another))
    if handler.too_large:
        most = filesizeformat(settings.UPLOAD_MOST_BYTES)
        form.errors[FIELD] = form.error_class(
            [f"This file is larger than {most}. Split it, and upload the parts."]
        )
    return _new_page(request, form)


@require_http_methods(["GET", "POST"])
@may(Act.ENTER_REQUESTS)
def fields(request: HttpRequest, pk: int) -> HttpResponse:
    """What the request says besides its file; sent, the file is read."""
    upload = get_object_or_404(uploads_for(signed_in(request)), pk=pk)
    if upload.state == UploadState.RECORDED:
        return redirect("upload", pk)
    typed = fields_of(upload)
    kind = _kind_of(request, typed)
    if request.method == "POST":
        return _fields_sent(request, upload, kind)
    return _fields_page(request, upload, WishForm(initial={**typed}, **_wanted(request, kind)))


@require_GET
@may(Act.ENTER_REQUESTS)
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an upload is, and what was understood of it."""
    upload = get_object_or_404(uploads_for(signed_in(request)).select_related("request"), pk=pk)
    if upload.state == UploadState.WAITING:
        return redirect("upload_fields", pk)
    layout = layout_of(upload)
    return _page(request, upload, layout, ColumnsForm(layout) if layout else None)


@require_GET
@may(Act.ENTER_REQUESTS)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far reading has come; once it has ended, the browser loads the whole page."""
    upload = get_object_or_404(uploads_for(signed_in(request)), pk=pk)
    if upload.state != UploadState.READING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "intake/upload_progress.html", {"upload": upload})


@require_POST
@may(Act.ENTER_REQUESTS)
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """The file is read again, its columns taken as was said."""
    upload = get_object_or_404(uploads_for(signed_in(request)).select_related("request"), pk=pk)
    layout, wish = layout_of(upload), _wish_of(upload)
    if layout is None:
        return redirect("upload", pk)
    if wish is None:
        return redirect("upload_fields", pk)
    form = ColumnsForm(layout, request.POST)
    if form.is_valid():
        try:
            choose_columns(
                upload=upload,
                delimiter=form.delimiter_said,
                has_heading=form.cleaned_data["has_heading"],
                uses=form.uses,
                wish=wish,
                by=signed_in(request),
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("upload", pk)
    return _page(request, upload, layout, form)


@require_GET
@may(Act.ENTER_REQUESTS)
def bad_lines(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The lines that nothing was taken from, as a file to correct."""
    upload = get_object_or_404(uploads_for(signed_in(request)), pk=pk)
    rows = ((number, Reason(reason).label, text) for number, reason, text in _bad(upload))
    return StreamingHttpResponse(
        csv_lines(("Line", "What is wrong", "Text"), rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="bad-lines-{upload.pk}.csv"'},
    )


@require_POST
@may(Act.ENTER_REQUESTS)
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """What was understood becomes a request."""
    upload = get_object_or_404(uploads_for(signed_in(request)).select_related("request"), pk=pk)
    try:
        opened = record_upload(upload=upload, by=signed_in(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("upload", pk)
    if upload.bad:
        return redirect("upload", pk)
    messages.success(request, "Recorded. Pendo is being asked what exists.")
    return redirect("request", opened.reference)


@require_POST
@may(Act.ENTER_REQUESTS)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """The upload is gone."""
    upload = get_object_or_404(uploads_for(signed_in(request)), pk=pk)
    recorded = upload.state == UploadState.RECORDED
    try:
        discard_upload(upload)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("upload", pk)
    messages.success(
        request,
        "The bad lines are destroyed." if recorded else "The file, and all that was read of it, is gone.",
    )
    return redirect("upload_new")


# -- The form ----------------------------------------------------------------------------------------------


def _fields_sent(request: HttpRequest, upload: Upload, kind: Kind) -> HttpResponse:
    """What was typed is kept; if it is right, the file is read."""
    form = WishForm(request.POST, **_wanted(request, kind))
    keep_fields(upload, typed_into(form) | {"kind": kind.value})
    if request.POST.get("show"):
        another = _kind_shown(request, kind)
        return redirect(f"{reverse('upload_fields', args=[upload.pk])}?kind={another.value}")
    if form.is_valid():
        try:
            check_upload(upload=upload, wish=form.wish([]), by=signed_in(request))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("upload", upload.pk)
    return _fields_page(request, upload, form)


def _wish_of(upload: Upload) -> Wish | None:
    """What its form says; None where that doesn't hold any more, and a person has to look at it."""
    typed = fields_of(upload)
    said = typed.get("kind")
    form = WishForm(typed, kind=Kind(said) if said in KINDS else Kind.ERASURE)
    return form.wish([]) if form.is_valid() else None


def _typed_before(request: HttpRequest) -> dict[str, Any]:
    """What was typed for an upload that can't be read: its next file needs the same."""
    again = request.GET.get("again", "")
    former = uploads_for(signed_in(request)).filter(pk=again).first() if again.isdecimal() else None
    return fields_of(former) if former else {}


def _kind_of(request: HttpRequest, typed: dict[str, Any]) -> Kind:
    """The kind that was said, as far as this person may enter one by a file; the first of those else."""
    kinds = _kinds_for(signed_in(request))
    said = request.POST.get("kind") or request.GET.get("kind") or typed.get("kind")
    return Kind(said) if said in kinds else kinds[0]


def _wanted(request: HttpRequest, kind: Kind) -> dict[str, Any]:
    """What a form of this kind is for this person."""
    return {"kind": kind, "offered": subscriptions_entered_by(signed_in(request), kind)}


def _kinds_for(person: Person) -> list[Kind]:
    return [kind for kind in kinds_entered_by(person) if kind in KINDS]


def _kind_shown(request: HttpRequest, former: Kind) -> Kind:
    """The kind whose button was pressed."""
    shown = request.POST["show"]
    return Kind(shown) if shown in _kinds_for(signed_in(request)) else former


def _form_context(request: HttpRequest, form: WishForm) -> dict[str, Any]:
    return {
        "form": form,
        "confirm": COUNSEL_MUST_CONFIRM,
        "kinds": [(kind, WORDS[kind]) for kind in _kinds_for(signed_in(request))],
    }


def _new_page(request: HttpRequest, form: UploadForm) -> HttpResponse:
    waiting = [(upload, name_of(upload)) for upload in unfinished_uploads(signed_in(request))]
    context = _form_context(request, form) | {"waiting": waiting, "most_bytes": settings.UPLOAD_MOST_BYTES}
    return render(request, "intake/upload_new.html", context, status=422 if form.errors else 200)


def _fields_page(request: HttpRequest, upload: Upload, form: WishForm) -> HttpResponse:
    context = _form_context(request, form) | {"upload": upload, "name": name_of(upload)}
    return render(request, "intake/upload_fields.html", context, status=422 if form.errors else 200)


# -- The check ---------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest, upload: Upload, layout: Layout | None, form: ColumnsForm | None
) -> HttpResponse:
    bad = bad_lines_of(upload)
    context = {
        "upload": upload,
        "name": name_of(upload),
        "form": form,
        "layout": layout,
        "columns": _columns(layout) if layout else [],
        "sample": sample_of(upload),
        "bad_lines": [
            (number, Reason(reason).label, text) for number, reason, text in _bad(upload, MOST_BAD_SHOWN)
        ],
        "bad_counts": [
            (Reason(row["reason"]).label, row["count"])
            for row in bad.order_by()
            .values("reason")
            .annotate(count=Count("pk"))
            .order_by("-count", "reason")
        ],
        "not_utf8": bad.filter(reason=Reason.NOT_UTF8).first(),
        "kept_until": upload.touched_at + KEPT_FOR,
    }
    status = 422 if form and form.errors else 200
    return render(request, "intake/upload.html", context, status=status)


def _columns(layout: Layout) -> list[tuple[str, str, str]]:
    """Each column's heading, what it is used as, and what it seems to hold."""
    return [
        (name or f"Column {number}", use.label if use else "", seems.label if seems else "")
        for number, (name, use, seems) in enumerate(
            zip(layout.names, layout.uses, layout.recognised, strict=True), start=1
        )
    ]


def _bad(upload: Upload, most: int | None = None) -> Iterator[tuple[int, str, str]]:
    """The bad lines: number, reason, text."""
    vault = vault_of(upload)
    for line in bad_lines_of(upload)[:most].iterator():
        yield line.number, line.reason, vault.open(line.sealed_text, purpose="bad line")
