import contextlib
import socket
import threading

import pytest

from compliance.connectors.http import Wire
from compliance.connectors.pendo import Pendo
from compliance.sandbox.keys import DEMO_WRITE_KEY
from tests.connectors.scripted import ScriptedServer


@pytest.fixture
def scripted():
    """`scripted(script, ...)`: the address of a server that follows the scripts."""
    with contextlib.ExitStack() as stack:

        def start(*scripts):
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            server = ScriptedServer(f"http://127.0.0.1:{listening.getsockname()[1]}", list(scripts))
            threading.Thread(target=server.serve, args=[listening], daemon=True).start()
            return server

        yield start


@pytest.fixture
def wire_to():
    """`wire_to(server)`: a warm connection."""
    with contextlib.ExitStack() as stack:

        def connect(server, deadline=5.0):
            wire = Wire(base_url=server.url, headers={"x-pendo-integration-key": "k"}, deadline=deadline)
            return stack.enter_context(wire)

        yield connect


@pytest.fixture
def pendo_at():
    """`pendo_at(server)`: Pendo's calls to that server."""
    with contextlib.ExitStack() as stack:

        def connect(server, key=DEMO_WRITE_KEY, deadline=5.0):
            return stack.enter_context(Pendo(base_url=server.url, key=key, deadline=deadline))

        yield connect


@pytest.fixture
def pendo(sandbox, pendo_at):
    """Pendo's calls to the sandbox, with a key that may write."""
    return pendo_at(sandbox)


@pytest.fixture
def demo(sandbox):
    return sandbox.world.subscriptions["demo"]
