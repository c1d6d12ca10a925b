"""`./run bench cleanup`: clean-up rules at size, as a pipeline runs them, by the sandbox's own books.

The whole product runs as for `./run`; the rules are run by `manage.py cleanup run` in processes of its own.
1. A rule about 3,000 test visitors among 50,000 others: only those are gone.
2. A rule that suddenly matches 40,000: nothing is sent, and it says why.
3. A guide reset for a hundred visitors named in a file.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from tests.bench.running import running_desk
from tests.bench.table import say

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

ROOT = Path(__file__).resolve().parents[2]
CHUNK = 2_000
TIMINGS = (
    '{"bulk_interval": 1, "receipt": [2, 5], "recheck": [2, 5, 10], "ask": [1, 2], "settle_after": 4, '
    '"retry": [1, 2]}'
)


def add_arguments(parser: ArgumentParser) -> None:
    """How many of which."""
    parser.add_argument("--others", type=int, default=50_000, help="visitors who stay (50,000)")
    parser.add_argument("--tests", type=int, default=3_000, help="test visitors (3,000)")
    parser.add_argument("--flood", type=int, default=40_000, help="that suddenly match (40,000)")
    parser.add_argument("--resets", type=int, default=100, help="guide resets (100)")


def run(options: Namespace) -> None:
    """Print what happened, and how long it took."""
    with running_desk(TIMINGS=TIMINGS) as desk:
        control(desk, "settings", {"min_interval": 0, "start_after": 1, "done_after": 3})
        control(desk, "seed", {"subscription": "demo", "visitors": options.others})
        add(desk, "qa-bench-", options.tests)
        rule = write_rules()
        before = known(desk)
        say(f"{options.tests:,} test visitors among {len(before) - options.tests:,} others:")
        seconds, told = command(rule, "--wait", "confirmed", "--timeout", "600")
        gone = before - known(desk)
        say(f"  exit {told['exit']} after {seconds:.0f} s: {told['outcomes']}")
        say(f"  gone by the books: {len(gone):,}; of them no test visitors: {len(others_in(gone))}")
        flood(desk, options)
        resets(desk, options)


def flood(desk, options):
    """The same rule, which suddenly matches far more."""
    add(desk, "qa-bench-", options.flood)
    before, posts = known(desk), bulk_calls(desk)
    say(f"the same rule suddenly matches {options.flood:,}:")
    seconds, told = command("nightly-bench", "--timeout", "600")
    say(f"  exit {told['exit']} after {seconds:.0f} s: {told['why']}")
    say(f"  gone: {len(before - known(desk))}; bulk calls: {bulk_calls(desk) - posts}")


def resets(desk, options):
    """A hundred visitors see their guides afresh, as before a run of tests."""
    names = [f"qa-bench-{number}" for number in range(options.resets)]
    file = Path(desk.log).parent / "visitors.txt"
    file.write_text("\n".join(names))
    say(f"guides reset for {options.resets} visitors of a file:")
    seconds, told = command("fresh-bench", "--visitors", str(file))
    say(f"  exit {told['exit']} after {seconds:.1f} s: {told['outcomes']}")
    done = httpx.get(f"{desk.sandbox}/resets?subscription=demo", timeout=60).json()["resets"]
    say(f"  resets in the sandbox's books: {len(done)}")


def write_rules() -> str:
    """Two rules of QA, with an officer's standing approvals."""
    from compliance.cleanup.approving import give_standing_approval, longest_day  # noqa: PLC0415 -- after django.setup
    from compliance.cleanup.choices import RuleAction, Source  # noqa: PLC0415
    from compliance.cleanup.definition import Definition  # noqa: PLC0415
    from compliance.cleanup.writing import write_rule  # noqa: PLC0415
    from compliance.people.models import Person  # noqa: PLC0415
    from compliance.subscriptions.models import Subscription  # noqa: PLC0415

    qa, officer = (Person.objects.get(email=f"{who}@demo.example") for who in ("qa", "officer"))
    about = {"source": Source.PREFIX, "value": "qa-bench-", "pattern": "qa-bench-*", "share": 10}
    for name, said in {
        "nightly-bench": Definition(action=RuleAction.ERASE, most=5_000, **about),
        "fresh-bench": Definition(action=RuleAction.RESET_GUIDES, most=5_000, reused=True, **about),
    }.items():
        rule = write_rule(name=name, subscription=Subscription.objects.get(), said=said, by=qa)
        version = rule.version
        give_standing_approval(rule=rule, digest=version.digest, ends_on=longest_day(version), by=officer)
    return "nightly-bench"


def command(rule: str, *options: str) -> tuple[float, dict]:
    """How long the command took, and what it told."""
    began = time.monotonic()
    line = [sys.executable, "manage.py", "cleanup", "run", rule, "--json", *options]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(done.stderr)
    return time.monotonic() - began, json.loads(done.stdout)


def add(desk, prefix, count):
    """So many visitors whose id begins so, first seen just now."""
    for start in range(0, count, CHUNK):
        names = [f"{prefix}{number}" for number in range(start, min(start + CHUNK, count))]
        control(desk, "visitors", {"subscription": "demo", "visitors": names})


def control(desk, what, values):
    """The sandbox is told."""
    httpx.post(f"{desk.sandbox}/{what}", json=values, timeout=600).raise_for_status()


def known(desk) -> set[str]:
    """The ids of everybody in the sandbox."""
    found = httpx.get(f"{desk.sandbox}/visitors?subscription=demo", timeout=600).json()
    return set(found["visitors"])


def others_in(ids) -> list[str]:
    """Those that aren't test visitors."""
    return [each for each in ids if not each.startswith("qa-bench-")]


def bulk_calls(desk) -> int:
    """How many bulk deletes have arrived."""
    calls = httpx.get(f"{desk.sandbox}/books", timeout=600).json()["calls"]
    return sum("bulkdelete/visitor" in each["route"] and each["method"] == "POST" for each in calls)
