"""Small files that hold personal data: taken into memory, never into a temporary file."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class MemoryHandler(FileUploadHandler):
    """Keeps a file of up to `most_bytes`; one that is larger is not kept, and `too_large` says so.

    Set it before the form is read: `request.upload_handlers = [MemoryHandler(most_bytes=...)]`.
    """

    def __init__(self, *, most_bytes: int) -> None:
        """For one request."""
        super().__init__()
        self.most_bytes, self.too_large = most_bytes, False
        self._content = BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        self._content = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece is kept; nothing is left for another handler."""
        if start + len(raw_data) > self.most_bytes:
            self.too_large = True
            self._content = BytesIO()
            raise SkipFile
        self._content.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file."""
        self._content.seek(0)
        return InMemoryUploadedFile(
            self._content, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )
