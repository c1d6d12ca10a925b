"""Who is in a segment or report that a request names, as Pendo has listed it; and which lists there are."""

from __future__ import annotations

from django.db import models

from compliance.core import clock
from compliance.subscriptions.models import Subscription

from .previews import Scan
from .requests import Asked, Request


class ListingOf(models.TextChoices):
    """Of what the members are; each is a kind of lookup digest, too."""

    VISITOR = "visitor", "Visitors"
    ACCOUNT = "account", "Accounts"


class Way(models.TextChoices):
    """How the members are asked for."""

    PAGES = "pages", "page by page"
    EXPORT = "export", "by an export job"
    RESULTS = "results", "as the results of a report"


class ListingQuerySet(models.QuerySet["Listing"]):
    """Listings by what they are worth."""

    def unread(self) -> ListingQuerySet:
        """Those whose members aren't all known yet, and are wanted."""
        return self.filter(replaced=False, read_at__isnull=True)

    def read(self) -> ListingQuerySet:
        """Those whose members are known, the latest first."""
        return self.filter(replaced=False, read_at__isnull=False).order_by("-read_at", "-pk")


class Listing(models.Model):
    """One reading of the members of a segment or report, in one subscription. Written by `listings` only.

    For a preview it belongs to a scan; without one, it is compared with what is about to be sent.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="listings")
    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, related_name="listings")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    scan = models.ForeignKey(Scan, on_delete=models.SET_NULL, null=True, related_name="listings")
    #: Another reading was begun in its place: its members are removed, and then it.
    replaced = models.BooleanField(default=False)
    of = models.CharField(max_length=8, choices=ListingOf.choices, default=ListingOf.VISITOR)
    #: Empty until Pendo has shown the list itself.
    way = models.CharField(max_length=8, choices=Way.choices, blank=True)
    #: Pendo's export job, when it was begun, and how it stands in Pendo's word.
    job = models.CharField(max_length=200, blank=True)
    job_at = models.DateTimeField(null=True)
    word = models.CharField(max_length=80, blank=True)
    #: JSON of the id to go on from, under the targets key; and how many rows were read.
    sealed_place = models.BinaryField(null=True)
    rows = models.PositiveIntegerField(default=0)
    #: Nothing is done about it before this.
    due_at = models.DateTimeField(default=clock.now)
    refusals = models.PositiveSmallIntegerField(default=0)
    #: Why it can't be read now, and what to do, for people; empty while it goes on.
    trouble = models.CharField(max_length=400, blank=True)
    began_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    objects = ListingQuerySet.as_manager()

    class Meta:
        """Those to be read, and those to be removed, are found quickly."""

        ordering = ("pk",)
        indexes = (
            models.Index(
                fields=["subscription", "request"],
                condition=models.Q(replaced=False, read_at__isnull=True),
                name="listing_unread",
            ),
            models.Index(fields=["id"], condition=models.Q(replaced=True), name="listing_replaced"),
        )

    def __str__(self) -> str:
        """The row."""
        return f"listing/{self.pk}"


class Member(models.Model):
    """Somebody on a list, by lookup digest. Only of an account its id is kept, too: it becomes a target."""

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="members", db_index=False)
    digest = models.BinaryField(max_length=32)
    sealed_id = models.BinaryField(null=True)

    class Meta:
        """Once on each list; pages of visitors are compared by it."""

        constraints = (models.UniqueConstraint(fields=["listing", "digest"], name="member_once"),)

    def __str__(self) -> str:
        """The row, not the member."""
        return f"member/{self.pk}"


class Offering(models.Model):
    """Which segments and reports a subscription has, as last read from Pendo: what a form offers."""

    subscription = models.OneToOneField(Subscription, on_delete=models.CASCADE, related_name="offering")
    #: JSON of the lists, under the subscription's data key: what people call them may name somebody.
    sealed_lists = models.BinaryField(null=True)
    #: Since when somebody waits for it; null once it was read.
    wanted_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    refusals = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """Those that are waited for are found quickly."""

        indexes = (
            models.Index(
                fields=["subscription"], condition=models.Q(wanted_at__isnull=False), name="offering_wanted"
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"offering/{self.pk}"
