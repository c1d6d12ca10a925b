"""`./run bench engine`: what the engine costs beyond what Pendo's pace allows, measured on the sandbox.

The whole product runs as it does for `./run`, on SQLite in a throw-away folder. Every figure comes from the
sandbox's own books, on its monotonic clock.
"""

from __future__ import annotations

import itertools
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.bench.table import say

if TYPE_CHECKING:
    import argparse

VISITORS_A_REQUEST = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much is measured."""
    parser.add_argument("--requests", type=int, default=20, help="requests a measurement (default 20)")


def run(options: argparse.Namespace) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "compliance.settings", "DEMO": "1", "VAR_DIR": folder}
        os.environ.pop("DATABASE_URL", None)
        measure(Path(folder), options.requests)


def measure(folder: Path, size: int) -> None:
    """Start the desk, measure, stop it."""
    import django  # noqa: PLC0415 -- the environment above comes first

    from tests.e2e.desk import SECRETS, start_desk  # noqa: PLC0415 -- reads the settings

    os.environ |= SECRETS | {"DATABASE_URL": f"sqlite:///{folder / 'desk.sqlite3'}"}
    desk = start_desk(folder)
    try:
        django.setup()
        delays = first_bytes(desk, size)
        gaps, wall = paced(desk, size)
    finally:
        desk.stop()
    say(f"from the end of grace to the first byte at Pendo, {size} requests one after the other (seconds):")
    say(f"  median {statistics.median(delays):.2f}, longest {max(delays):.2f}")
    say(f"{size} requests approved at once, one bulk call each, pace one call a second:")
    say(f"  wall / (calls x interval) {wall / size:.3f}, smallest gap {min(gaps):.3f} s")


def first_bytes(desk, size):
    """Seconds between the approval (no grace period here) and the bulk call, for each request."""
    delays = []
    for number in range(size):
        [request] = previewed(desk, 1, offset=number * VISITORS_A_REQUEST)
        before = len(bulk_calls(desk))
        approved_at = approve(request)
        until(lambda before=before: len(bulk_calls(desk)) > before)
        delays.append(bulk_calls(desk)[-1]["time"] - approved_at)
    return delays


def paced(desk, size):
    """The gaps between calls of requests approved at once, and the time they took, one interval added."""
    requests = previewed(desk, size, offset=1000)
    before = len(bulk_calls(desk))
    for request in requests:
        approve(request)
    until(lambda: len(bulk_calls(desk)) >= before + size)
    times = [call["monotonic"] for call in bulk_calls(desk)[before : before + size]]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return gaps, times[-1] - times[0] + 1.0


def previewed(desk, count, *, offset):
    """So many requests, each for visitors of its own, previewed by the running worker."""
    from compliance.core.clock import today  # noqa: PLC0415 -- after django.setup
    from compliance.people.models import Person  # noqa: PLC0415
    from compliance.subscriptions.models import Subscription  # noqa: PLC0415
    from compliance.workflow.models import Request  # noqa: PLC0415
    from compliance.workflow.opening import Wish, open_request  # noqa: PLC0415
    from compliance.workflow.states import AskedKind, Channel, Identity, State  # noqa: PLC0415
    from compliance.workflow.things import named  # noqa: PLC0415

    there = httpx.get(f"{desk.sandbox}/visitors?subscription=demo").json()["visitors"]
    analyst = Person.objects.get(email="analyst@demo.example")
    requests = []
    for number in range(count):
        start = offset + number * VISITORS_A_REQUEST
        wish = Wish(
            law="EU_GDPR",
            received_on=today(),
            channel=Channel.EMAIL,
            identity=Identity.VOUCHED,
            things=named(AskedKind.VISITOR, there[start : start + VISITORS_A_REQUEST]),
            subscriptions=list(Subscription.objects.all()),
        )
        requests.append(open_request(wish=wish, by=analyst))
    keys = [request.pk for request in requests]
    until(lambda: Request.objects.filter(pk__in=keys, state=State.PREVIEWED).count() == count)
    return list(Request.objects.filter(pk__in=keys))


def approve(request):
    """Approved by an officer; returns the moment (seconds since the epoch)."""
    from compliance.people.models import Person  # noqa: PLC0415 -- after django.setup
    from compliance.workflow.approvals import approve as give  # noqa: PLC0415
    from compliance.workflow.previews import current_preview  # noqa: PLC0415

    preview = current_preview(request)
    officer = Person.objects.get(email="officer@demo.example")
    give(request=request, digest=preview.digest, count=preview.found, by=officer)
    return time.time()


def bulk_calls(desk):
    """The bulk calls in the sandbox's books."""
    calls = httpx.get(f"{desk.sandbox}/books?since=0").json()["calls"]
    return [call for call in calls if call["method"] == "POST" and "bulkdelete" in call["route"]]


def until(condition, seconds=120):
    """Returns once it holds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit("the trial did not come to its end in time")
        time.sleep(0.02)
