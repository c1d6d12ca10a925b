"""`./run bench lists`: every list and dashboard page at 1,000 and at 1,000,000 requests, and a large request.

Runs on a throw-away SQLite, or on the empty database that --database names. Pages are asked for in this
process, through the whole of Django; a time is the median of several.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.table import say

if TYPE_CHECKING:
    import argparse

RUNS = 15
FEW, MOST_TIMES = 1_000, 3
SMALL = {"targets": 1_000, "batches": 100, "entries": 100}
LARGE = {"targets": 300_000, "batches": 2_000, "entries": 10_000}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How large, and where."""
    parser.add_argument("--requests", type=int, default=1_000_000, help="requests at the end (1,000,000)")
    parser.add_argument("--targets", type=int, default=LARGE["targets"], help="of the large one (300,000)")
    parser.add_argument("--database", help="address of an empty database, instead of SQLite")


def run(options: argparse.Namespace) -> None:
    """Print the tables."""
    from tests.e2e.desk import SECRETS  # noqa: PLC0415 -- reads the settings, so the environment comes first

    with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as folder:
        own = {"DJANGO_SETTINGS_MODULE": "compliance.settings", "DEMO": "1", "VAR_DIR": folder}
        os.environ |= own | SECRETS
        Path(folder, "static").mkdir()
        os.environ["DATABASE_URL"] = options.database or f"sqlite:///{folder}/lists.sqlite3"
        measure(options)


def measure(options: argparse.Namespace) -> None:
    """Fill, measure, fill more, measure again."""
    import django  # noqa: PLC0415 -- the environment above comes first

    django.setup()
    from django.conf import settings  # noqa: PLC0415 -- as above
    from django.core.management import call_command  # noqa: PLC0415 -- as above

    from tests.bench.desk_of_many import DeskOfMany  # noqa: PLC0415 -- as above

    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    desk = DeskOfMany()
    few = timed(desk, desk.grow(FEW))
    began = time.monotonic()
    pages = desk.grow(options.requests)
    say(f"filled to {options.requests:,} requests in {time.monotonic() - began:.0f} s")
    compare(few, timed(desk, pages), f"{FEW:,}", f"{options.requests:,}")
    compare(
        timed(desk, desk.pages_of(desk.executing(**SMALL))),
        timed(desk, desk.pages_of(desk.executing(**LARGE | {"targets": options.targets}))),
        f"{SMALL['targets']:,} targets",
        f"{options.targets:,}",
    )


def timed(desk, pages):
    """For each page its number of queries, and the median of its times in milliseconds."""
    return {name: (desk.queries(ask), median(ask)) for name, ask in pages.items()}


def median(ask) -> float:
    """Of several times, in milliseconds; the first asking only warms up."""
    ask()
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        ask()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def compare(few, many, head_of_few: str, head_of_many: str) -> None:
    """Print a line for each page; one that misses the target is marked."""
    say(f"\n{'page':44}{'queries':>10}{head_of_few:>14}{head_of_many:>14}{'ratio':>8}")
    for name, (queries, at_few) in few.items():
        queries_of_many, at_many = many[name]
        counts = f"{queries}" if queries == queries_of_many else f"{queries}->{queries_of_many}"
        missed = "  MISSED" if at_many > MOST_TIMES * at_few or queries != queries_of_many else ""
        say(f"{name:44}{counts:>10}{at_few:>11.1f} ms{at_many:>11.1f} ms{at_many / at_few:>8.2f}{missed}")
