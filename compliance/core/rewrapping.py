"""Changing ENCRYPTION_KEYS: every wrapped data key of every room, wrapped under the first of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import transaction

from . import crypto, keyring
from .fields import WrappedKeyField

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

#: Rows of one transaction: whoever is killed in between has lost so much, and goes on from there.
SLICE = 500


@dataclass
class Tally:
    """What was met in one place: `unreadable` names the rows that no key of ENCRYPTION_KEYS opens."""

    place: str
    seen: int = 0
    rewrapped: int = 0
    unreadable: list[str] = field(default_factory=list)

    def rewrap(self, wrapped: bytes, *, row: str) -> bytes | None:
        """`wrapped` anew under the first key; None where it stays as it is."""
        self.seen += 1
        if keyring.is_current(wrapped):
            return None
        try:
            fresh = keyring.rewrap(wrapped)
        except crypto.SealBroken:
            self.unreadable.append(row)
            return None
        self.rewrapped += 1
        return fresh


def wrapped_fields() -> list[tuple[type[Model], str]]:
    """Every column of every model that holds a wrapped data key."""
    return [
        (model, column.name)
        for model in apps.get_models()
        for column in model._meta.get_fields()
        if isinstance(column, WrappedKeyField)
    ]


def rewrap_column(model: type[Model], column: str) -> Iterator[Tally]:
    """All of a column's values are wrapped under the first key, or counted as unreadable.

    The same tally comes after each slice, which is committed by then.
    """
    tally = Tally(f"{model._meta.label}.{column}")
    last = 0
    while keys := _next_keys(model, column, after=last):
        with transaction.atomic():
            for pk, wrapped in keys:
                _rewrap_one(model, column, pk, bytes(wrapped), tally)
        last = keys[-1][0]
        yield tally


def _next_keys(model: type[Model], column: str, *, after: int) -> list[tuple[int, bytes]]:
    rows = model._meta.base_manager.filter(pk__gt=after).exclude(**{column: None}).order_by("pk")
    return list(rows.values_list("pk", column)[:SLICE])


def _rewrap_one(model: type[Model], column: str, pk: int, wrapped: bytes, tally: Tally) -> None:
    fresh = tally.rewrap(wrapped, row=f"{tally.place} of row {pk}")
    if fresh is not None:
        # Only over what was read: a key that was destroyed meanwhile must not come back.
        model._meta.base_manager.filter(pk=pk, **{column: wrapped}).update(**{column: fresh})
