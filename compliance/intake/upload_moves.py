"""The one door for an upload's state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.core import clock
from compliance.workflow.errors import IllegalMove, StateChanged

from .models import Upload, UploadState

if TYPE_CHECKING:
    from collections.abc import Mapping

MOVES: dict[UploadState, tuple[UploadState, ...]] = {
    UploadState.RECEIVING: (UploadState.WAITING, UploadState.DISCARDED),
    UploadState.WAITING: (UploadState.READING, UploadState.DISCARDED),
    UploadState.READING: (
        UploadState.READING,
        UploadState.CHECKED,
        UploadState.CHOOSING,
        UploadState.FAILED,
        UploadState.DISCARDED,
    ),
    UploadState.CHOOSING: (UploadState.READING, UploadState.CHOOSING, UploadState.DISCARDED),
    UploadState.CHECKED: (
        UploadState.READING,
        UploadState.CHOOSING,
        UploadState.RECORDED,
        UploadState.DISCARDED,
    ),
    UploadState.FAILED: (UploadState.READING, UploadState.CHOOSING, UploadState.DISCARDED),
    UploadState.RECORDED: (UploadState.DISCARDED,),
}


def step(upload: Upload, to: UploadState, /, *, changes: Mapping[str, Any] | None = None) -> None:
    """The upload is in state `to`, with its other `changes`, and nobody reads it; a new reader may.

    Raises `IllegalMove` for a move that isn't in the table, `StateChanged` if another was faster.
    """
    if to not in MOVES.get(UploadState(upload.state), ()):
        raise IllegalMove(f"{upload.state} -> {to}")
    rows = Upload.objects.filter(pk=upload.pk, state=upload.state, reader=upload.reader)
    free = {"reader": "", "reader_until": None, "touched_at": clock.now()}
    if not rows.update(state=to, **free, **(changes or {})):
        raise StateChanged("This upload has moved on. Reload the page.")
    upload.refresh_from_db()
