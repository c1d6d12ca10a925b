"""Receivers of webhooks on loopback, and endpoints that send to them."""

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from compliance.notifications.endpoints import EndpointFacts, add_endpoint
from compliance.notifications.event_types import EventType
from compliance.people.roles import Role


@dataclass
class Receiver:
    """A server that takes webhooks: answers by the statuses given, and 204 after them."""

    url: str = ""
    statuses: list = field(default_factory=list)
    headers: dict = field(default_factory=dict)
    received: list = field(default_factory=list)

    def answer(self, handler):
        body = handler.rfile.read(int(handler.headers["content-length"]))
        self.received.append((dict(handler.headers.items()), body))
        handler.send_response(self.statuses.pop(0) if self.statuses else 204)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", "0")
        handler.end_headers()

    @property
    def ids(self):
        return [headers["webhook-id"] for headers, _ in self.received]


@pytest.fixture
def receive(settings):
    """`receive(*statuses, **headers)`: a receiver on loopback, which this installation allows."""
    settings.PENDO_ALLOW_CUSTOM_URL = True
    settings.PUBLIC_URL = "https://desk.example.com"
    with contextlib.ExitStack() as stack:

        def start(*statuses, **headers):
            receiver = Receiver(statuses=list(statuses), headers=headers)

            class Handler(BaseHTTPRequestHandler):
                def do_POST(self):
                    receiver.answer(self)

                def log_message(self, *_):
                    pass

            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
            stack.callback(server.shutdown)
            receiver.url = f"http://127.0.0.1:{server.server_port}/hook?token=s3cret"
            threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
            return receiver

        yield start


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR, name="Ada Administrator", email="ada@colleagues.example")


@pytest.fixture
def endpoint_at(administrator):
    """`endpoint_at(receiver, *types)`: an endpoint set up on screen, and its secret."""

    def make(receiver, *types, owner=None):
        facts = EndpointFacts(types or list(EventType), owner or administrator, "Tickets")
        return add_endpoint(url=receiver.url, facts=facts, by=administrator)

    return make
