"""A running desk for the tests of this folder."""

import pytest

from .desk import start_desk


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    """A demo of its own, on the database that this run tests, started as `./run` starts it."""
    folder = tmp_path_factory.mktemp("desk")
    running = start_desk(folder)
    yield running
    if running.process.poll() is None:
        running.stop()
