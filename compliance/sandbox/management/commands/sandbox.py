"""`manage.py sandbox`: the sandbox Pendo as a process of its own."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

from django.core.management.base import BaseCommand, CommandError

from compliance.sandbox.page import PAGES
from compliance.sandbox.seed import add_test_visitors, fill_default_world
from compliance.sandbox.server import SandboxServer
from compliance.sandbox.world import World

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Serves an invented Pendo until it is told to stop by SIGTERM or SIGINT."""

    help = "Run a Pendo to try things on: invented visitors, real answers, switchable faults."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what can be chosen at the start."""
        parser.add_argument("--port", type=int, required=True, help="the port to listen on")
        parser.add_argument(
            "--host", default="127.0.0.1", help="the address to listen on (default 127.0.0.1)"
        )
        parser.add_argument(
            "--visitors",
            type=int,
            help="visitors of the subscription demo; without it 3,000, and some that tests have left",
        )

    def handle(self, *, host: str, port: int, visitors: int | None, **_options: object) -> None:
        """Run until stopped. A port that can't be had ends it with exit status 1 and one line."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        server = _listening(host, port)
        if visitors is None:
            fill_default_world(server.world)
            add_test_visitors(server.world, server.world.subscriptions["demo"])
        else:
            fill_default_world(server.world, visitors=visitors)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.stdout.write(f"Sandbox Pendo at {server.url}")
        self.stdout.flush()
        stop.wait()
        server.shutdown()
        server.server_close()


def _listening(host: str, port: int) -> SandboxServer:
    try:
        return SandboxServer((host, port), World(), PAGES)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandError(
            f"The sandbox can't listen on {host}:{port} ({reason}). Choose another with --port."
        ) from None
