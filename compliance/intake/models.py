"""Tables of what isn't a request yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.core.fields import WrappedKeyField


class Draft(models.Model):
    """A form that a person has begun, sealed under a key of its own. Expires unless it goes on."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="draft")
    data_key = WrappedKeyField()
    sealed = models.BinaryField()
    saved_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        """The row."""
        return f"draft/{self.pk}"
