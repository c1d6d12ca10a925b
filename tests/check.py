"""`./run check`: everything besides tests that must be green. All steps run, even after one has failed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

BIN = Path(sys.executable).parent


class Step(NamedTuple):
    name: str
    command: list[str]


def steps() -> list[Step]:
    templates = [str(path) for path in Path("templates").rglob("*") if path.suffix in {".html", ".txt"}]
    # Named one by one: without a name, Django passes over an app that has no migrations at all.
    rooms = [path.parent.name for path in Path("compliance").glob("*/models*") if path.stem == "models"]
    return [
        Step("format", ["ruff", "format", "--check"]),
        Step("lint", ["ruff", "check"]),
        Step("templates", ["djade", "--check", "--target-version", "5.2", *templates]),
        Step("types", ["mypy"]),
        Step("import arrows", ["lint-imports", "--no-logo"]),
        Step("settings", ["python", "manage.py", "check", "--fail-level", "WARNING"]),
        Step("missing migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run", *rooms]),
        Step("shell", ["sh", "-n", "run"]),
        Step("shell in CI", ["sh", "-n", ".ci/run"]),
    ]


def passes(step: Step, environment: dict[str, str]) -> bool:
    print(f"\n== {step.name}", flush=True)
    return subprocess.run(step.command, env=environment, check=False).returncode == 0


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="erasure-desk-") as folder:
        # Django's own commands want settings: their secrets and database are thrown away again.
        environment = os.environ | {
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "DATABASE_URL": f"sqlite:///{folder}/check.sqlite3",
            "VAR_DIR": folder,
        }
        failed = [step.name for step in steps() if not passes(step, environment)]
    print(f"\ncheck: FAILED: {', '.join(failed)}" if failed else "\ncheck: all green")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
