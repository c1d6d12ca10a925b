"""What the queue calls."""

from __future__ import annotations

from . import destroying, drafts, reading, uploads


def expire_drafts() -> None:
    """Old drafts, and uploads that nobody went on with, are gone."""
    drafts.expire_drafts()
    uploads.expire_uploads()


def look_after_uploads() -> None:
    """Whatever is to be read will be, and some of what is to be destroyed is."""
    reading.enqueue_waiting()
    destroying.destroy_leftovers()


def read_upload(upload_id: int) -> None:
    """A slice of the upload is read."""
    reading.read_slice(upload_id)
