"""Uploads: a file taken in under seal, checked, recorded once a person agrees, or destroyed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django_q.tasks import async_task

from compliance.core import clock, crypto, keyring
from compliance.core.errors import Refused
from compliance.people.access import Act
from compliance.workflow.checking import begin_checking, make_unreadable, open_checked
from compliance.workflow.errors import StateChanged
from compliance.workflow.reach import reached_by, reaches_all
from compliance.workflow.sealing import Vault
from compliance.workflow.states import AskedKind

from .csv_layout import Layout, understand
from .models import BadLine, Upload, UploadChunk, UploadState
from .upload_moves import step

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from compliance.people.models import Person
    from compliance.workflow.models import Request
    from compliance.workflow.opening import Wish

#: Nobody has gone on with it for so long: it is destroyed. A recorded one's bad lines are kept as long.
KEPT_FOR = dt.timedelta(days=7)
#: It broke off while it came in.
BROKEN_OFF_AFTER = dt.timedelta(days=1)
READ_UPLOAD = "compliance.intake.tasks.read_upload"
#: What is counted anew when a file is read again.
FROM_THE_START = {
    "bytes_read": 0,
    "next_chunk": 0,
    "next_line": 1,
    "sealed_rest": None,
    "sealed_sample": None,
    "skipping": False,
    "rows": 0,
    "bad": 0,
    "duplicates": 0,
    "visitors": 0,
    "accounts": 0,
    "emails": 0,
    "invisible": 0,
    "twins": 0,
    "failure": "",
}


# -- Taking in ---------------------------------------------------------------------------------------------


def begin_upload(*, person: Person, name: str) -> Upload:
    """A file is coming in."""
    data_key = keyring.wrap(crypto.new_data_key())
    sealed = Vault(data_key).seal(name, purpose="file name")
    return Upload.objects.create(person=person, data_key=data_key, sealed_name=sealed)


def keep_chunk(upload: Upload, vault: Vault, *, number: int, body: bytes) -> None:
    """The next piece of the file is kept under seal."""
    sealed = vault.seal_bytes(body, purpose="chunk")
    UploadChunk.objects.create(upload=upload, number=number, sealed=sealed)


def end_upload(upload: Upload, *, size: int) -> None:
    """The whole file is there, and waits for its form."""
    step(upload, UploadState.WAITING, changes={"bytes_total": size})


def keep_fields(upload: Upload, typed: Mapping[str, object]) -> None:
    """What was typed into its form is kept with it."""
    sealed = vault_of(upload).seal(json.dumps(typed), purpose="fields")
    Upload.objects.filter(pk=upload.pk).update(sealed_fields=sealed, touched_at=clock.now())


# -- Reading and checking ----------------------------------------------------------------------------------


@transaction.atomic
def check_upload(*, upload: Upload, wish: Wish, by: Person) -> None:
    """The file is being read from its start for a request that says this. Raises `Refused`."""
    request = begin_checking(wish=wish, by=by, suppliers=_suppliers(upload))
    _read_from_the_start(upload, request)


@transaction.atomic
def choose_columns(
    *,
    upload: Upload,
    delimiter: str,
    has_heading: bool,
    uses: Sequence[AskedKind | None] | None,
    wish: Wish,
    by: Person,
) -> None:
    """The file is being read from its start, its columns taken as a person says; None: as it seems.

    Where nothing says what a column holds, the person is asked again. Raises `Refused`.
    """
    layout = understand(first_bytes(upload), delimiter=delimiter, has_heading=has_heading)
    if uses is not None and len(uses) == layout.width:
        layout = dataclasses.replace(layout, uses=tuple(uses))
    sealed = sealed_layout(vault_of(upload), layout)
    if any(layout.uses):
        request = begin_checking(wish=wish, by=by, suppliers=_suppliers(upload))
        _read_from_the_start(upload, request, sealed_layout=sealed)
    else:
        step(upload, UploadState.CHOOSING, changes={"sealed_layout": sealed})


@transaction.atomic
def record_upload(*, upload: Upload, by: Person) -> Request:
    """The request is open with what was understood; the file itself is destroyed. Raises `Refused`."""
    request = upload.request
    if upload.state != UploadState.CHECKED or request is None:
        raise StateChanged("This upload isn't waiting to be recorded. Reload the page.")
    if not upload.taken:
        raise Refused("Nothing was understood in this file: correct it, and upload it again.")
    open_checked(request=request, by=by)
    step(upload, UploadState.RECORDED)
    return request


@transaction.atomic
def discard_upload(upload: Upload) -> None:
    """Nobody can read any more what the file held; its rows are destroyed in the background."""
    former = upload.request
    step(upload, UploadState.DISCARDED, changes={"request": None, "data_key": None})
    if former:
        make_unreadable(former)


def expire_uploads() -> None:
    """Uploads that nobody has gone on with are discarded."""
    now = clock.now()
    old = Upload.objects.filter(touched_at__lt=now - KEPT_FOR)
    broken_off = Upload.objects.filter(state=UploadState.RECEIVING, touched_at__lt=now - BROKEN_OFF_AFTER)
    for upload in (old | broken_off).exclude(state=UploadState.DISCARDED):
        discard_upload(upload)


def enqueue(upload: Upload) -> None:
    """A task reads the upload."""
    async_task(READ_UPLOAD, upload.pk, ack_failure=True, save=False)


# -- What is known of one ----------------------------------------------------------------------------------


def unfinished_uploads(person: Person) -> QuerySet[Upload]:
    """Uploads of this person that wait for somebody to go on, the latest first."""
    return uploads_for(person).filter(person=person).exclude(state=UploadState.RECORDED)


def uploads_for(person: Person) -> QuerySet[Upload]:
    """Uploads that the person may go on with: of requests that they reach, and their own without one yet."""
    standing = Upload.objects.exclude(state__in=[UploadState.RECEIVING, UploadState.DISCARDED])
    if reaches_all(person, Act.ENTER_REQUESTS):
        return standing
    reached = Q(request__in=reached_by(person, Act.ENTER_REQUESTS))
    return standing.filter(reached | Q(request=None, person=person))


def vault_of(upload: Upload) -> Vault:
    """The vault of an upload. Raises `Forgotten` once it is discarded."""
    return Vault(upload.data_key)


def name_of(upload: Upload) -> str:
    """The name of the file."""
    return vault_of(upload).open(upload.sealed_name, purpose="file name")


def fields_of(upload: Upload) -> dict[str, Any]:
    """What was typed into its form."""
    if upload.sealed_fields is None:
        return {}
    typed: dict[str, Any] = json.loads(vault_of(upload).open(upload.sealed_fields, purpose="fields"))
    return typed


def layout_of(upload: Upload) -> Layout | None:
    """How the file is read; None: nobody has looked at it yet."""
    if upload.sealed_layout is None:
        return None
    values = json.loads(vault_of(upload).open(upload.sealed_layout, purpose="layout"))
    kinds = {
        name: tuple(AskedKind(use) if use else None for use in values[name])
        for name in ("uses", "recognised")
    }
    return Layout(**(values | kinds | {"names": tuple(values["names"])}))


def sample_of(upload: Upload) -> list[tuple[str, str]]:
    """What was understood first: what it is, and its value."""
    if upload.sealed_sample is None:
        return []
    first = json.loads(vault_of(upload).open(upload.sealed_sample, purpose="sample"))
    return [(AskedKind(kind).label, value) for kind, value in first]


def sealed_layout(vault: Vault, layout: Layout) -> bytes:
    """How the file is read, sealed: a cell of its first line may name somebody."""
    return vault.seal(json.dumps(dataclasses.asdict(layout)), purpose="layout")


def first_bytes(upload: Upload) -> bytes:
    """How the file begins."""
    first = upload.chunks.filter(number=0).first()
    return vault_of(upload).open_bytes(first.sealed, purpose="chunk") if first else b""


def bad_lines_of(upload: Upload) -> QuerySet[BadLine]:
    """The lines that nothing was taken from, in order."""
    return upload.bad_lines.filter(reading=upload.reading).order_by("number")


def _suppliers(upload: Upload) -> list[Person]:
    """Who uploaded the file, and who had it read before: what they said of its columns may still stand."""
    return [upload.person, *(upload.request.changers.all() if upload.request else ())]


def _read_from_the_start(upload: Upload, request: Request, **changes: Any) -> None:
    former = upload.request
    anew = {**FROM_THE_START, "reading": upload.reading + 1, "request": request}
    step(upload, UploadState.READING, changes={**anew, **changes})
    if former:
        make_unreadable(former)
    transaction.on_commit(lambda: enqueue(upload))
