"""`manage.py demo`: invented people, and a subscription on the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from compliance.demo.building import build_demo
from compliance.demo.people import PASSWORD, PEOPLE

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Make the demo and say how to log in."""

    help = "Make the demo's people and its subscription on the sandbox. Needs DEMO=1 and a running sandbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--sandbox-port`."""
        parser.add_argument("--sandbox-port", type=int, default=8001)

    def handle(self, *, sandbox_port: int, **_: Any) -> None:
        """Refuse outside the demo; then build."""
        if not settings.DEMO:
            raise CommandError("This invents people with a known password. It needs DEMO=1.")
        url = f"http://127.0.0.1:{sandbox_port}"
        build_demo(sandbox_url=url)
        self.stdout.write(f"Sandbox Pendo (what it holds and was asked): {url}")
        self.stdout.write(f"Mail is written to files in {settings.EMAIL_FILE_PATH}")
        self.stdout.write(f"Log in with the password {PASSWORD} as")
        for person in PEOPLE:
            self.stdout.write(f"  {person.email:<24} {person.role.label}")
