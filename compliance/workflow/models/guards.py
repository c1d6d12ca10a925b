"""Guards: what a run of a clean-up rule must stay within."""

from __future__ import annotations

from django.db import models

from .requests import Request


class StoppedBy(models.TextChoices):
    """Which of its limits a run was found outside of."""

    TOO_MANY = "too_many", "more were matched than one run may touch"
    SHARE = "share", "too large a share of all visitors was matched"
    PATTERN = "pattern", "somebody was matched whom the guard pattern doesn't cover"
    UNKNOWN = "unknown", "nobody knows how many visitors there are"


class Guard(models.Model):
    """What a request that runs a clean-up rule must stay within. Written by `guards` only.

    It is compared with the preview before anybody can approve it, and with each target again in the
    transaction in which a call is written down.
    """

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="guard")
    #: The rule that is run, by its name, and which version of its definition.
    rule = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    #: Every visitor's whole id matches it; `*` stands for any text. Empty: no visitor is touched at all.
    pattern = models.CharField(max_length=200, blank=True)
    #: The most targets, and the most visitors in percent of all in the subscription.
    most = models.PositiveIntegerField()
    share = models.PositiveSmallIntegerField()
    #: Whether it is only to be seen what would be done: the request ends by itself, and nothing is sent.
    dry_run = models.BooleanField(default=False)
    #: Whether a standing approval decides about it, so that nobody is asked.
    by_rule = models.BooleanField(default=False)
    #: The last target that was compared with the pattern, and how many so far don't match it.
    checked_up_to = models.BigIntegerField(default=0)
    outside = models.PositiveIntegerField(default=0)
    #: How many visitors there are in the subscription, where that was needed.
    visitors = models.PositiveIntegerField(null=True)
    stopped_by = models.CharField(max_length=8, choices=StoppedBy.choices, blank=True)

    def __str__(self) -> str:
        """The row."""
        return f"guard/{self.pk}"


class Narrowing(models.Model):
    """A visitor to whom a run is narrowed, by the line that names it: of the others nobody is touched."""

    guard = models.ForeignKey(Guard, on_delete=models.CASCADE, related_name="narrowings", db_index=False)
    line = models.PositiveIntegerField()
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()

    class Meta:
        """Once each."""

        constraints = (models.UniqueConstraint(fields=["guard", "digest"], name="narrowing_once"),)

    def __str__(self) -> str:
        """The row, not the visitor."""
        return f"narrowing/{self.pk}"
