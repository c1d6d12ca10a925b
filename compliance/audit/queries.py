"""Reads of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .models import Entry

if TYPE_CHECKING:
    from django.db.models import QuerySet


def entries_of(chain: str) -> QuerySet[Entry]:
    """The entries of one chain, first to last."""
    return Entry.objects.filter(chain__name=chain).order_by("number")
