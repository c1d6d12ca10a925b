"""A running desk for the tests of this folder."""

import pytest

from .desk import start_desk

RUNNING = pytest.StashKey()


@pytest.fixture(scope="session")
def desk(tmp_path_factory, request):
    """A demo of its own, on the database that this run tests, started as `./run` starts it."""
    running = request.config.stash[RUNNING] = start_desk(tmp_path_factory.mktemp("desk"))
    yield running
    stop(running)


def pytest_runtest_teardown(item, nextitem):
    """After the last test of this folder nothing of it runs: even idle, it would slow all others down."""
    if nextitem is None or item.path.parent != nextitem.path.parent:
        stop(item.config.stash.get(RUNNING, None))


def stop(desk):
    if desk and desk.process.poll() is None:
        desk.stop()
