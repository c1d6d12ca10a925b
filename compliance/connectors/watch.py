"""Ends calls that take too long."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: httpcore's names for the moments when there is a new connection.
CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


class DeadlineMissed(Exception):
    """The call took longer than a whole call may."""


class _Call:
    """One call under way."""

    missed = False


class Watch:
    """Cuts the one connection of a client when a call on it takes too long.

    httpx limits each wait for bytes, not their sum: a server that sends a byte now and then could hold a
    call, and with it a lane, for as long as it likes.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` are for one whole call."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._call: _Call | None = None
        self._socket: socket.socket | None = None

    def traced(self, event: str, info: Mapping[str, Any]) -> None:
        """Take down the socket of a new connection. For httpx's request extension `trace`."""
        if event not in CONNECTED:
            return
        with self._lock:
            self._socket = info["return_value"].get_extra_info("socket")
            if self._call and self._call.missed:
                self._shut()

    @contextlib.contextmanager
    def over_one_call(self) -> Iterator[None]:
        """What is inside ends in time, by whatever error a cut connection gives, or by `DeadlineMissed`."""
        call = self._call = _Call()
        timer = threading.Timer(self._seconds, self._cut, [call])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            with self._lock:
                self._call = None
        # An answer that ends with its connection looks whole when it was cut.
        if call.missed:
            raise DeadlineMissed

    def _cut(self, call: _Call) -> None:
        with self._lock:
            if self._call is call:
                call.missed = True
                self._shut()

    def _shut(self) -> None:
        if self._socket is None:
            return
        with contextlib.suppress(OSError):
            # Not SSLSocket's own shutdown: it drops the encryption first, while the call may be writing.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
