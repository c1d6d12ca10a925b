"""`./run bench [NAME…]`: the benchmarks and long trials; without a name, all of them, one after the other.

Each is a module of this folder with `add_arguments(parser)` and `run(options)`, which prints its table.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys

NAMES = (
    "engine",
    "pace",
    "resets",
    "cleanup",
    "volume",
    "csv_upload",
    "preview",
    "watch",
    "lists",
    "whole",
    "kills",
    "stories",
    "schema",
)


def main(arguments: list[str]) -> int:
    """Run what is named. All of them run in processes of their own: each has settings and a database."""
    if arguments and arguments[0] in NAMES:
        return run_one(arguments[0], arguments[1:])
    if arguments:
        sys.stderr.write(f"usage: ./run bench [NAME [OPTION…]]; names: {', '.join(NAMES)}\n")
        return 2
    commands = [[sys.executable, "-m", "tests.bench", name] for name in NAMES]
    return max(subprocess.run(command, check=False).returncode for command in commands)


def run_one(name: str, arguments: list[str]) -> int:
    """One benchmark in this process."""
    bench = importlib.import_module(f"tests.bench.{name}")
    parser = argparse.ArgumentParser(prog=f"./run bench {name}", description=bench.__doc__)
    bench.add_arguments(parser)
    bench.run(parser.parse_args(arguments))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
