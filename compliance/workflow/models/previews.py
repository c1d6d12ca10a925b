"""Previews, the scans that make them, and the sample that people look at."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.subscriptions.models import Control, Subscription

from .requests import Asked, Request
from .targets import Target

PERSON = settings.AUTH_USER_MODEL


class Preview(models.Model):
    """The counted list of targets as looked up in Pendo, with its digest. Numbered within its request."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="previews")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=clock.now)
    ready_at = models.DateTimeField(null=True)
    found = models.PositiveIntegerField(default=0)
    not_found = models.PositiveIntegerField(default=0)
    spared = models.PositiveIntegerField(default=0)
    contradicting = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    #: The last target that was compared with the holds that stand, and whether one was placed since.
    screened_up_to = models.BigIntegerField(default=0)
    screening = models.BooleanField(default=False)
    #: JSON of counts by account, last visit, e-mail domain, under the targets key; null for small ones.
    sealed_summary = models.BinaryField(null=True)
    #: SHA-256 over the sorted commitments of the targets found, with the subscriptions and the action.
    digest = models.CharField(max_length=64, blank=True)
    #: The last target that the summary counts, while it is being made.
    summed_up_to = models.BigIntegerField(default=0)
    #: What holds it up, for people; empty while it goes on.
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        """Numbered."""

        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["request", "number"], name="preview_number_once"),)
        indexes = (
            models.Index(
                fields=["request"], condition=models.Q(screening=True), name="preview_to_be_screened"
            ),
        )

    def __str__(self) -> str:
        """Request and number."""
        return f"preview {self.number} of request/{self.request_id}"


class ScanStep(models.TextChoices):
    """Where a scan is."""

    CLEARING = "clearing", "What was found before is being removed"
    ACCOUNTS = "accounts", "The accounts asked are looked up"
    MEMBERS = "members", "The accounts in the reports are looked up"
    CHILDREN = "children", "Their child accounts are looked for"
    VISITORS = "visitors", "All visitors are read, page by page"
    ENDED = "ended", "Read to its end"
    #: Things asked and not found have their rows, too.
    ADDED_UP = "added_up", "Added up"


#: Such a scan has nothing to ask any more.
SCANNED = frozenset({ScanStep.ENDED, ScanStep.ADDED_UP})


class Scan(models.Model):
    """One paged pass over a subscription's visitors, for a preview or, without one, for a confirmation.

    Written by `scans` only. No page of it is kept: only where it is, and what it found.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="scans")
    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, null=True, related_name="scans")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="scans")
    #: Whether it reads those marked Do Not Process, instead of all visitors.
    marked = models.BooleanField(default=False)
    step = models.CharField(max_length=8, choices=ScanStep.choices, default=ScanStep.CLEARING)
    #: JSON of the ids to go on from, under the targets key.
    sealed_place = models.BinaryField(null=True)
    #: Pages kept in this step, and the records in them.
    pages = models.PositiveIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)
    #: The control visitors met on its way: each counts once, and only while it is one.
    controls_seen = models.ManyToManyField(Control, related_name="+")
    #: The last thing asked that was looked up, or given its row.
    asked_up_to = models.BigIntegerField(default=0)
    began_at = models.DateTimeField(default=clock.now)
    #: Nothing is done about it before this.
    due_at = models.DateTimeField(default=clock.now)
    #: How often it was started anew because it proved nothing, and how often its next page was refused.
    restarts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    #: At its end: how many control visitors there were, and how many of them it met.
    controls = models.PositiveSmallIntegerField(default=0)
    seen = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """In order; those under way are found quickly."""

        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["preview", "subscription"], name="scan_once_a_preview"),
        )
        indexes = (models.Index(fields=["subscription", "step"], name="scan_subscription_step"),)

    def __str__(self) -> str:
        """The row."""
        return f"scan/{self.pk}"


class Tally(models.Model):
    """How many visitors a scan has met who have exactly an e-mail address that is asked.

    Whoever is named by id, too, is counted here, yet is a target because of the id.
    """

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="tallies")
    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, related_name="+")
    count = models.PositiveIntegerField()

    class Meta:
        """Once for each."""

        constraints = (models.UniqueConstraint(fields=["scan", "asked"], name="tally_once"),)

    def __str__(self) -> str:
        """The row."""
        return f"tally/{self.pk}"


class SampleLook(models.Model):
    """That a person has looked at one target of a preview's sample."""

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, related_name="looks")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    looked_at = models.DateTimeField(default=clock.now)

    class Meta:
        """Once each."""

        constraints = (
            models.UniqueConstraint(fields=["preview", "person", "target"], name="sample_look_once"),
        )

    def __str__(self) -> str:
        """The row."""
        return f"sample look/{self.pk}"
