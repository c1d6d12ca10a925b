"""The sandbox's HTTP server: real HTTP/1.1 with kept-alive connections, one thread each."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

from compliance.sandbox import control
from compliance.sandbox.answers import Answer, refusal
from compliance.sandbox.calls import Call
from compliance.sandbox.problems import Problem
from compliance.sandbox.routes import answer_call
from compliance.sandbox.seed import fill_default_world
from compliance.sandbox.settings import changed
from compliance.sandbox.world import World

DRIPS = 20
POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"

Connection = socket.socket | tuple[bytes, socket.socket]
Pages = Mapping[str, Callable[[Call], Answer]]


class SandboxServer(ThreadingHTTPServer):
    """Serves one world. Closing it also closes the connections that callers keep open."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], world: World, pages: Pages | None = None) -> None:
        self.world = world
        self.pages = pages or {}
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        """Bind without asking the name service for this machine's name, as the standard library would."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        host, port = self.socket.getsockname()[:2]
        self.server_address = (host, port)
        self.server_name, self.server_port = str(host), port

    @property
    def url(self) -> str:
        """Return the address to call."""
        return f"http://{self.server_name}:{self.server_port}"

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection."""
        self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        self._connections.discard(connection)

    def server_close(self) -> None:
        """Afterwards nothing listens and no caller is connected."""
        self.stopping.set()
        super().server_close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Connection, client_address: object) -> None:
        """Keep quiet about callers that went away; anything else is a fault of the sandbox and shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Turns bytes into calls, and answers into bytes."""

    server: SandboxServer
    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        """Open the connection."""
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        """Close the connection; a caller that went away is no matter."""
        self.server.closed(self.connection)
        with suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
        """Say nothing: paths hold ids, and the books hold the calls."""

    def do_GET(self) -> None:
        """Answer one call of whatever method; its length must be stated."""
        if "transfer-encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        url = urlsplit(self.path)
        call = Call(
            world=self.server.world,
            method=self.command,
            path=url.path,
            query=parse_qs(url.query, keep_blank_values=True),
            headers=self.headers,
            body=self.rfile.read(int(self.headers.get("content-length", 0))),
        )
        if url.path.startswith("/api/"):
            self._answer_pendo(call)
        else:
            self._send(self._own_answer(call))

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 -- the standard library's names

    def _answer_pendo(self, call: Call) -> None:
        entry, answer = answer_call(call, self.server.stopping.wait)
        entry.status = answer.status if answer else 0
        if answer is None:
            self._drop()
        else:
            self._send(answer)

    def _own_answer(self, call: Call) -> Answer:
        if call.path.startswith(control.PREFIX):
            if not ip_address(self.client_address[0]).is_loopback:
                return refusal(Problem(403, "only from this machine"))
            return control.answer_control(call)
        if call.method == "GET" and call.path in self.server.pages:
            return self.server.pages[call.path](call)
        return refusal(Problem(404, "no such path"))

    def _drop(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        if answer.content_type.startswith("text/html"):
            self.send_header("Content-Security-Policy", POLICY)
        if answer.location is not None:
            self.send_header("Location", answer.location)
        self.end_headers()
        if answer.drip_seconds:
            self._drip(answer)
        else:
            self.wfile.write(answer.body)

    def _drip(self, answer: Answer) -> None:
        size = -(-len(answer.body) // DRIPS) or 1
        for start in range(0, len(answer.body), size):
            self.wfile.flush()
            self.server.stopping.wait(answer.drip_seconds / DRIPS)
            self.wfile.write(answer.body[start : start + size])


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox: its address, and its world to look into and to change."""

    url: str
    world: World


@contextmanager
def running_sandbox(
    *, world: World | None = None, port: int = 0, pages: Pages | None = None, **settings: float
) -> Iterator[Sandbox]:
    """Run a sandbox in this process on a free port, with the default world unless one is given.

    Other keywords are settings, by the names in `compliance.sandbox.settings`.
    """
    if world is None:
        world = World()
        fill_default_world(world)
    world.settings = changed(world.settings, dict(settings)) if settings else world.settings
    server = SandboxServer(("127.0.0.1", port), world, pages)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield Sandbox(server.url, world)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
