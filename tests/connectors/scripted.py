"""A server that does what scripts say, byte for byte: for what no well-behaved server would do."""

import contextlib
import re
import socket
import struct
import threading
from dataclasses import dataclass, field

LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@dataclass
class ScriptedServer:
    """Answers the first request by the first script, and so on; a script is given the connection.

    A script that returns False ends the connection.
    """

    url: str
    scripts: list
    requests: list = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def serve(self, listening):
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=[connection], daemon=True).start()

    def _converse(self, connection):
        with connection, contextlib.suppress(OSError):
            while request := _read_request(connection):
                self.requests.append(request)
                if self.scripts.pop(0)(connection) is False:
                    break
        self.ended.set()

    @property
    def paths(self):
        return [request.split(b" ")[1].decode() for request in self.requests]


def _read_request(connection):
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65536)
        if not piece:
            return b""
        request += piece
    head, _, body = request.partition(b"\r\n\r\n")
    wanted = int(found[1]) if (found := LENGTH.search(head)) else 0
    while len(body) < wanted:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def says(status, body=b"", **headers):
    """A script: a whole answer."""
    lines = [f"HTTP/1.1 {status} Status", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    answer = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda connection: connection.sendall(answer)


def hang_up(connection):
    """A script: the connection is closed without an answer."""
    return False


def reset(connection):
    """A script: the connection is reset, as by a crashed machine behind a gateway."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def drips(piece, *, first=b""):
    """A script: bytes come one piece at a time, for longer than anybody should wait."""

    def script(connection):
        connection.sendall(first)
        pause = threading.Event()
        for _ in range(500):
            connection.sendall(piece)
            pause.wait(0.02)

    return script


def says_and_hangs_up(status, body=b""):
    """A script: a whole answer, after which the server closes the connection without having said so."""

    def script(connection):
        says(status, body)(connection)
        return False

    return script
