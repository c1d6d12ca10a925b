"""A running sandbox, and subscriptions that answer from it: for tests of every room that calls Pendo."""

import itertools

import pytest

from compliance.sandbox.keys import DEMO_WRITE_KEY
from compliance.sandbox.seed import fill_default_world
from compliance.sandbox.server import running_sandbox
from compliance.sandbox.world import World
from compliance.subscriptions.keys import add_subscription_with_key


@pytest.fixture
def sandbox():
    """A sandbox without a pace, over real HTTP; `sandbox.world` has `demo` with 200 visitors, and `other`."""
    world = World()
    fill_default_world(world, visitors=200)
    with running_sandbox(world=world, min_interval=0) as running:
        yield running


@pytest.fixture
def make_subscription(db, settings):
    """`make_subscription(sandbox, key=..., name=..., production=...)`: its key is verified and in use."""
    settings.PENDO_ALLOW_CUSTOM_URL = True
    numbers = itertools.count(1)

    def make(sandbox, key=DEMO_WRITE_KEY, name=None, *, production=False):
        return add_subscription_with_key(
            name=name or f"Subscription {next(numbers)}",
            region="us",
            production=production,
            key=key,
            by=None,
            url=sandbox.url,
        )

    return make
