"""`manage.py up`: web and worker under one supervisor."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from compliance.execution.supervisor import Child, Supervisor, sandbox_child, web_child

if TYPE_CHECKING:
    from argparse import ArgumentParser

SANDBOX_SECONDS = 30


class Command(BaseCommand):
    """Start everything, keep it running, stop it cleanly."""

    help = "Run web and worker under one supervisor, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--no-web`, `--port`, `--demo`."""
        parser.add_argument("--no-web", action="store_true", help="worker only, for a further machine")
        parser.add_argument("--port", type=int, default=8000, help="the web server's port (default 8000)")
        parser.add_argument("--demo", action="store_true", help="migrate, start the sandbox, invent people")

    def handle(self, *, no_web: bool, port: int, demo: bool, **_: Any) -> None:
        """Prepare, then supervise."""
        sandbox_port = int(os.environ.get("SANDBOX_PORT", "8001"))
        for needed in ([] if no_web else [port]) + ([sandbox_port] if demo else []):
            _refuse_taken(needed)
        if demo:
            call_command("migrate", verbosity=0, interactive=False)
        _refuse_unmigrated()
        # Links in mails lead to where this very server answers, unless a proxy's address was given.
        os.environ["PUBLIC_URL"] = os.environ.get("PUBLIC_URL") or f"http://{settings.BIND}:{port}"
        call_command("createcachetable", verbosity=0)
        if not no_web:
            call_command("collectstatic", verbosity=0, interactive=False)
        helpers = [_started_sandbox(sandbox_port)] if demo else []
        words = _demo_words(sandbox_port) if demo else ""
        self._supervise(web_child(port=port) if not no_web else None, helpers, port, words)

    def _supervise(self, web: Child | None, helpers: list[Child], port: int, words: str) -> None:
        def announce() -> bool:
            if web and not _answers(port):
                return False
            where = f"Erasure Desk: http://{settings.BIND}:{port}" if web else "Erasure Desk: worker only"
            self.stdout.write(f"{where}\n{words}(Ctrl-C stops everything)")
            self.stdout.flush()
            return True

        connections.close_all()
        Supervisor(web=web, helpers=helpers, announce=announce).run()


def _started_sandbox(port: int) -> Child:
    sandbox = sandbox_child(port=port)
    sandbox.start()
    end = time.monotonic() + SANDBOX_SECONDS
    while not _answers(port):
        if not sandbox.is_running() or time.monotonic() > end:
            sandbox.end(seconds=0)
            raise CommandError("The sandbox did not start; its message stands above.")
        time.sleep(0.1)
    return sandbox


def _demo_words(sandbox_port: int) -> str:
    """Make the demo's people and subscription, and return how to log in."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "demo", f"--sandbox-port={sandbox_port}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise CommandError("The demo could not be made; the message stands above.")
    return done.stdout


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.BIND, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise CommandError(
                    f"Cannot listen at {settings.BIND}:{port}: {error.strerror}. Set BIND or another port."
                ) from error
            raise CommandError(
                f"Port {port} is taken by another program. Stop it, or choose other ports: "
                "PORT=8010 SANDBOX_PORT=8011 ./run"
            ) from error


def _refuse_unmigrated() -> None:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CommandError("The database is not up to date. Run: python manage.py migrate")


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((settings.BIND, port)) == 0
