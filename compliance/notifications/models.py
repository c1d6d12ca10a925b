"""Tables of mail."""

from __future__ import annotations

from django.db import models

from compliance.audit.models import Entry
from compliance.core import clock
from compliance.people.models import Person


class Notice(models.Model):
    """One mail for a ledger entry to one person: due, then sent, or found to be unneeded."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    #: Which line of `mails.MAILS` for the entry's event, by the name of its templates.
    mail = models.CharField(max_length=40)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """Nobody gets the same mail twice, whatever runs at the same time."""

        constraints = (
            models.UniqueConstraint(fields=["entry", "person", "mail"], name="notice_once_a_person"),
        )
        indexes = (
            models.Index(fields=["due_at"], condition=models.Q(settled_at__isnull=True), name="notice_due"),
        )

    def __str__(self) -> str:
        """The row."""
        return f"notice/{self.pk}"
