"""Reads of what was taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .models import Export

if TYPE_CHECKING:
    from django.db.models import QuerySet


def exports() -> QuerySet[Export]:
    """Every export, the latest first."""
    return Export.objects.select_related("by").order_by("-pk")
