"""`manage.py stop_sending`: the switch for all sending, for whoever owns the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from compliance.core.errors import Refused
from compliance.subscriptions.stopping import stop_sending

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Stops all sending, before the next call and on all machines; an officer lets it go on, on screen."""

    help = "Stop all sending to Pendo, to every subscription. A privacy officer lets it go on, on screen."

    def add_arguments(self, parser: CommandParser) -> None:
        """The reason, which officers read."""
        parser.add_argument("--reason", required=True)

    def handle(self, *, reason: str, **_: Any) -> None:
        """Stop, or say why not."""
        try:
            new = stop_sending(by=None, reason=reason)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        stopped = "All sending is stopped" if new else "It was stopped already; nothing has changed"
        self.stdout.write(
            f"{stopped}. What was sent is followed. A privacy officer lets it go on, on screen."
        )
