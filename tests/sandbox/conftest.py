import ssl
from types import SimpleNamespace

import httpx
import pytest

from compliance.sandbox import keys
from compliance.sandbox.page import PAGES
from compliance.sandbox.seed import fill_default_world
from compliance.sandbox.server import running_sandbox
from compliance.sandbox.world import World

# Made once: reading the certificates takes longer than a test.
TLS = ssl.create_default_context()


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self):
        self.seconds = 1_000.0

    def __call__(self):
        return self.seconds

    def forward(self, seconds):
        self.seconds += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def world(clock):
    world = World(clock=clock)
    fill_default_world(world, visitors=200)
    return world


@pytest.fixture
def sandbox(world):
    """A running sandbox without a pace; deletions begin 5 seconds of `clock` later and are done after 15."""
    with running_sandbox(world=world, pages=PAGES, min_interval=0, start_after=5, done_after=15) as sandbox:
        yield sandbox


@pytest.fixture
def demo(world):
    return world.subscriptions["demo"]


@pytest.fixture
def client(sandbox):
    with _client(sandbox, keys.DEMO_WRITE_KEY) as client:
        yield client


@pytest.fixture
def reader(sandbox):
    with _client(sandbox, keys.DEMO_READ_KEY) as client:
        yield client


@pytest.fixture
def other(sandbox):
    with _client(sandbox, keys.OTHER_WRITE_KEY) as client:
        yield client


@pytest.fixture
def ids(demo):
    return demo.visitors.ids()


@pytest.fixture
def bulk_delete(client):
    def delete(*ids, kind="visitor"):
        return client.post(f"/api/v1/bulkdelete/{kind}", json={f"{kind}s": list(ids)})

    return delete


@pytest.fixture
def aggregate(client):
    def aggregate(source, *steps):
        pipeline = [{"source": source}, *steps]
        body = {
            "response": {"mimeType": "application/json"},
            "request": {"name": "test", "pipeline": pipeline},
        }
        answer = client.post("/api/v1/aggregation", json=body)
        rows = answer.json()["results"] if answer.status_code == 200 else None
        return SimpleNamespace(status=answer.status_code, rows=rows, answer=answer)

    return aggregate


def _client(sandbox, key):
    headers = {"x-pendo-integration-key": key}
    return httpx.Client(base_url=sandbox.url, headers=headers, timeout=5, trust_env=False, verify=TLS)
