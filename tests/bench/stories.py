"""`./run bench stories`: long stories of what may happen to a few requests, in any order.

The test in `tests/execution/test_any_order.py`, with many more and longer examples. What breaks a rule is cut
down to the shortest story that does.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

TEST = "tests/execution/test_any_order.py"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where."""
    parser.add_argument("--only", choices=["sqlite", "postgres"], help="one of the databases")


def run(options: argparse.Namespace) -> None:
    """Ends with pytest's verdict."""
    only = [f"--{options.only}"] if options.only else []
    command = [sys.executable, "-m", "tests.suite", *only, "-n", "0", "--hypothesis-profile=long", TEST]
    raise SystemExit(subprocess.run(command, check=False).returncode)
