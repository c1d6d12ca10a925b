"""Tables of the ledger."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.db import models

from . import chain
from .events import EVENTS


class LedgerIsAppendOnly(Exception):
    """Something tried to change or delete a ledger entry."""


class Chain(models.Model):
    """The head of one chain: a request, a subscription or a person, as `kind/reference`."""

    name = models.CharField(max_length=80, unique=True)
    length = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, default=chain.START)

    def __str__(self) -> str:
        """The name."""
        return self.name


class EntryQuerySet(models.QuerySet["Entry"]):
    """Reads only."""

    def update(self, **_: Any) -> NoReturn:
        """Refused."""
        raise LedgerIsAppendOnly

    def delete(self) -> NoReturn:
        """Refused."""
        raise LedgerIsAppendOnly


class Entry(models.Model):
    """One thing that happened, numbered and chained within its chain. Written by `ledger.record` only."""

    chain = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveIntegerField()
    event = models.CharField(max_length=40)
    at = models.DateTimeField()
    #: The canonical text that `hash` is over: the entry itself. The columns beside it only serve queries.
    text = models.TextField()
    hash = models.CharField(max_length=64, unique=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        """One entry per number, whatever runs at the same time."""

        constraints = (models.UniqueConstraint(fields=["chain", "number"], name="entry_number_once_a_chain"),)
        indexes = (
            models.Index(fields=["event"], name="entry_event"),
            models.Index(fields=["at", "id"], name="entry_at"),
        )

    def __str__(self) -> str:
        """Chain, number and event."""
        return f"{self.chain_id}#{self.number} {self.event}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an entry that stands is never written again."""
        if self.pk is not None:
            raise LedgerIsAppendOnly
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        """Refused."""
        raise LedgerIsAppendOnly

    @property
    def body(self) -> dict[str, Any]:
        """The entry as it was recorded."""
        body: dict[str, Any] = json.loads(self.text)
        return body

    def sentence(self, name: str, **named: str) -> str:
        """The entry in plain words, with `name` for its actor, and other names for some of its facts."""
        return EVENTS[self.event].sentence.format(actor=name, **self.body["facts"] | named)
