"""The demo's people must not outlive the demo: everybody knows their password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from compliance.people.models import Person

from .people import PASSWORD, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Sequence


@register(Tags.database)
def nobody_of_the_demo_is_here(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """`migrate` refuses a database of the demo once DEMO is off: two of its people are administrators."""
    if settings.DEMO or not any(_knows_people(alias) and _can_log_in(alias) for alias in databases or ()):
        return []
    return [
        Error(
            "The demo's people, with a password that everybody knows, can log in to this database.",
            hint="Start with an empty database (another DATABASE_URL or VAR_DIR), or set DEMO=1.",
            id="erasure_desk.E004",
        )
    ]


def _knows_people(alias: str) -> bool:
    return Person._meta.db_table in connections[alias].introspection.table_names()


def _can_log_in(alias: str) -> bool:
    invented = [person.email for person in PEOPLE]
    people = Person.objects.using(alias).filter(email__in=invented, is_active=True)
    return any(person.check_password(PASSWORD) for person in people)
