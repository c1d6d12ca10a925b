"""A running sandbox, and subscriptions that answer from it: for tests of every room that calls Pendo."""

import itertools

import pytest

from compliance.sandbox.keys import DEMO_WRITE_KEY
from compliance.sandbox.seed import fill_default_world
from compliance.sandbox.server import running_sandbox
from compliance.sandbox.world import World
from compliance.subscriptions.keys import keep
from compliance.subscriptions.recognition import read_features
from compliance.subscriptions.registration import add_subscription
from compliance.subscriptions.verification import opened


@pytest.fixture
def sandbox():
    """A sandbox without a pace, over real HTTP; `sandbox.world` has `demo` with 200 visitors, and `other`."""
    world = World()
    fill_default_world(world, visitors=200)
    with running_sandbox(world=world, min_interval=0) as running:
        yield running


@pytest.fixture
def make_subscription(db, settings):
    """`make_subscription(sandbox, key=..., name=..., production=...)`: its key is verified and in use.

    Further ones are the same Pendo subscription once more, under keys of their own: nobody could enter that,
    but it spares another world.
    """
    settings.PENDO_ALLOW_CUSTOM_URL = True
    numbers = itertools.count(1)

    def make(sandbox, key=DEMO_WRITE_KEY, name=None, *, production=False):
        number = next(numbers)
        if key == DEMO_WRITE_KEY and number > 1:
            key = f"5a4db0c5-0000-4000-8000-0000000{number:05}.us"
            sandbox.world.subscriptions["demo"].keys[key] = True
        subscription = add_subscription(
            name=name or f"Subscription {number}",
            region="us",
            production=production,
            by=None,
            url=sandbox.url,
        )
        with opened(subscription, key) as pendo:
            features = read_features(pendo)
        keep(subscription, key, features, former=None, by=None, made_on=None)
        return subscription

    return make
