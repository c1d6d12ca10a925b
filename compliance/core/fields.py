"""Columns that are more than their bytes."""

from __future__ import annotations

from typing import Any

from django.db import models


class WrappedKeyField(models.BinaryField):  # type: ignore[type-arg] # generic only in its stubs
    """A data key wrapped by ENCRYPTION_KEYS: by this class `rewrapping` finds every one of them."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Plain bytes, as far as migrations are concerned."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.BinaryField", list(args), kwargs
