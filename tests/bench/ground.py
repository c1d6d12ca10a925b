"""What several benchmarks stand on: Django on a database of their own, and how much memory is held."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path


def prepare(folder: Path) -> None:
    """Django on the database that DATABASE_URL names, or on SQLite in the folder; migrated."""
    from compliance.core.secrets import MAKERS  # noqa: PLC0415 -- the environment comes first

    own = {"DJANGO_SETTINGS_MODULE": "compliance.settings", "VAR_DIR": str(folder)}
    own |= {name: make() for name, make in MAKERS.items()} | {"PENDO_ALLOW_CUSTOM_URL": "1"}
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder / 'desk.sqlite3'}")
    os.environ |= own

    import django  # noqa: PLC0415 -- as above

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 -- after django.setup

    call_command("migrate", verbosity=0)


def resident() -> float:
    """Megabytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def most_resident() -> float:
    """Megabytes of memory that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


class Watch:
    """Seconds since it was made: on the wall, and of this process's own work."""

    def __init__(self) -> None:
        self.began = time.monotonic(), time.process_time()

    def read(self) -> tuple[float, float]:
        wall, work = self.began
        return time.monotonic() - wall, time.process_time() - work
