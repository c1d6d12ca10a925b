"""Requests that programs open, and those of them that came too fast."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.people.models import Token

from .requests import Request

PERSON = settings.AUTH_USER_MODEL


class Flood(models.Model):
    """Requests that one owner's programs opened too fast: kept back until a person says if they are meant."""

    #: The owner of the tokens: a service, or a person whose script it is.
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField(default=clock.now)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    #: What was decided; null before.
    meant = models.BooleanField(null=True)
    #: When every request of it had gone on, or was cancelled.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """Of one owner one at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(decided_at__isnull=True), name="flood_once_at_a_time"
            ),
        )
        indexes = (
            models.Index(
                fields=["id"], condition=models.Q(settled_at__isnull=True), name="flood_not_settled"
            ),
        )

    def __str__(self) -> str:
        """How the ledger names it."""
        return self.chain

    @property
    def chain(self) -> str:
        """The name of its chain in the ledger."""
        return f"flood/{self.pk}"


class ProgramOpening(models.Model):
    """That a program opened a request, and with which token."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="program_opening")
    token = models.ForeignKey(Token, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)
    flood = models.ForeignKey(Flood, on_delete=models.PROTECT, null=True, related_name="openings")

    class Meta:
        """Those of the last hour are counted."""

        indexes = (models.Index(fields=["token", "opened_at"], name="program_opening_by_token"),)

    def __str__(self) -> str:
        """The row."""
        return f"opening/{self.pk}"
