"""Destroying what uploads leave behind, some of it at a time: no other writer waits long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.db.models import Q

from compliance.workflow.checking import destroy_some
from compliance.workflow.models import Request
from compliance.workflow.states import State

from .models import BadLine, CaseFolds, Upload, UploadChunk, UploadState

if TYPE_CHECKING:
    from django.db.models import QuerySet

#: Each of at most a chunk's size.
CHUNKS_AT_ONCE = 20
ROWS_AT_ONCE = 5_000
Row = TypeVar("Row", UploadChunk, BadLine, CaseFolds)


def destroy_leftovers() -> None:
    """Some seconds' worth of what nobody may need any more is gone."""
    end = time.monotonic() + settings.TIMINGS.slice
    while time.monotonic() < end and (_requests() or _rows() or _uploads()):
        pass


def _requests() -> bool:
    """Whether there was a request whose upload was discarded, or is read anew for another one."""
    given_up = Request.objects.filter(state=State.CHECKING, upload__isnull=True).first()
    if given_up:
        destroy_some(given_up)
    return given_up is not None


def _rows() -> bool:
    """Whether there was something of a discarded upload, a recorded file, an earlier reading."""
    ended = (UploadState.RECORDED, UploadState.DISCARDED)
    uploads = Upload.objects.filter(Q(state__in=ended) | Q(reading__gt=1)).order_by("pk")
    return sum(_some_of(upload) for upload in uploads) > 0


def _some_of(upload: Upload) -> int:
    """How many rows of it are gone now."""
    discarded = upload.state == UploadState.DISCARDED
    ended = discarded or upload.state == UploadState.RECORDED
    # Whatever its number is, a discarded one's reading is an earlier one.
    before = upload.reading + 1 if discarded else upload.reading
    earlier = Q(upload=upload, reading__lt=before)
    count = _delete(BadLine.objects.filter(earlier), ROWS_AT_ONCE)
    count += _delete(CaseFolds.objects.filter(earlier), CHUNKS_AT_ONCE)
    return count + (_delete(UploadChunk.objects.filter(upload=upload), CHUNKS_AT_ONCE) if ended else 0)


def _delete(rows: QuerySet[Row], count: int) -> int:
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:count])
    return rows.model.objects.filter(pk__in=keys).delete()[0] if keys else 0


def _uploads() -> bool:
    # Only reached once nothing hangs on them any more.
    return bool(Upload.objects.filter(state=UploadState.DISCARDED).delete()[0])
