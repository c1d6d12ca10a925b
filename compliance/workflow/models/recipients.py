"""Other systems that are told of a request."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock

from .requests import Request

PERSON = settings.AUTH_USER_MODEL


class Recipient(models.Model):
    """Another system that holds data of the people we erase, and who sees to it that it is told."""

    name = models.CharField(max_length=80, unique=True)
    #: What is held there, and how it is told of an erasure: in words.
    holds = models.CharField(max_length=400)
    told_by = models.CharField(max_length=400)
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: Days that it may take from the order to the evidence.
    days = models.PositiveSmallIntegerField()
    #: The kinds of request that concern it; and of those with a law, which laws: none named, every one.
    kinds = models.JSONField(default=list)
    laws = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        """By name."""

        ordering = ("name", "pk")

    def __str__(self) -> str:
        """The name: chosen by the company, about no person."""
        return self.name


class Told(models.TextChoices):
    """How the task of telling a recipient ended."""

    TOLD = "told", "Told"
    NOTHING_HELD = "nothing_held", "Not told: nothing of this request is held there"
    IMPOSSIBLE = "impossible", "Not told: it is impossible"
    DISPROPORTIONATE = "disproportionate", "Not told: the effort would be disproportionate"


class RecipientTask(models.Model):
    """That one recipient has to be told of one request. Open as long as `done_at` is null."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="recipient_tasks")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="tasks")
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    opened_at = models.DateTimeField(default=clock.now)
    #: When its owner was reminded, and when it was told to officers, too, that it is overdue.
    reminded_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    told = models.CharField(max_length=16, choices=Told.choices, blank=True)
    #: The evidence, or the facts for which it isn't told, under the correspondence key.
    sealed_evidence = models.BinaryField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """Once for each request; those to be done are paged through by day."""

        ordering = ("due_on", "pk")
        constraints = (models.UniqueConstraint(fields=["request", "recipient"], name="recipient_task_once"),)
        indexes = (
            models.Index(
                fields=["due_on", "id", "owner", "recipient"],
                condition=models.Q(done_at__isnull=True),
                name="recipient_task_open",
            ),
            models.Index(
                fields=["owner", "due_on", "id"],
                condition=models.Q(done_at__isnull=True),
                name="recipient_task_open_owner",
            ),
            models.Index(
                fields=["done_at", "id", "owner", "recipient"],
                condition=models.Q(done_at__isnull=False),
                name="recipient_task_done",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"recipient task/{self.pk}"
