"""Taking a file in while it is sent: straight into sealed chunks, never into a temporary file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from .uploads import begin_upload, discard_upload, end_upload, keep_chunk, vault_of

if TYPE_CHECKING:
    from django.http import HttpRequest

    from compliance.people.models import Person
    from compliance.workflow.sealing import Vault

    from .models import Upload

FIELD = "file"
CHUNK_BYTES = 256 * 1024
MOST_NAME_LETTERS = 255


class ReceivedFile(UploadedFile):  # type: ignore[type-arg] # generic in the stubs only
    """A file that was taken in: its content is in the database."""

    def __init__(self, upload: Upload, *, name: str, size: int) -> None:
        """There is nothing to be opened."""
        super().__init__(None, name=name, size=size)
        self.upload = upload

    def close(self) -> None:
        """Nothing is open."""


class SealingHandler(FileUploadHandler):
    """Seals the one file of the form, piece by piece. Anything more, and anything too large, isn't kept."""

    def __init__(self, request: HttpRequest, person: Person) -> None:
        """For this person."""
        super().__init__(request)
        self.too_large = False
        self._person = person
        self._upload: Upload | None = None
        self._vault: Vault | None = None
        self._begin()

    def _begin(self) -> None:
        self._buffer, self._size, self._chunks = bytearray(), 0, 0

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        """A file begins: it is kept if it is the form's."""
        super().new_file(field_name, file_name, *args, **kwargs)
        if field_name != FIELD or self._upload:
            raise SkipFile
        self._upload = begin_upload(person=self._person, name=file_name[-MOST_NAME_LETTERS:])
        self._vault = vault_of(self._upload)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece is kept; nothing is left for another handler."""
        self._size += len(raw_data)
        if self._size > settings.UPLOAD_MOST_BYTES:
            self._give_up()
            self.too_large = True
            raise SkipFile
        self._buffer += raw_data
        while len(self._buffer) >= CHUNK_BYTES:
            self._keep(CHUNK_BYTES)

    def file_complete(self, file_size: int) -> ReceivedFile | None:
        """The file, which waits for its form; an empty one isn't kept."""
        if self._upload is None:
            return None
        if self._buffer:
            self._keep(len(self._buffer))
        if file_size:
            end_upload(self._upload, size=file_size)
        else:
            discard_upload(self._upload)
        return ReceivedFile(self._upload, name=self.file_name or "", size=file_size)

    def _keep(self, size: int) -> None:
        assert self._upload is not None  # noqa: S101 -- set where the file began
        assert self._vault is not None  # noqa: S101 -- as above
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        keep_chunk(self._upload, self._vault, number=self._chunks, body=body)
        self._chunks += 1

    def _give_up(self) -> None:
        assert self._upload  # noqa: S101 -- set where the file began
        discard_upload(self._upload)
        self._begin()
