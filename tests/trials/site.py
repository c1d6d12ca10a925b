"""A sandbox, a database, and the machines that work on it: each a supervisor with what it runs."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from compliance.core.secrets import MAKERS
from tests.e2e.desk import free_port

ROOT = Path(__file__).resolve().parents[2]
SUBSCRIPTION = "Demo (sandbox)"
START_SECONDS = 240
STOP_SECONDS = 60
#: Days of waiting in seconds, in the same proportions: a sender's lease outlives its task, a task its call,
#: and what was lost is sent again only after whatever still hangs at Pendo has come to its end.
TIMINGS = {
    "tick": 0.5,
    "slice": 2,
    "call_deadline": 3,
    "task_timeout": 6,
    "lease": 8,
    "stale": 12,
    "bulk_interval": 1.0,
    "retry": [1, 2, 4],
    "ask": [1, 2, 4],
    "settle_after": 8,
    "inconclusive_after": 20,
    "receipt": [1, 2, 4],
    "receipt_overdue": 40,
    "recheck": [1, 2, 4],
}
#: Pendo takes days; here a deletion waits so many seconds before it begins, and is done soon after.
SANDBOX = {"min_interval": 1.0, "start_after": 10, "done_after": 14, "merge_window": 4}


class Site:
    """Everything that runs in one trial; whoever makes it calls `stop` in the end."""

    def __init__(self, folder, database, *, groups=1, visitors=3_000, sandbox=SANDBOX):
        """`database`: the address of an empty one; `sandbox`: how quick its deletions are."""
        self.folder, self.database = folder, database
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
            **{name: make() for name, make in MAKERS.items()},
            "DEMO": "1",
            "DATABASE_URL": database,
            "VAR_DIR": str(folder / "var"),
            "TIMINGS": json.dumps(TIMINGS),
        }
        self.port, self.sandbox_port = free_port(), free_port()
        self.log = folder / "site.log"
        self._output = self.log.open("ab")
        self._visitors, self._settings = visitors, sandbox
        self.tokens = {}
        self.pendo = None
        web_and_worker = ["up", f"--port={self.port}"]
        self.machines = [Machine(self, f"machine{number}", web_and_worker) for number in range(groups)]
        for further in self.machines[1:]:
            further.arguments = ["up", "--no-web"]

    # -- its life ------------------------------------------------------------------------------------------

    def start(self):
        """The sandbox answers, the demo's people stand, all machines work."""
        arguments = ["sandbox", f"--port={self.sandbox_port}", f"--visitors={self._visitors}"]
        self.pendo = self.popen(arguments)
        until(lambda: answers(f"{self.sandbox}/state"), START_SECONDS, self)
        self.control("settings", self._settings)
        self.tokens = self.ask("founding", str(self.sandbox_port))
        for machine in self.machines:
            machine.start()
        until(self.works, START_SECONDS, self)

    def works(self, within=5.0):
        """Whether the web server answers, and says that a worker was seen in the last so many seconds."""
        try:
            health = httpx.get(f"{self.url}/healthz", timeout=5).json()
        except (httpx.HTTPError, ValueError):
            return False
        return health["heartbeat_age"] is not None and health["heartbeat_age"] < within

    def look_after(self):
        """A supervisor that has ended is started again, as systemd would; what runs is kept in mind."""
        for machine in self.machines:
            if machine.process.poll() is not None:
                machine.start()
            machine.remember()

    def stop(self):
        """Nothing of it runs any more. Returns how many processes had to be ended by force."""
        for machine in self.machines:
            machine.ask_to_stop()
        for machine in self.machines:
            machine.wait()
        if self.pendo:
            self.pendo.terminate()
            self.pendo.wait()
        self._output.close()
        _, left = psutil.wait_procs(self.leftovers(), timeout=5)
        for process in left:
            process.kill()
        psutil.wait_procs(left, timeout=10)
        return len(left)

    def leftovers(self):
        """Processes that a machine once ran, and that live although its supervisor isn't theirs."""
        return [process for machine in self.machines for process in machine.leftovers()]

    # -- what is run ---------------------------------------------------------------------------------------

    def popen(self, arguments, **environment):
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | environment,
            stdout=self._output,
            stderr=self._output,
            # Ctrl-C in the terminal is for the trial, which stops all of it in order.
            start_new_session=True,
        )

    def ask(self, module, *arguments, given=""):
        """What a module of the trials prints, read as JSON; it runs as everything here does."""
        command = [sys.executable, "-m", f"tests.trials.{module}", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=given, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{module}: {done.stderr}")
        return json.loads(done.stdout)

    # -- where it is ---------------------------------------------------------------------------------------

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self):
        return f"http://127.0.0.1:{self.sandbox_port}/_sandbox"

    def control(self, what, values):
        """The sandbox is told."""
        answer = httpx.post(f"{self.sandbox}/{what}", json=values, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def look(self, what, **query):
        """The sandbox is asked."""
        answer = httpx.get(f"{self.sandbox}/{what}", params=query, timeout=120)
        answer.raise_for_status()
        return answer.json()


class Machine:
    """A supervisor with what it runs; its files are its own, the database is everybody's."""

    def __init__(self, site, name, arguments):
        self.site, self.name, self.arguments = site, name, arguments
        self.process = None
        self._seen = set()

    def start(self):
        self.process = self.site.popen(self.arguments, VAR_DIR=str(self.site.folder / self.name))

    def ask_to_stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self):
        if self.process:
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remember(self):
        """What runs below the supervisor is kept in mind: nothing leads to it once that is killed."""
        with suppress(psutil.Error):
            self._seen |= set(psutil.Process(self.process.pid).children(recursive=True))

    def leftovers(self):
        """What lives on of all that ran, without a supervisor above it."""
        running = [process for process in self._seen if process.is_running() and lives(process)]
        return [process for process in running if self.process.pid not in pids_above(process)]

    def victims(self):
        """Its running processes by what they are."""
        found = {}
        try:
            supervisor = psutil.Process(self.process.pid)
            found["supervisor"] = [supervisor]
            for child in supervisor.children():
                self._sort(child, found)
        except psutil.Error:
            pass
        return found

    def _sort(self, child, found):
        command = " ".join(child.cmdline())
        if "gunicorn" in command:
            found["web"] = [child, *child.children()]
        elif "qcluster" in command:
            found["leader"] = found["group"] = [child]
            for sentinel in child.children():
                found.setdefault("sentinel", []).append(sentinel)
                for process in sentinel.children():
                    found.setdefault(role(process), []).append(process)


def lives(process):
    """Whether it still runs: one that ended and that nobody has fetched yet does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def pids_above(process):
    try:
        return {parent.pid for parent in process.parents()}
    except psutil.Error:
        return set()


def role(process):
    """What a process below the sentinel is, by its title."""
    title = " ".join(process.cmdline())
    return next((name for name in ("pusher", "monitor") if re.search(rf"\b{name}\b", title)), "worker")


def answers(url):
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def until(condition, seconds, site):
    """Returns what `condition` says once that is true; ends the trial with the log after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.2)
    raise SystemExit(f"not within {seconds} s; the log says:\n{site.log.read_text()[-4000:]}")
