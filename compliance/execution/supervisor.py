"""Web and worker under one roof: started, watched by a heartbeat, restarted when hung, stopped cleanly.

django-q2 can hang without an error (a worker killed while idle keeps the queue's lock: django-q2 issue 23),
so the only proof of life is a task that ran end to end.
"""

from __future__ import annotations

import ctypes
import logging
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django_q.models import OrmQ
from django_q.tasks import async_task

from compliance.subscriptions import lanes

from . import leftovers
from .health import GROUP_VARIABLE, forget_group, is_hung

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

log = logging.getLogger(__name__)

#: linux/prctl.h
PR_SET_PDEATHSIG = 1
STOP_SECONDS = 20.0
#: A crashed child is started again no sooner than this.
RESTART_SECONDS = 2.0
#: With so many tasks waiting, one more tick would only add to the heap.
MOST_QUEUED = 50


@dataclass
class Child:
    """A process with a group of its own, so that nothing it has forked outlives it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    #: Whether what it prints on standard output is dropped; its errors are always shown.
    quiet: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0

    def start(self) -> None:
        """It runs, in a new process group."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL if self.quiet else None,
            start_new_session=True,
            preexec_fn=_stop_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 -- no threads here
        )

    def is_running(self) -> bool:
        """Whether the process itself is alive."""
        return self.process is not None and self.process.poll() is None

    def ask_to_stop(self) -> None:
        """SIGTERM to the process alone: a whole group that gets it never exits (facts of django-q2)."""
        if self.process and self.is_running():
            self.process.terminate()

    def end(self, *, seconds: float) -> None:
        """The process and its whole group are gone, after at most so many seconds of waiting."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop by itself", self.name)
        _kill_group(self.process.pid)
        self.process.wait()


class Supervisor:
    """Keeps its children running until it is told to stop."""

    def __init__(
        self, *, web: Child | None, helpers: Sequence[Child] = (), announce: Callable[[], bool] = lambda: True
    ) -> None:
        """`helpers` are further children, such as the sandbox; `announce` is called until it says True."""
        self._group = secrets.token_hex(8)
        self._worker = Child("worker", _manage("qcluster"), {GROUP_VARIABLE: self._group})
        self._children = [*helpers, self._worker, *([web] if web else [])]
        self._next_sending = dict.fromkeys(settings.PERIODIC_TASKS, 0.0)
        self._announce = announce
        self._announced = False
        self._stopping = False

    def run(self) -> None:
        """Returns when told to stop by SIGTERM or SIGINT, with no process left behind."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        try:
            for name in leftovers.end_leftovers():
                free_leases(name)
            for child in self._children:
                if not child.is_running():
                    self._start(child)
            while not self._stopping:
                self._look_after()
                self._announced = self._announced or self._announce()
                time.sleep(0.2)
        finally:
            self._stop()

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look_after(self) -> None:
        for child in self._children:
            if not child.is_running() and time.monotonic() - child.started > RESTART_SECONDS:
                self._restart(child)
        try:
            close_old_connections()
            self._send_due_tasks()
            if is_hung(self._group, running=time.monotonic() - self._worker.started):
                log.warning("the worker is silent; restarting it")
                self._restart(self._worker)
        except DatabaseError:
            log.exception("the database does not answer")
            time.sleep(RESTART_SECONDS)

    def _send_due_tasks(self) -> None:
        now = time.monotonic()
        due = [task for task, at in self._next_sending.items() if at <= now]
        if not due or OrmQ.objects.count() > MOST_QUEUED:
            return
        for task in due:
            self._next_sending[task] = now + settings.PERIODIC_TASKS[task]
            async_task(task, ack_failure=True, save=False)

    def _restart(self, child: Child) -> None:
        log.warning("starting %s again", child.name)
        child.end(seconds=0)
        if child is self._worker:
            # The whole group is dead and reaped, so nobody sends under its leases any more.
            free_leases(self._group)
        self._start(child)

    def _start(self, child: Child) -> None:
        child.start()
        if child is self._worker and child.process:
            leftovers.note_down(self._group, child.process.pid)

    def _stop(self) -> None:
        for child in self._children:
            child.ask_to_stop()
        end = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.end(seconds=max(0.0, end - time.monotonic()))
        free_leases(self._group)


def free_leases(group: str) -> None:
    """A dead group's leases are free, and nothing is left to be known of it.

    Where the database doesn't answer, they run out by themselves: no reason for a supervisor to end.
    """
    try:
        lanes.free(group)
        forget_group(group)
    except DatabaseError:
        log.exception("the leases of a dead worker group can't be freed; they run out")
    leftovers.forget(group)


def web_child(*, port: int) -> Child:
    """Gunicorn with threads, at the address BIND."""
    return Child(
        "web",
        [
            sys.executable,
            "-m",
            "gunicorn",
            "compliance.wsgi",
            f"--bind={settings.BIND}:{port}",
            f"--workers={settings.WEB_WORKERS}",
            "--threads=8",
            "--log-level=warning",
            f"--control-socket={settings.VAR_DIR / 'gunicorn.ctl'}",
        ],
    )


def sandbox_child(*, port: int) -> Child:
    """The sandbox Pendo."""
    return Child("sandbox", _manage("sandbox", "--port", str(port)), quiet=True)


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _stop_with_parent() -> None:
    """A killed supervisor takes its children along: two worker groups side by side would be one too many.

    For those that don't listen, see `leftovers`.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
