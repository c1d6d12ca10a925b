"""`./run bench kills`: worker groups, web server, supervisor and database connections killed at random.

The whole product runs beside a sandbox of its own, on SQLite and on PostgreSQL in throw-away folders, while
requests come in over the REST interface, and Pendo misbehaves. What comes of it is judged by the sandbox's
books. Ends with exit status 1 if anything was lost, untrue, or sent twice without having asked.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.table import say

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much, and where."""
    parser.add_argument("--kills", type=int, default=200, help="(200)")
    parser.add_argument("--visitors", type=int, default=20_000, help="to be erased (20,000)")
    parser.add_argument("--resets", type=int, default=2_000, help="guide resets (2,000)")
    parser.add_argument("--every", type=float, default=4, help="seconds between two kills, on average (4)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of all chances (random)")
    parser.add_argument("--only", choices=["SQLite", "PostgreSQL"], help="one of the databases")
    parser.add_argument("--patience", type=float, default=900, help="seconds after the last kill (900)")
    parser.add_argument("--groups", type=int, default=1, help="worker groups; above 1 on PostgreSQL only (1)")
    parser.add_argument("--keep", type=Path, help="a folder for the logs, to be looked at afterwards")


def run(options: argparse.Namespace) -> None:
    """Print a table for each database."""
    from tests.suite import DATABASES  # noqa: PLC0415 -- not needed for --help

    signal.signal(signal.SIGTERM, terminated)
    names = ["PostgreSQL"] if options.groups > 1 else [options.only] if options.only else list(DATABASES)
    outcomes = {}
    for name in names:
        with tempfile.TemporaryDirectory(prefix="erasure-desk-bench-") as folder:
            outcomes[name] = on_database(name, Path(folder), options)
    raise SystemExit(int(any(outcome.breaches for outcome in outcomes.values())))


def terminated(number, _frame):
    """As an exception a termination, too, stops all processes and removes the folder, if left to do so."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(128 + number)


def on_database(name, folder, options):
    """The trial on one of them."""
    from tests.databases import new_database  # noqa: PLC0415
    from tests.suite import DATABASES  # noqa: PLC0415 -- as above
    from tests.trials.kills import Measure, run  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
    measure = Measure(
        kills=options.kills,
        visitors=options.visitors,
        resets=options.resets,
        every=options.every,
        patience=options.patience,
    )
    say(f"\n{name}, {options.groups} worker group(s), seed {options.seed}:")
    keep = options.keep / name if options.keep else folder / "trial"
    keep.mkdir(parents=True)
    with DATABASES[name](folder) as address:
        database = new_database(address) if name == "PostgreSQL" else address
        outcome = run(keep, database, measure, seed=options.seed, groups=options.groups, say=say)
    print_table(outcome)
    return outcome


def print_table(outcome):
    """What happened, and the verdict."""
    kills = ", ".join(f"{count} {what}" for what, count in sorted(outcome.kills.items()))
    facts = outcome.facts
    outcomes = ", ".join(f"{count:,} {what}" for what, count in facts["outcomes"].items())
    rows = [
        ("kills", f"{sum(outcome.kills.values())}: {kills}"),
        ("faults switched on", facts["faults"]),
        ("wall", f"{outcome.seconds:.0f} s"),
        ("bulk calls", facts["calls"]),
        ("of them refused", facts["refused"]),
        ("open lists asked for", facts["asked"]),
        ("calls of people repeated", facts["unanswered"]),
        ("ids sent again after asking", facts["repeated after asking"]),
        ("ids sent again after a day of doubt", facts["repeated after a day of doubt"]),
        ("ids sent again without asking", facts["repeated without asking"]),
        ("shortest wait before that", f"{facts['shortest wait']} s"),
        ("smallest gap of bulk calls", f"{facts['smallest gap']} s"),
        ("outcomes", outcomes),
        ("ledger entries", f"{facts['ledger entries']:,}"),
    ]
    for label, value in rows:
        say(f"  {label:<36} {value}")
    for breach in outcome.breaches:
        say(f"  BREACH: {breach[:2000]}")
    say(f"  verdict: {'FAILED' if outcome.breaches else 'passed'}")
