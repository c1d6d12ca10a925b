"""`manage.py moves`: the tables that docs/architecture.md prints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from compliance.execution.meaning import one_by_one_table, table
from compliance.workflow.moves import diagram

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Print a table from the code."""

    help = "Print the state diagram of a request, or with --answers what each answer to a call means."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`--answers`."""
        parser.add_argument("--answers", action="store_true")

    def handle(self, *, answers: bool, **_: Any) -> None:
        """Print."""
        self.stdout.write(f"{table()}\n\n{one_by_one_table()}" if answers else diagram())
