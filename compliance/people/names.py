"""Names for the references that the ledger holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.audit import ledger

from .models import Person

if TYPE_CHECKING:
    from collections.abc import Iterable

SPOKEN = {ledger.SYSTEM: "Erasure Desk", ledger.COMMAND_LINE: "The command line"}


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """For each actor of a ledger entry, what to call them."""
    wanted = set(actors)
    keys = [actor.removeprefix("person/") for actor in wanted if actor.startswith("person/")]
    people = {person.reference: person.name for person in Person.objects.filter(pk__in=keys)}
    return {actor: people.get(actor) or SPOKEN.get(actor, actor) for actor in wanted}
