"""`./run bench volume`: how fast the engine sends a large request where Pendo sets no pace, and its memory.

For each size and database the engine works in a process of its own, on SQLite and PostgreSQL in throw-away
folders; the sandbox is another process. Beside it stands the bare sending of the same ids in the same run.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.bench.table import say

if TYPE_CHECKING:
    import argparse

CHUNK = 10_000
SIZES = (10_000, 100_000, 500_000)
ROOT = Path(__file__).resolve().parents[2]
COLUMNS = "{:<12}{:>10}{:>9}{:>13}{:>13}{:>8}{:>8}{:>11}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How large, and where."""
    parser.add_argument("--targets", type=int, nargs="+", default=SIZES, help="(10,000 100,000 500,000)")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"], help="one of the databases")
    parser.add_argument("--port", type=int, default=18765, help="of the sandbox (18765)")
    parser.add_argument(
        "--database", help="address of an empty database: one line, as JSON, of the first size"
    )


def run(options: argparse.Namespace) -> None:
    """Print the table."""
    if options.database:
        measure_one(options)
        return
    from tests.suite import DATABASES  # noqa: PLC0415 -- starts servers

    say("one request, no pace, one sender; seconds on the wall, targets a second, MB at most:")
    say(COLUMNS.format("", "targets", "s", "targets/s", "of own time", "ratio", "MB", "MB before"))
    for name in [options.only] if options.only else DATABASES:
        for targets in options.targets:
            with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as folder:
                print_row(name, targets, measured(name, Path(folder), targets, options.port))


def measured(name, folder, targets, port):
    """What a process of its own measures, on an empty database."""
    from tests.databases import new_database  # noqa: PLC0415
    from tests.suite import DATABASES  # noqa: PLC0415 -- as above

    with DATABASES[name](folder) as server:
        database = new_database(server) if name == "PostgreSQL" else server
        numbers = [f"--targets={targets}", f"--port={port}", f"--database={database}"]
        command = [sys.executable, "-m", "tests.bench", "volume", *numbers]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def print_row(name, targets, found):
    """`ratio`: to bare sending; `MB`: the most held while sending; `MB before`: what was held as it began."""
    say(
        COLUMNS.format(
            name,
            f"{targets:,}",
            f"{found['wall']:.1f}",
            f"{targets / found['wall']:,.0f}",
            f"{targets / found['own']:,.0f}",
            f"{found['wall'] / found['bare']:.1f}",
            f"{found['after']:.0f}",
            f"{found['before']:.0f}",
        )
    )


def measure_one(options):
    """One size on one database, as JSON."""
    from tests.e2e.desk import SECRETS  # noqa: PLC0415 -- reads the settings, so the environment comes first

    with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as folder:
        own = {"DJANGO_SETTINGS_MODULE": "compliance.settings", "DEMO": "1", "VAR_DIR": folder}
        os.environ |= own | SECRETS | {"TIMINGS": '{"bulk_interval": 0}', "PENDO_ALLOW_CUSTOM_URL": "1"}
        os.environ["DATABASE_URL"] = options.database
        with sandbox(options.port) as url:
            say(json.dumps(measure(url, options.targets[0])))


@contextmanager
def sandbox(port):
    """The address of a sandbox in a process of its own, without a pace."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sandbox", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until_it_answers(url)
        httpx.post(f"{url}/_sandbox/settings", json={"min_interval": 0, "start_after": 0}).raise_for_status()
        yield url
    finally:
        process.terminate()
        process.wait()


def until_it_answers(url):
    """Returns once it does."""
    for _ in range(200):
        try:
            httpx.get(f"{url}/_sandbox/state").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the sandbox did not start")


def measure(url, targets):
    """Fill, send, and send the same bare."""
    import django  # noqa: PLC0415 -- the environment above comes first

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    request, subscription = approved(url, targets)
    before = forget_peak_memory()
    sent = sending(request, subscription)
    after = peak_memory()
    bare = bare_sending(url, targets)
    return {"wall": sent.wall, "own": sent.own, "bare": bare.wall, "before": before, "after": after}


class Taken:
    """Seconds: by the clock, and of this process's own work."""

    def __enter__(self):
        self._wall, self._own = time.monotonic(), time.process_time()
        return self

    def __exit__(self, *_):
        self.wall, self.own = time.monotonic() - self._wall, time.process_time() - self._own


def forget_peak_memory():
    """`peak_memory` counts anew, as Linux lets it (proc(5), clear_refs). Returns what is held now, in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    return memory("VmRSS")


def peak_memory():
    """The most that this process has held since then, in MB."""
    return memory("VmHWM")


def memory(name):
    """A line of proc(5), status, in MB."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found.group(1)) / 1024


def approved(url, targets):
    """A request of so many visitors, approved, and its subscription."""
    from compliance.core.clock import today  # noqa: PLC0415 -- after django.setup
    from compliance.people.membership import add_person  # noqa: PLC0415
    from compliance.people.roles import Role  # noqa: PLC0415
    from compliance.sandbox.keys import DEMO_WRITE_KEY  # noqa: PLC0415
    from compliance.subscriptions.keys import add_subscription_with_key  # noqa: PLC0415
    from compliance.workflow.approvals import approve  # noqa: PLC0415
    from compliance.workflow.models import Preview, Request  # noqa: PLC0415
    from compliance.workflow.opening import Wish, record_wish  # noqa: PLC0415
    from compliance.workflow.previews import digest_of  # noqa: PLC0415
    from compliance.workflow.states import Kind, State  # noqa: PLC0415

    people = [
        add_person(name=role, email=f"{role}@desk.example", roles=[role], by=None)
        for role in (Role.ANALYST, Role.OFFICER)
    ]
    subscription = add_subscription_with_key(
        name="Sandbox", region="us", production=False, key=DEMO_WRITE_KEY, by=None, url=url
    )
    wish = Wish(kind=Kind.TEST_DATA, received_on=today(), things=[], subscriptions=[subscription])
    request = record_wish(wish=wish, by=people[0], state=State.PREVIEWING)
    fill(request, subscription, targets)
    preview = Preview.objects.create(
        request=request, number=1, ready_at=request.opened_at, found=targets, digest=digest_of(request)
    )
    Request.objects.filter(pk=request.pk).update(state=State.PREVIEWED)
    approve(request=request, digest=preview.digest, count=targets, by=people[1])
    return Request.objects.get(pk=request.pk), subscription


def fill(request, subscription, targets):
    """So many visitors stand as looked up and found, with what a preview keeps of each."""
    from tests.workflow_fixtures import keep_targets, visitor  # noqa: PLC0415 -- after django.setup

    for start in range(0, targets, CHUNK):
        names = [named(number) for number in range(start, min(start + CHUNK, targets))]
        keep_targets(request, subscription, [visitor(name) for name in names])


def named(number):
    """An id of the length that e-mail addresses have."""
    return f"visitor.number.{number:07d}@person.example"


def sending(request, subscription):
    """The time from the end of grace until all of it is accepted."""
    from compliance.execution.dispatch import work_lane  # noqa: PLC0415 -- after django.setup
    from compliance.execution.planning import begin_execution  # noqa: PLC0415
    from compliance.subscriptions.models import LaneKind  # noqa: PLC0415
    from compliance.workflow.states import State  # noqa: PLC0415

    lane = subscription.lanes.get(kind=LaneKind.BULK)
    with Taken() as sent:
        begin_execution(request)
        while request.state != State.CONFIRMING:
            work_lane(lane.pk)
            request.refresh_from_db(fields=["state"])
    return sent


def bare_sending(url, targets):
    """The time that the same calls take without anything written down."""
    from compliance.connectors.pendo import Pendo  # noqa: PLC0415 -- after django.setup
    from compliance.connectors.pendo.client import MOST_IDS_A_CALL  # noqa: PLC0415
    from compliance.sandbox.keys import DEMO_WRITE_KEY  # noqa: PLC0415

    with Pendo(base_url=url, key=DEMO_WRITE_KEY, deadline=30) as pendo, Taken() as bare:
        for start in range(0, targets, MOST_IDS_A_CALL):
            numbers = range(start, min(start + MOST_IDS_A_CALL, targets))
            pendo.delete_visitors([f"bare.{named(number)}" for number in numbers])
    return bare
