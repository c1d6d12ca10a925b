"""`manage.py rotate_encryption`: everything that ENCRYPTION_KEYS wrap, wrapped under the first of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core.rewrapping import Tally, rewrap_column, wrapped_fields
from compliance.people.second_factors import rewrap_second_factors

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAIN = "installation/encryption"
MOST_NAMED = 20


class Command(BaseCommand):
    """Kill it and run it again as you like: what is done stays done, and the rest is found."""

    help = (
        "Wrap every data key and second factor under the first of ENCRYPTION_KEYS. Put the new key in front "
        "of the old ones and restart web and worker before. Safe to stop and to run again."
    )

    def handle(self, **_: Any) -> None:
        """Pass over everything until a pass finds nothing to do, then say whether older keys can go."""
        rewrapped = 0
        while True:
            tallies = self._pass()
            done = sum(tally.rewrapped for tally in tallies)
            rewrapped += done
            if not done:
                break
        _refuse_unreadable(tallies)
        seen = sum(tally.seen for tally in tallies)
        _record(rewrapped, seen)
        self.stdout.write(
            f"All {seen} values are wrapped under the first of ENCRYPTION_KEYS. The other keys can be "
            "removed, once every web and worker process has been started with the new one in front. A backup "
            "made before now still needs them: keep them as long as you keep it."
        )

    def _pass(self) -> list[Tally]:
        columns = [rewrap_column(model, column) for model, column in wrapped_fields()]
        places = [*columns, rewrap_second_factors()]
        return [tally for place in places for tally in self._followed(place)]

    def _followed(self, place: Iterator[Tally]) -> list[Tally]:
        """The tally of one place, its progress printed; none where the place is empty."""
        last: list[Tally] = []
        for tally in place:
            self.stdout.write(f"{tally.place}: {tally.seen} seen, {tally.rewrapped} wrapped anew")
            last = [tally]
        return last


def _refuse_unreadable(tallies: list[Tally]) -> None:
    rows = [row for tally in tallies for row in tally.unreadable]
    if rows:
        named = ", ".join(rows[:MOST_NAMED]) + (", …" if len(rows) > MOST_NAMED else "")
        raise CommandError(
            f"{len(rows)} values are opened by no key of ENCRYPTION_KEYS: {named}. Put the missing key "
            "behind the others and run this again. Remove no key until then."
        )


@transaction.atomic
def _record(rewrapped: int, seen: int) -> None:
    ledger.record(
        Event.ENCRYPTION_ROTATED,
        chain=CHAIN,
        actor=ledger.COMMAND_LINE,
        rewrapped=rewrapped,
        values=seen,
    )
