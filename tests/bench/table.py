"""What the benchmarks print."""

from __future__ import annotations

import sys


def say(line: str) -> None:
    """A line of the table, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
