"""Worker groups that outlive their supervisor, with processes that only sleep in the place of workers."""

import json
import subprocess
import sys
import time

import psutil
import pytest

from compliance.execution.leftovers import end_leftovers, forget, note_down

SLEEP = "import time; time.sleep(60)"


@pytest.fixture
def folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return tmp_path / "worker-groups"


@pytest.fixture
def start():
    """`start("qcluster")`: a process of this name, with a process group of its own."""
    running = []

    def start(name):
        process = subprocess.Popen([sys.executable, "-c", SLEEP, name], start_new_session=True)
        running.append(process)
        # For a moment after its start, a process is known by no name at all.
        while name not in psutil.Process(process.pid).cmdline():
            time.sleep(0.01)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


def supervisor_has_died(folder, name):
    """Its number may belong to another process since."""
    file = folder / f"{name}.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"supervisor_since": 1.0}))


def test_group_of_a_dead_supervisor_is_ended(folder, start):
    group = start("qcluster")
    note_down("abc", group.pid)
    supervisor_has_died(folder, "abc")

    assert end_leftovers() == ["abc"]
    assert group.wait(timeout=5) < 0


def test_group_of_a_living_supervisor_goes_on(folder, start):
    group = start("qcluster")
    note_down("abc", group.pid)

    assert end_leftovers() == []
    assert group.poll() is None


def test_another_program_in_the_place_of_the_group_goes_on(folder, start):
    other = start("something-else")
    note_down("abc", other.pid)
    supervisor_has_died(folder, "abc")

    assert end_leftovers() == ["abc"]
    assert other.poll() is None


def test_group_that_has_gone_is_told_so_that_its_leases_can_be_freed(folder, start):
    group = start("qcluster")
    note_down("abc", group.pid)
    supervisor_has_died(folder, "abc")
    group.kill()
    group.wait()

    assert end_leftovers() == ["abc"]


def test_group_that_was_ended_in_order_is_no_leftover(folder, start):
    note_down("abc", start("qcluster").pid)
    supervisor_has_died(folder, "abc")
    forget("abc")

    assert end_leftovers() == []


def test_damaged_note_is_no_obstacle(folder):
    folder.mkdir()
    (folder / "abc.json").write_text("{")

    assert end_leftovers() == []
