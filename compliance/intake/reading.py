"""Reading uploads in the background. Each part is one transaction, so a killed reader loses nothing.

The row says where reading has come to. It has one reader at a time, and whoever finds that it is another's
turn writes nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import logging
import secrets
import time
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from compliance.core.bulk import insert_new
from compliance.workflow.ids import holds_unseen
from compliance.workflow.opening import asked_rows, insert_asked
from compliance.workflow.states import AskedKind

from .csv_layout import Failure, failure_of, understand
from .csv_lines import Part, Place, read_part
from .models import BadLine, CaseFolds, Upload, UploadState
from .upload_moves import step
from .uploads import enqueue, layout_of, sealed_layout, vault_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance.workflow.opening import AskedRow
    from compliance.workflow.sealing import Vault
    from compliance.workflow.things import Thing

    from .csv_layout import Layout

log = logging.getLogger(__name__)

COUNTED_IN = {AskedKind.VISITOR: "visitors", AskedKind.ACCOUNT: "accounts", AskedKind.EMAIL: "emails"}
BAD_LINE_COLUMNS = ("upload_id", "reading", "number", "reason", "sealed_text")
FOLD_BYTES = 8
#: So many are written in one transaction: each one writes nearly every page of the index anew, so that few of
#: them cost less; but nobody else can write meanwhile.
ROWS_AT_ONCE = 20_000
MOST_IN_SAMPLE = 10


class NotTheReader(Exception):
    """Another reads this upload now, or somebody has ended its reading."""


@dataclass
class Found:
    """What a part adds, ready to be written."""

    asked: dict[AskedKind, list[AskedRow]] = field(repr=False)
    named: int
    bad: list[tuple[Any, ...]] = field(repr=False)
    folds: bytes = field(repr=False)
    unseen: int


def enqueue_waiting() -> None:
    """One task waits in the queue for each upload that is to be read and that nobody reads."""
    for upload in Upload.objects.filter(_nobodys(), state=UploadState.READING):
        # Until then, nobody enqueues it once more.
        until = _after(settings.TIMINGS.reader)
        if Upload.objects.filter(_nobodys(), pk=upload.pk).update(reader="", reader_until=until):
            enqueue(upload)


def read_slice(upload_id: int) -> None:
    """Some seconds' worth of the upload is read; it is enqueued again if there is more."""
    upload = _take(upload_id)
    if upload is None:
        return
    try:
        went_on = _read(upload)
    except NotTheReader:
        return
    if went_on:
        _give_back(upload)
        enqueue(upload)


def _read(upload: Upload) -> bool:
    """Whether there is more to read."""
    vault, end = vault_of(upload), time.monotonic() + settings.TIMINGS.slice
    layout = layout_of(upload) or _look_at(upload, vault)
    while layout and time.monotonic() < end:
        if upload.bytes_read >= upload.bytes_total:
            _end(upload, vault)
            return False
        _read_some(upload, vault, layout)
        if upload.taken > settings.UPLOAD_MOST_IDS:
            step(upload, UploadState.FAILED, changes={"failure": Failure.TOO_MANY})
            return False
    return layout is not None


def _look_at(upload: Upload, vault: Vault) -> Layout | None:
    """How the file is to be read; None, and the upload waits for a person, where that can't be told."""
    first = upload.chunks.filter(number=0).first()
    start = vault.open_bytes(first.sealed, purpose="chunk") if first else b""
    failure = failure_of(start)
    if failure:
        step(upload, UploadState.FAILED, changes={"failure": failure})
        return None
    layout = understand(start)
    sealed = sealed_layout(vault, layout)
    if not any(layout.uses):
        step(upload, UploadState.CHOOSING, changes={"sealed_layout": sealed})
        return None
    _own(upload).update(sealed_layout=sealed)
    return layout


def _read_some(upload: Upload, vault: Vault, layout: Layout) -> None:
    """What the next chunks hold is written, and where reading has come to: all or nothing."""
    place = Place(upload.next_line, _rest_of(upload, vault), upload.skipping)
    part, chunks, size = Part(), 0, upload.bytes_read
    while size < upload.bytes_total and len(part.things) + len(part.bad) < ROWS_AT_ONCE:
        chunk = upload.chunks.get(number=upload.next_chunk + chunks)
        body = vault.open_bytes(chunk.sealed, purpose="chunk")
        chunks, size = chunks + 1, size + len(body)
        part.add(read_part(body, place=place, layout=layout, last=size >= upload.bytes_total))
    found = _prepared(upload, vault, part)
    with transaction.atomic():
        changes = {
            "bytes_read": size,
            "next_chunk": upload.next_chunk + chunks,
            "next_line": place.line,
            "sealed_rest": vault.seal_bytes(place.rest, purpose="rest") if place.rest else None,
            "skipping": place.skipping,
            "rows": F("rows") + part.rows,
            "bad": F("bad") + len(part.bad),
            "reader_until": _after(settings.TIMINGS.reader),
        }
        if part.things and upload.sealed_sample is None:
            changes["sealed_sample"] = _sample(vault, part)
        # First of all, so that nobody else can become the reader meanwhile.
        if not _own(upload).update(**changes):
            raise NotTheReader
        _own(upload).update(**_write(upload, found))
    upload.refresh_from_db()


def _prepared(upload: Upload, vault: Vault, part: Part) -> Found:
    """Sealed before the transaction, which is to be short."""
    assert upload.request  # noqa: S101 -- READING has one
    by_kind = {kind: [thing for thing in part.things if thing.kind is kind] for kind in COUNTED_IN}
    asked = {kind: asked_rows(upload.request, things) for kind, things in by_kind.items() if things}
    for rows in asked.values():
        # In the order of the index, its pages are each touched once.
        rows.sort(key=lambda row: row.digest)
    seal = vault.sealer(purpose="bad line")
    return Found(
        asked=asked,
        named=len(part.things),
        bad=[
            (
                upload.pk,
                upload.reading,
                row.number,
                row.reason.value,
                seal(row.text.encode("utf-8", "replace")),
            )
            for row in part.bad
        ],
        folds=_folds(vault, part.things),
        unseen=sum(holds_unseen(thing.value) for thing in part.things),
    )


def _sample(vault: Vault, part: Part) -> bytes:
    """What was understood first, for a person to compare."""
    first = [[thing.kind.value, thing.value] for thing in part.things[:MOST_IN_SAMPLE]]
    return vault.seal(json.dumps(first), purpose="sample")


def _write(upload: Upload, found: Found) -> dict[str, Any]:
    """The rows are written; returns what has to be counted up."""
    new = {kind: insert_asked(rows) for kind, rows in found.asked.items()}
    insert_new(BadLine, BAD_LINE_COLUMNS, found.bad)
    if found.folds:
        CaseFolds.objects.create(upload=upload, reading=upload.reading, sealed=found.folds)
    counts: dict[str, Any] = {COUNTED_IN[kind]: F(COUNTED_IN[kind]) + count for kind, count in new.items()}
    return counts | {
        "duplicates": F("duplicates") + found.named - sum(new.values()),
        "invisible": F("invisible") + found.unseen,
    }


def _end(upload: Upload, vault: Vault) -> None:
    """The whole file is read."""
    step(upload, UploadState.CHECKED, changes={"twins": _twins(upload, vault)})
    upload.folds.filter(reading=upload.reading).delete()


# -- Ids that differ only in letter case -------------------------------------------------------------------


def _folds(vault: Vault, things: Iterable[Thing]) -> bytes:
    ids = [thing for thing in things if thing.kind is not AskedKind.EMAIL]
    if not ids:
        return b""
    key = vault.commit("letter case")
    hashed = b"".join(
        hashlib.blake2b(
            f"{thing.kind}{thing.value.lower()}".encode(), digest_size=FOLD_BYTES, key=key
        ).digest()
        for thing in ids
    )
    return vault.seal_bytes(hashed, purpose="folds")


def _twins(upload: Upload, vault: Vault) -> int:
    """How many ids are another one in other letter case."""
    hashes = array("Q")
    for sealed in upload.folds.filter(reading=upload.reading).values_list("sealed", flat=True):
        hashes.frombytes(vault.open_bytes(sealed, purpose="folds"))
    return upload.visitors + upload.accounts - sum(1 for _ in itertools.groupby(sorted(hashes)))


# -- One reader --------------------------------------------------------------------------------------------


def _take(upload_id: int) -> Upload | None:
    token = secrets.token_hex(16)
    free = Upload.objects.filter(Q(reader="") | _nobodys(), pk=upload_id, state=UploadState.READING)
    if not free.update(reader=token, reader_until=_after(settings.TIMINGS.reader)):
        return None
    return Upload.objects.select_related("request").filter(pk=upload_id, reader=token).first()


def _give_back(upload: Upload) -> None:
    _own(upload).update(reader="", reader_until=_after(settings.TIMINGS.reader))


def _own(upload: Upload) -> Any:
    return Upload.objects.filter(pk=upload.pk, reader=upload.reader, state=UploadState.READING)


def _nobodys() -> Q:
    return Q(reader_until__isnull=True) | Q(reader_until__lt=Now())


def _after(seconds: float) -> Any:
    return Now() + dt.timedelta(seconds=seconds)


def _rest_of(upload: Upload, vault: Vault) -> bytes:
    return vault.open_bytes(upload.sealed_rest, purpose="rest") if upload.sealed_rest else b""
