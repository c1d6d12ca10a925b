"""The whole product as processes of its own: supervisor, worker group, web server, sandbox."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from compliance.core.secrets import MAKERS
from compliance.demo.people import PASSWORD
from tests.databases import own_database

ROOT = Path(__file__).resolve().parents[2]
QUICK = {
    "tick": 1.0,
    "stale": 12,
    "bulk_interval": 1.0,
    "ask": [1, 2],
    "settle_after": 4,
    "retry": [1, 2],
    "receipt": [1, 1],
    "recheck": [1, 2],
}
START_SECONDS = 120
FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
SECRETS = {name: make() for name, make in MAKERS.items()}


@dataclass
class Desk:
    """A running Erasure Desk."""

    process: subprocess.Popen
    port: int
    sandbox_port: int
    log: Path
    #: What its processes were told, for commands beside them.
    environment: dict[str, str]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self):
        return f"http://127.0.0.1:{self.sandbox_port}/_sandbox"

    def health(self):
        return httpx.get(f"{self.url}/healthz", timeout=30).json()

    def processes(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    def worker_group(self):
        """Every process of the worker group, its leader first."""
        supervised = psutil.Process(self.process.pid).children()
        leader = next(child for child in supervised if "qcluster" in " ".join(child.cmdline()))
        return [leader, *leader.children(recursive=True)]

    def stop(self):
        """Asked to stop as Ctrl-C asks, it ends by itself; returns its exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=40)


class Colleague:
    """A person with a browser that has no screen."""

    def __init__(self, desk, email):
        self.http = httpx.Client(
            base_url=desk.url, follow_redirects=True, headers={"Referer": desk.url + "/"}
        )
        self.post("/account/login/", login=email, password=PASSWORD)

    def get(self, path):
        return self.http.get(path).text

    def post(self, path, page=None, **values):
        token = FIELD.search(self.get(page or path)).group(1)
        answer = self.http.post(path, data={"csrfmiddlewaretoken": token, **values})
        assert answer.status_code == 200, answer.text
        return answer

    def close(self):
        self.http.close()

    def prove_who_they_are(self):
        self.post("/account/reauthenticate/", password=PASSWORD)


def start_desk(folder, *, after=None, copied=False, **environment):
    """The demo, answering, with a worker that has worked.

    With all that one had that has ended, or with the tables `copied`, or, as on a fresh machine, empty.
    """
    port, sandbox_port = (after.port, after.sandbox_port) if after else (free_port(), free_port())
    log = folder / "desk.log"
    told = after.environment if after else desk_environment(folder, sandbox_port, copied=copied)
    told |= environment
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--demo", f"--port={port}"],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | told,
        )
    desk = Desk(process, port, sandbox_port, log, told)
    try:
        wait_until(lambda: "Ctrl-C" in log.read_text() or process.poll() is not None, START_SECONDS, desk)
        assert process.poll() is None, log.read_text()
        wait_until(lambda: desk.health()["heartbeat_age"] is not None, START_SECONDS, desk)
    except BaseException:
        desk.stop()
        raise
    return desk


def desk_environment(folder, sandbox_port, *, copied=False):
    return {
        "DEMO": "1",
        "VAR_DIR": str(folder),
        "DATABASE_URL": own_database(folder, copied=copied),
        "SANDBOX_PORT": str(sandbox_port),
        "TIMINGS": json.dumps(QUICK),
        **SECRETS,
    }


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds, desk):
    """Returns what `condition` says once that is true; fails with the log after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s; the log says:\n{desk.log.read_text()[-4000:]}")
