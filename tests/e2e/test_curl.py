"""The deletion of docs/api.md, run word for word by a shell against the running product."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from .desk import ROOT

DELETION = re.compile(r"## A deletion by curl\n.*?```sh\n(?P<script>.*?)```", re.DOTALL)
IDS = re.compile(r'"id": "(?P<id>[^"]+)"')


@pytest.fixture
def checkout(tmp_path):
    """A folder as `./run setup` leaves it: the application, and its Python under .venv."""
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    # Not a link: Python would look for its libraries beside it.
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    return tmp_path


def test_the_documented_deletion_ends_with_what_was_asked_erased(desk, checkout):
    script = DELETION.search(Path(ROOT / "docs" / "api.md").read_text())["script"]
    ids = IDS.findall(script)
    before = visitors_of(desk)

    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=checkout,
        env=os.environ | desk.environment | {"DESK": desk.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(rf"ED-\w{{8}}: {len(ids)} erased", done.stdout.splitlines()[-1])
    assert len(ids) > 1
    assert before - visitors_of(desk) == set(ids)


def visitors_of(desk):
    return set(httpx.get(f"{desk.sandbox}/visitors?subscription=demo").json()["visitors"])
