"""Wrong deletions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.core.fields import WrappedKeyField

from .requests import Request
from .targets import Target

PERSON = settings.AUTH_USER_MODEL


class Risk(models.TextChoices):
    """What an incident means for the people concerned."""

    NONE = "none", "Unlikely to be a risk to anybody"
    RISK = "risk", "A risk"
    HIGH = "high", "A high risk"


class Incident(models.Model):
    """That data was deleted which nobody asked to delete: what happened, who decided what, who was told.

    Its texts are sealed under a key of its own: they have to outlive what is forgotten of the request.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="incidents")
    opened_at = models.DateTimeField(default=clock.now)
    opened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: Since when somebody here knew, and 72 hours later.
    aware_at = models.DateTimeField()
    notify_by = models.DateTimeField()
    data_key = WrappedKeyField()
    sealed_happened = models.BinaryField()
    #: Whether all targets of the request were wrongly named; else those in `targets`.
    whole = models.BooleanField(default=False)
    targets = models.ManyToManyField(Target, related_name="+")
    #: The request that lifts Do Not Process for them.
    readmission = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="+")
    #: The assessment: empty or null until it is made.
    risk = models.CharField(max_length=4, choices=Risk.choices, blank=True)
    persons = models.PositiveIntegerField(null=True)
    sealed_categories = models.BinaryField(null=True)
    #: The decision: whether the authority, and the persons, are to be notified; null until it is made.
    tell_authority = models.BooleanField(null=True)
    tell_persons = models.BooleanField(null=True)
    sealed_reason = models.BinaryField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    #: When they were notified.
    authority_told_at = models.DateTimeField(null=True)
    persons_told_at = models.DateTimeField(null=True)
    #: When the reminder before the end of the 72 hours went out, and the one after.
    reminded_at = models.DateTimeField(null=True)
    passed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Open ones by the end of their 72 hours."""

        ordering = ("notify_by", "pk")
        indexes = (
            models.Index(
                fields=["notify_by", "id"],
                condition=models.Q(closed_at__isnull=True),
                name="incident_open",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"incident/{self.pk}"

    @property
    def hours_run(self) -> bool:
        """Whether the 72 hours still matter: it isn't decided, or the authority is yet to be notified."""
        return self.closed_at is None and (
            self.tell_authority is None or (self.tell_authority and self.authority_told_at is None)
        )
