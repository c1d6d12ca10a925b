"""A preview of very many visitors: one paged scan of a whole subscription, on the sandbox.

The sandbox is a process of its own; the read lane is worked in this process, slice by slice as a worker works
it, so that its memory can be told. The database is the one that DATABASE_URL names, or SQLite. The measure is
what can't be spared: reading the same pages and doing nothing with them.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.ground import Watch, most_resident, prepare, resident
from tests.bench.table import say

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

ROOT = Path(__file__).resolve().parents[2]
WANTED_SECONDS = 300


def add_arguments(parser: ArgumentParser) -> None:
    """How many there are, and how many are asked."""
    parser.add_argument("--visitors", type=int, default=2_000_000, help="in the sandbox (default 2,000,000)")
    parser.add_argument("--asked", type=int, default=300_000, help="of them (default 300,000)")


def run(options: Namespace) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as name:
        folder = Path(name)
        prepare(folder)
        with sandbox(options.visitors) as (url, key):
            subscription, ids = subscription_at(url, key), known_ids(options)
            request = asking(subscription, ids)
            before = resident()
            pages, records, (bare, bare_work) = bare_reading(subscription)
            (scan, scan_work), (adding, adding_work), slices = preview(request)
            memory = most_resident()
    preview_row = request.previews.last()
    say(f"{options.asked:,} of {options.visitors:,} visitors; pages of 5,000, {pages} of them:")
    say(f"  scan {scan:.0f} s, adding up {adding:.0f} s, together {scan + adding:.0f} s, {slices} slices")
    say(f"  (wanted: under {WANTED_SECONDS} s); {preview_row.found:,} found, {preview_row.not_found:,} not")
    say(f"  bare reading of {records:,} records {bare:.0f} s ({pages / bare:.1f} pages/s);")
    say(f"  the scan {pages / scan:.1f} pages/s: {bare / scan:.2f} of bare")
    say(
        f"  of this process's own processor time: bare {bare_work:.0f} s, scan {scan_work:.0f} s, "
        f"adding up {adding_work:.0f} s"
    )
    say(f"  memory at most {memory:.0f} MB ({before:.0f} MB before)")


@contextlib.contextmanager
def sandbox(visitors: int):
    """The address of a sandbox with so many visitors, and its key."""
    from compliance.sandbox.keys import DEMO_WRITE_KEY  # noqa: PLC0415 -- after django.setup

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "manage.py", "sandbox", f"--port={port}", f"--visitors={visitors}"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield f"http://127.0.0.1:{port}", DEMO_WRITE_KEY
    finally:
        process.terminate()
        process.wait()


def subscription_at(url: str, key: str):
    """A subscription on the sandbox."""
    from compliance.subscriptions.keys import add_subscription_with_key  # noqa: PLC0415 -- after django.setup

    return add_subscription_with_key(name="Bench", region="us", production=False, key=key, by=None, url=url)


def known_ids(options: Namespace) -> list[str]:
    """Ids of the sandbox, evenly spread, as it invents them."""
    from compliance.sandbox.seed import Invention, account_ids  # noqa: PLC0415 -- after django.setup

    invention = Invention(1, account_ids(1, 60), 0)
    step = options.visitors // options.asked
    return [invention.visitor_id(number * step) for number in range(options.asked)]


def asking(subscription, ids: list[str]):
    """A request for all of them, recorded as a file is, and its preview under way."""
    from django.db import transaction  # noqa: PLC0415 -- after django.setup

    from compliance.core.clock import today  # noqa: PLC0415
    from compliance.people.membership import add_person  # noqa: PLC0415
    from compliance.people.roles import Role  # noqa: PLC0415
    from compliance.workflow.opening import Wish, keep_asked, record_wish  # noqa: PLC0415
    from compliance.workflow.previews import start_preview  # noqa: PLC0415
    from compliance.workflow.states import AskedKind, Kind, State  # noqa: PLC0415
    from compliance.workflow.things import named  # noqa: PLC0415

    person = add_person(name="Ana", email="ana@bench.example", roles=[Role.ANALYST], by=None)
    wish = Wish(received_on=today(), things=(), subscriptions=[subscription], kind=Kind.TEST_DATA)
    with transaction.atomic():
        request = record_wish(wish=wish, by=person, state=State.PREVIEWING)
        for start in range(0, len(ids), 10_000):
            keep_asked(request, named(AskedKind.VISITOR, ids[start : start + 10_000]))
        start_preview(request=request, by=person)
    return request


def bare_reading(subscription) -> tuple[int, int, tuple[float, float]]:
    """Pages, records and time of reading everybody and doing nothing about it."""
    from compliance.connectors.pendo.client import PAGE  # noqa: PLC0415 -- after django.setup
    from compliance.execution.scanning import behind  # noqa: PLC0415
    from compliance.subscriptions.keys import open_pendo  # noqa: PLC0415
    from compliance.workflow.scans import Place  # noqa: PLC0415

    pages, records, place = 0, 0, Place(PAGE)
    with open_pendo(subscription) as pendo:
        pendo.visitors_page()
        watch = Watch()
        while True:
            _, page = pendo.visitors_page(after=place.after, limit=place.limit)
            new = [visitor for visitor in page if visitor.id > place.last]
            if not new:
                return pages, records, watch.read()
            place, pages, records = behind(page, place), pages + 1, records + len(new)


def preview(request) -> tuple[tuple[float, float], tuple[float, float], int]:
    """The time of scanning and of adding up, and the slices, until the preview is ready."""
    from compliance.execution.dispatch import work_lane  # noqa: PLC0415 -- after django.setup
    from compliance.execution.tasks import move_on  # noqa: PLC0415
    from compliance.subscriptions.models import LaneKind  # noqa: PLC0415
    from compliance.workflow.models import SCANNED  # noqa: PLC0415
    from compliance.workflow.states import State  # noqa: PLC0415

    lane = request.subscriptions.get().lanes.get(kind=LaneKind.READ)
    watch, scanned, slices = Watch(), None, 0
    while request.state == State.PREVIEWING:
        work_lane(lane.pk)
        if request.scans.filter(step__in=SCANNED).exists():
            if scanned is None:
                scanned, watch = watch.read(), Watch()
            move_on()
        slices += 1
        request.refresh_from_db()
    return scanned, watch.read(), slices
