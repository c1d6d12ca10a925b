"""`manage.py add_subscription`: a subscription with its key, given by whoever owns the machine."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from compliance.connectors.pendo import REGIONS
from compliance.core.errors import Refused
from compliance.subscriptions.keys import add_subscription_with_key, key_in_use

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Adds a subscription whose key Pendo has verified; if the key is refused, nothing is kept."""

    help = "Add a Pendo subscription; its key is read from standard input, verified and sealed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, region, where the key comes from."""
        parser.add_argument("name")
        parser.add_argument("--region", required=True, choices=list(REGIONS))
        # A key among the arguments would stand in the list of processes and in the shell's history.
        parser.add_argument(
            "--key-stdin", action="store_true", required=True, help="read the key from standard input"
        )
        parser.add_argument(
            "--made-on", type=dt.date.fromisoformat, metavar="DATE", help="the day the key was made in Pendo"
        )
        parser.add_argument("--url", default="", help="another host; needs PENDO_ALLOW_CUSTOM_URL=1")
        parser.add_argument("--non-production", action="store_true", help="holds no data of real people")

    def handle(
        self,
        *,
        name: str,
        region: str,
        url: str,
        non_production: bool,
        made_on: dt.date | None,
        **_: Any,
    ) -> None:
        """Add the subscription, or say why not."""
        try:
            added = add_subscription_with_key(
                name=name,
                region=region,
                production=not non_production,
                url=url,
                key=sys.stdin.read(),
                made_on=made_on,
                by=None,
            )
        except Refused as refusal:
            raise CommandError(f"{refusal} Nothing was kept.") from refusal
        self.stdout.write(
            f"{added.name} is added; its key {key_in_use(added)} is verified, sealed and in use."
        )
