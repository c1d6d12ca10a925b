"""The secrets of second factors, which stand wrapped under ENCRYPTION_KEYS like data keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from compliance.core.rewrapping import SLICE, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How everything begins that Fernet made: its version byte and the first bytes of a timestamp.
WRAPPED = "gAAAA"


def rewrap_second_factors() -> Iterator[Tally]:
    """Every secret is wrapped under the first key, or counted as unreadable; a tally after each slice."""
    tally = Tally("mfa.Authenticator.data")
    last = 0
    while keys := list(
        Authenticator.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:SLICE]
    ):
        with transaction.atomic():
            for authenticator in Authenticator.objects.select_for_update().filter(pk__in=keys).order_by("pk"):
                _rewrap_one(authenticator, tally)
        last = keys[-1]
        yield tally


def _rewrap_one(authenticator: Authenticator, tally: Tally) -> None:
    fresh = _rewrapped(authenticator.data, tally, f"{tally.place} of row {authenticator.pk}")
    if fresh != authenticator.data:
        authenticator.data = fresh
        authenticator.save(update_fields=["data"])


def _rewrapped(value: Any, tally: Tally, row: str) -> Any:
    """The same data; django-allauth keeps one secret as a text, or several in a list."""
    if isinstance(value, dict):
        return {name: _rewrapped(each, tally, row) for name, each in value.items()}
    if isinstance(value, list):
        return [_rewrapped(each, tally, row) for each in value]
    if isinstance(value, str) and value.startswith(WRAPPED):
        fresh = tally.rewrap(value.encode(), row=row)
        return value if fresh is None else fresh.decode()
    return value
