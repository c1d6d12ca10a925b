"""Worker groups whose supervisor was killed: its successor on the machine ends them before its own starts.

The system tells a group to stop when its supervisor dies, but one that hangs doesn't listen, and one whose
leader was killed as well is told nothing. So each supervisor notes which group it has started, in a file.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from django.conf import settings

log = logging.getLogger(__name__)

END_SECONDS = 10.0
#: What processes of a worker group are called, before and after they have named themselves.
WORKER = "qcluster"


@dataclass(frozen=True)
class Note:
    """A worker group: its name on leases, its process group, and the supervisor that started it."""

    name: str
    process_group: int
    supervisor: int
    supervisor_since: float


def note_down(name: str, process_group: int) -> None:
    """Whoever supervises next knows of this group of ours."""
    note = Note(name, process_group, os.getpid(), psutil.Process().create_time())
    file = _file(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    # In one step: whoever is killed while writing leaves the former note.
    half = file.with_suffix(".new")
    half.write_text(json.dumps(asdict(note)))
    half.replace(file)


def forget(name: str) -> None:
    """The group has ended, and so does the note of it."""
    _file(name).unlink(missing_ok=True)


def end_leftovers() -> list[str]:
    """No group of a dead supervisor of this installation runs here any more; returns their names."""
    ended = []
    for file in sorted(_file("*").parent.glob("*.json")):
        note = _read(file)
        if note and not _lives(note):
            _end(note.process_group)
            ended.append(note.name)
    return ended


def _file(name: str) -> Path:
    return Path(settings.VAR_DIR) / "worker-groups" / f"{name}.json"


def _read(file: Path) -> Note | None:
    try:
        return Note(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _lives(note: Note) -> bool:
    """Whether the very supervisor still runs: its number alone may belong to another process by now."""
    try:
        since: float = psutil.Process(note.supervisor).create_time()
    except psutil.Error:
        return False
    return since == note.supervisor_since


def _end(process_group: int) -> None:
    end = time.monotonic() + END_SECONDS
    while _workers_in(process_group) and time.monotonic() < end:
        log.warning("ending a worker group that outlived its supervisor")
        with suppress(ProcessLookupError):
            os.killpg(process_group, signal.SIGKILL)
        time.sleep(0.1)


def _workers_in(process_group: int) -> bool:
    """Whether workers run in this process group; anything else there is none of ours."""
    return any(_is_worker(process, process_group) for process in psutil.process_iter())


def _is_worker(process: psutil.Process, process_group: int) -> bool:
    try:
        in_group = os.getpgid(process.pid) == process_group
        return in_group and any(WORKER in word for word in process.cmdline())
    except (psutil.Error, ProcessLookupError):
        return False
