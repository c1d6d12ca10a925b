"""`./run bench pace`: how exactly the bulk lane keeps its pace over slices, hand-overs and workers.

The whole product runs as it does for `./run`, with 1, 2 and 4 workers. Every figure comes from the sandbox's
own books, on its monotonic clock: the time from the first call to the last, one interval added, beside what
the pace allows (at most 1.05 times as long), and the smallest gap between two calls (at least the interval).
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.bench.running import approved_request, books, running_desk, until
from tests.bench.table import say

if TYPE_CHECKING:
    import argparse

INTERVAL = 1.0
MOST_WALL = 1.05


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much."""
    parser.add_argument("--visitors", type=int, default=20_000, help="of the request (default 20,000)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="(default 1 2 4)")


def run(options: argparse.Namespace) -> None:
    """Print the table, a line for each number of workers, who have a desk and a process of their own."""
    if len(options.workers) == 1:
        measure(options.workers[0], options.visitors)
        return
    say(f"{options.visitors:,} visitors at one call in {INTERVAL:.0f} s:")
    command = [sys.executable, "-m", "tests.bench", "pace", "--visitors", str(options.visitors)]
    ended = [
        subprocess.run([*command, "--workers", str(workers)], check=False).returncode
        for workers in options.workers
    ]
    if any(ended):
        raise SystemExit(1)


def measure(workers: int, visitors: int) -> None:
    """Print the line of so many workers."""
    with running_desk(WORKERS=str(workers), TIMINGS=json.dumps({"bulk_interval": INTERVAL})) as desk:
        gaps, wall = paced(desk, visitors)
    say(
        f"  {workers} workers: {len(gaps) + 1} calls, wall / (calls x interval) {wall:.3f}, "
        f"smallest gap {min(gaps):.4f} s, longest {max(gaps):.2f} s"
    )
    if wall > MOST_WALL or min(gaps) < INTERVAL:
        raise SystemExit(f"  the pace was NOT kept: at most {MOST_WALL}, and no gap below {INTERVAL} s")


def paced(desk, visitors):
    """The gaps between the calls, and how long they took, as a multiple of what the pace allows."""
    from compliance.workflow.states import Kind, State  # noqa: PLC0415 -- after django.setup
    from tests.workflow_fixtures import visitor  # noqa: PLC0415

    targets = [visitor(f"visitor.number.{number:07d}@person.example") for number in range(visitors)]
    request = approved_request(Kind.TEST_DATA, targets)

    def sent():
        request.refresh_from_db(fields=["state"])
        return request.state in (State.CONFIRMING, State.CLOSED)

    until(sent, seconds=visitors / 500 * INTERVAL * 3 + 60)
    times = [call["monotonic"] for call in books(desk) if call["route"].endswith("bulkdelete/visitor")]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    return gaps, (times[-1] - times[0] + INTERVAL) / (len(times) * INTERVAL)
