"""The re-appearance watch over very many visitors: one pass over a whole subscription, on the sandbox.

As in `preview`, the sandbox is a process of its own, the read lane is worked in this process, and the measure
is reading the same pages and doing nothing with them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.ground import Watch, most_resident, prepare, resident
from tests.bench.preview import bare_reading, known_ids, sandbox, subscription_at
from tests.bench.table import say

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

A_SLICE = 10_000


def add_arguments(parser: ArgumentParser) -> None:
    """How many there are, how many were erased, and how many of those are there again."""
    parser.add_argument("--visitors", type=int, default=2_000_000, help="in the sandbox (default 2,000,000)")
    parser.add_argument("--erased", type=int, default=500_000, help="in the register (default 500,000)")
    parser.add_argument("--asked", type=int, default=2_000, help="of them there again (default 2,000)")


def run(options: Namespace) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as name:
        folder = Path(name)
        prepare(folder)
        with sandbox(options.visitors) as (url, key):
            subscription = subscription_at(url, key)
            register(subscription, known_ids(options), options.erased)
            pages, records, (bare, _) = bare_reading(subscription)
            before = resident()
            (wall, work), slices = one_pass(subscription)
            memory = most_resident()
    last = subscription.watch_passes.get()
    say(f"{options.visitors:,} visitors, {options.erased:,} erased, {options.asked:,} there again:")
    say(f"  a pass {wall:.0f} s, {slices} slices, {work:.0f} s of this process's own processor time;")
    say(f"  {last.records:,} records read, {last.found:,} found, {last.get_result_display().lower()}")
    say(f"  bare reading of {records:,} records, {pages} pages, {bare:.0f} s: {bare / wall:.2f} of bare")
    say(f"  memory at most {memory:.0f} MB ({before:.0f} MB before the pass)")


def register(subscription, there: list[str], count: int) -> None:
    """So many are in the register as erased: those that are there, and others that aren't."""
    from compliance.core import keyring  # noqa: PLC0415 -- after django.setup
    from compliance.core.clock import today  # noqa: PLC0415
    from compliance.people.membership import add_person  # noqa: PLC0415
    from compliance.people.roles import Role  # noqa: PLC0415
    from compliance.workflow.models import Erased  # noqa: PLC0415
    from compliance.workflow.opening import Wish, record_wish  # noqa: PLC0415
    from compliance.workflow.states import Kind, State  # noqa: PLC0415

    person = add_person(name="Ana", email="ana@bench.example", roles=[Role.ANALYST], by=None)
    wish = Wish(received_on=today(), things=(), subscriptions=[subscription], kind=Kind.OFFBOARDING)
    request = record_wish(wish=wish, by=person, state=State.CLOSED)
    number, digest = keyring.digester("visitor")
    names = [*there, *(f"gone {each}" for each in range(count - len(there)))]
    for start in range(0, count, A_SLICE):
        Erased.objects.bulk_create(
            Erased(
                request=request,
                subscription=subscription,
                kind="visitor",
                digest=digest(name),
                digest_key=number,
            )
            for name in names[start : start + A_SLICE]
        )


def one_pass(subscription) -> tuple[tuple[float, float], int]:
    """The time of a whole pass, and the slices."""
    from compliance.execution.dispatch import work_lane  # noqa: PLC0415 -- after django.setup
    from compliance.execution.passes import open_due_passes  # noqa: PLC0415
    from compliance.subscriptions.models import LaneKind  # noqa: PLC0415

    lane = subscription.lanes.get(kind=LaneKind.READ)
    open_due_passes()
    watch, slices = Watch(), 0
    while subscription.watch_passes.filter(ended_at__isnull=True).exists():
        work_lane(lane.pk)
        slices += 1
    return watch.read(), slices
