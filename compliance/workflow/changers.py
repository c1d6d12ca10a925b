"""Who entered a request, supplied what it asks, or ever changed it: none of them decides about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from compliance.people.models import Person

    from .models import Request


def note_changer(request: Request, *people: Person) -> None:
    """These people are among its changers, whoever changes it after them. Inside a transaction."""
    request.changers.add(*people)


def is_changer(request: Request, person: Person) -> bool:
    """Whether the person has a hand in what the request asks."""
    return request.changers.filter(pk=person.pk).exists()


def changer_keys(request: Request) -> set[int]:
    """The primary keys of everybody who has."""
    return set(request.changers.order_by("pk").values_list("pk", flat=True))
