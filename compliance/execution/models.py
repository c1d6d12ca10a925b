"""Tables of the engine. The rows are the truth; the queue only says "look now"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.subscriptions.models import Control, Subscription
from compliance.workflow.models import Erased, Request, Scan, Suspension, Target
from compliance.workflow.states import TargetKind

PERSON = settings.AUTH_USER_MODEL

if TYPE_CHECKING:
    from compliance.connectors.pendo import RecordKind


class BatchState(models.TextChoices):
    """Where a batch is."""

    READY = "ready", "Waiting to be sent"
    SENDING = "sending", "Being sent"
    UNCERTAIN = "uncertain", "Asking Pendo whether it has it"
    ACCEPTED = "accepted", "Accepted by Pendo"
    DONE = "done", "Done, says Pendo; being looked for"
    CONFIRMED = "confirmed", "Looked for"
    ANSWERED = "answered", "Answered call by call"
    EMPTY = "empty", "Nobody left in it to send"
    SPLIT = "split", "Divided into smaller ones"
    FAILED = "failed", "Refused by Pendo"


#: What such a batch holds may still be sent, or may or may not be at Pendo.
UNDECIDED = frozenset({BatchState.READY, BatchState.SENDING, BatchState.UNCERTAIN})


class BatchKind(models.TextChoices):
    """What is done to the targets of a batch. The first two are one call for all of them, queued by Pendo."""

    VISITORS = "visitor", "Bulk delete of visitors"
    ACCOUNTS = "account", "Bulk delete of accounts"
    RESETS = "reset", "Guide resets"
    READMISSIONS = "readmit", "Do Not Process lifted"


#: One call for the whole batch.
BULK = frozenset({BatchKind.VISITORS, BatchKind.ACCOUNTS})
#: How Pendo calls what such a batch deletes.
RECORDS: dict[BatchKind, RecordKind] = {BatchKind.VISITORS: "visitor", BatchKind.ACCOUNTS: "account"}
#: One call for each target; its answer is the outcome.
ONE_BY_ONE = frozenset({BatchKind.RESETS, BatchKind.READMISSIONS})


class MarkedReading(models.Model):
    """One reading of the ids that Pendo marks Do Not Process. Written by `marks` only."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=BatchKind.choices)
    #: The id to go on from, under the subscription's key.
    sealed_place = models.BinaryField(null=True)
    #: How many pages have been asked for.
    pages = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)
    #: Whether it came to the end of the list by itself: whom it didn't show, isn't marked.
    whole = models.BooleanField(default=False)

    class Meta:
        """In order."""

        ordering = ("pk",)

    def __str__(self) -> str:
        """The row."""
        return f"reading/{self.pk}"


class Batch(models.Model):
    """Targets of one request sent together. `state` is written by `moves.step` only."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="batches")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=BatchKind.choices, default=BatchKind.VISITORS)
    #: Whether it is sent, and accepted, before the others of its request are made.
    canary = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.READY)
    #: The batch whose targets were still there, or that was divided.
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="children")
    #: Whether its targets are sent a second time because they were still there.
    resent = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)
    #: Nothing is done about it before this.
    due_at = models.DateTimeField(default=clock.now)
    #: How often Pendo was asked whether it has it, since it was last sent.
    asks = models.PositiveSmallIntegerField(default=0)
    #: How many rounds of looking for its targets have ended with some still there.
    rounds = models.PositiveSmallIntegerField(default=0)
    #: The scan that looks for its targets, where there are too many for a look-up each.
    scan = models.ForeignKey(Scan, on_delete=models.SET_NULL, null=True, related_name="batches")
    #: The reading of the Do-Not-Process list that tells whether Pendo has it.
    reading = models.ForeignKey(MarkedReading, on_delete=models.PROTECT, null=True, related_name="batches")
    #: When Pendo was last asked whether it has it, and didn't.
    cleared_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        """Numbered within the request."""

        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["request", "number"], name="batch_number_once"),)
        indexes = (models.Index(fields=["subscription", "state", "due_at"], name="batch_due"),)

    def __str__(self) -> str:
        """Number and request."""
        return f"batch {self.number} of request/{self.request_id}"


class Sending(models.Model):
    """That a target is in a batch. A target that is sent again is in several."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="sendings")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="sendings")
    #: The last round of looking for the batch's targets in which this one was looked for.
    round = models.PositiveSmallIntegerField(default=0)
    #: Whether the batch's reading has shown it as marked Do Not Process.
    marked = models.BooleanField(default=False)

    class Meta:
        """Once in each batch."""

        constraints = (models.UniqueConstraint(fields=["batch", "target"], name="sending_once"),)

    def __str__(self) -> str:
        """Both rows."""
        return f"target/{self.target_id} in batch/{self.batch_id}"


class Call(models.Model):
    """One destructive HTTP request: written down before it is sent, its answer after."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="calls")
    #: The one target of a call that acts on one, null where a call acts on the whole batch.
    target = models.ForeignKey(Target, on_delete=models.CASCADE, null=True, related_name="calls")
    endpoint = models.CharField(max_length=40)
    count = models.PositiveIntegerField()
    #: Digest over the sorted commitments of the targets in it.
    digest = models.CharField(max_length=64)
    #: The lease under which it is sent; only its holder may write the answer.
    lease_token = models.CharField(max_length=32)
    intended_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)
    #: A `Verdict` of the connector; empty until answered.
    verdict = models.CharField(max_length=16, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    #: The raw answer, under the request's targets key.
    sealed_answer = models.BinaryField(null=True)

    class Meta:
        """In the order of sending; unanswered ones are found quickly."""

        ordering = ("pk",)
        indexes = (
            models.Index(fields=["batch"], condition=models.Q(answered_at=None), name="call_unanswered"),
        )

    def __str__(self) -> str:
        """The row."""
        return f"call/{self.pk}"


class SuspensionCall(models.Model):
    """One call that sets, or lifts, Do Not Process for a held visitor: written down as a `Call` is."""

    suspension = models.ForeignKey(Suspension, on_delete=models.CASCADE, related_name="calls")
    #: Whether it lifts it; otherwise it sets it.
    lifts = models.BooleanField()
    #: Digest over the visitor's commitment.
    digest = models.CharField(max_length=64)
    #: The lease under which it is sent; only its holder may write the answer.
    lease_token = models.CharField(max_length=32)
    intended_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)
    #: A `Verdict` of the connector; empty until answered.
    verdict = models.CharField(max_length=16, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    #: The raw answer, under the request's targets key.
    sealed_answer = models.BinaryField(null=True)

    class Meta:
        """In the order of sending; unanswered ones are found quickly."""

        ordering = ("pk",)
        indexes = (
            models.Index(
                fields=["suspension"],
                condition=models.Q(answered_at=None),
                name="suspension_call_unanswered",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"suspension call/{self.pk}"


class Receipt(models.Model):
    """Pendo's id for queued work. One may stand for several batches, even of several requests."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="receipts")
    vendor_id = models.CharField(max_length=200)
    #: The status in Pendo's own word, as last heard.
    word = models.CharField(max_length=60, blank=True)
    first_at = models.DateTimeField(default=clock.now)
    due_at = models.DateTimeField(default=clock.now)
    asks = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        """Once in a subscription."""

        constraints = (models.UniqueConstraint(fields=["subscription", "vendor_id"], name="receipt_once"),)

    def __str__(self) -> str:
        """Pendo's id."""
        return self.vendor_id


class BatchReceipt(models.Model):
    """That a receipt stands for a batch, with Pendo's last word on it for this batch's targets."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="batch_receipts")
    receipt = models.ForeignKey(Receipt, on_delete=models.PROTECT, related_name="batch_receipts")
    #: The raw answer less other people's ids, under the request's targets key.
    sealed_answer = models.BinaryField(null=True)

    class Meta:
        """Once."""

        constraints = (models.UniqueConstraint(fields=["batch", "receipt"], name="batch_receipt_once"),)

    def __str__(self) -> str:
        """Both rows."""
        return f"receipt/{self.receipt_id} for batch/{self.batch_id}"


class Look(models.Model):
    """One confirmation pass: targets of a batch looked for, with control visitors in the same pass."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="passes")
    at = models.DateTimeField(default=clock.now)
    controls = models.PositiveSmallIntegerField()
    controls_seen = models.PositiveSmallIntegerField()
    absent = models.PositiveIntegerField(default=0)
    present = models.PositiveIntegerField(default=0)

    class Meta:
        """In order."""

        ordering = ("pk",)

    def __str__(self) -> str:
        """The row."""
        return f"look/{self.pk}"


class WatchScope(models.TextChoices):
    """What a pass of the watch reads."""

    UPDATED = "updated", "What was updated since the look before"
    WHOLE = "whole", "The whole list"


class WatchStep(models.TextChoices):
    """Where a pass of the watch is."""

    VISITORS = "visitors", "Visitors are read, page by page"
    ACCOUNTS = "accounts", "Accounts are read, page by page"
    DRAWING = "drawing", "What was seen is written down"
    ENDED = "ended", "Ended"


class WatchResult(models.TextChoices):
    """What a pass of the watch has shown."""

    NOTHING = "nothing", "Nothing found"
    FOUND = "found", "Found"
    PROVED_NOTHING = "unproved", "Proved nothing"


class WatchPass(models.Model):
    """One paged look for what was erased and is there again. Written by `passes` only.

    No page of it is kept: only where it is, and who was seen.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="watch_passes")
    scope = models.CharField(max_length=8, choices=WatchScope.choices)
    #: Only what was updated since then is read; null for the whole list.
    since = models.DateTimeField(null=True)
    #: Who wanted it now; null where it was due.
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    step = models.CharField(max_length=8, choices=WatchStep.choices, default=WatchStep.VISITORS)
    #: JSON of the ids to go on from, under the subscription's data key.
    sealed_place = models.BinaryField(null=True)
    pages = models.PositiveIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)
    #: The control visitors met on its way: each counts once, and only while it is one.
    controls_met = models.ManyToManyField(Control, related_name="+")
    began_at = models.DateTimeField(default=clock.now)
    #: Nothing is done about it before this.
    due_at = models.DateTimeField(default=clock.now)
    #: How often it was started anew because it proved nothing, and how often its next page was refused.
    restarts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=8, choices=WatchResult.choices, blank=True)
    #: Why it proved nothing.
    why = models.CharField(max_length=200, blank=True)
    #: At its end: how many control visitors there were, and how many of them it met.
    controls = models.PositiveSmallIntegerField(default=0)
    seen = models.PositiveSmallIntegerField(default=0)
    #: How many records it saw that shouldn't be there.
    found = models.PositiveIntegerField(default=0)

    class Meta:
        """One at a time."""

        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["subscription"],
                condition=models.Q(ended_at__isnull=True),
                name="watch_pass_one_at_a_time",
            ),
        )
        indexes = (models.Index(fields=["subscription", "id"], name="watch_pass_of_subscription"),)

    def __str__(self) -> str:
        """The row."""
        return f"watch pass/{self.pk}"


class Sighting(models.Model):
    """That a pass has seen a record that was erased. It counts once the pass has ended, and is gone then."""

    watch_pass = models.ForeignKey(WatchPass, on_delete=models.CASCADE, related_name="sightings")
    erased = models.ForeignKey(Erased, on_delete=models.CASCADE, related_name="+")
    #: Whether only its e-mail address is one that was erased.
    by_email = models.BooleanField(default=False)
    #: JSON of what Pendo shows, under the subscription's data key.
    sealed = models.BinaryField()
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        """In the order of reading."""

        ordering = ("pk",)
        indexes = (models.Index(fields=["watch_pass", "id"], name="sighting_of_pass"),)

    def __str__(self) -> str:
        """The row."""
        return f"sighting/{self.pk}"


class Cause(models.TextChoices):
    """Why what was erased is there again, as far as the record tells."""

    INCOMPLETE = "incomplete", "The deletion was incomplete"
    RECREATED = "recreated", "An integration created it again"
    RETURNED = "returned", "The person has visited again"
    SAME_EMAIL = "same_email", "The same e-mail address under another id"
    UNCLEAR = "unclear", "The cause isn't clear"


class Finding(models.Model):
    """What was erased and is there again: all records of one cause in one subscription, until it is settled.

    Written by `findings` and `ways_out` only.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="findings")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    opened_at = models.DateTimeField(default=clock.now)
    #: When a way out was taken for the last of its records.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """One of each cause is open."""

        ordering = ("opened_at", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["subscription", "cause"],
                condition=models.Q(settled_at__isnull=True),
                name="finding_once_a_cause",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"finding/{self.pk}"


class How(models.TextChoices):
    """What was done about records of a finding."""

    REQUEST = "request", "Named in a new request"
    LET_IN = "let_in", "Returned lawfully"
    EXPLAINED = "explained", "Explained"
    GONE = "gone", "Gone again, or let back in meanwhile"


class WayOut(models.Model):
    """One way out that was taken for some records of a finding."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="ways_out")
    how = models.CharField(max_length=10, choices=How.choices)
    count = models.PositiveIntegerField()
    #: Null where nobody had to do anything.
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    #: The new request that names them.
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="ways_out")
    #: Why, under the subscription's data key.
    sealed_reason = models.BinaryField(null=True)
    taken_at = models.DateTimeField(default=clock.now)

    class Meta:
        """In order."""

        ordering = ("pk",)

    def __str__(self) -> str:
        """The row."""
        return f"way out/{self.pk}"


class Reappearance(models.Model):
    """A record of a finding. What Pendo shows of it is kept only until a way out is taken."""

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="records", db_index=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    #: The line of the register by which it was recognised.
    erased = models.ForeignKey(Erased, on_delete=models.PROTECT, related_name="reappearances")
    by_email = models.BooleanField(default=False)
    kind = models.CharField(max_length=12, choices=TargetKind.choices)
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()
    #: JSON of what Pendo shows, under the subscription's data key.
    sealed = models.BinaryField(null=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    #: How many passes have seen it.
    times = models.PositiveIntegerField(default=1)
    #: Null while nothing was done about it.
    way_out = models.ForeignKey(WayOut, on_delete=models.PROTECT, null=True, related_name="records")

    class Meta:
        """Open once; found again by its digest."""

        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["subscription", "kind", "digest"],
                condition=models.Q(way_out__isnull=True),
                name="reappearance_open_once",
            ),
        )
        indexes = (
            models.Index(fields=["finding", "way_out", "id"], name="reappearance_of_finding"),
            models.Index(fields=["digest"], name="reappearance_digest"),
        )

    def __str__(self) -> str:
        """The row, not the record."""
        return f"reappearance/{self.pk}"


class Heartbeat(models.Model):
    """The last time that a worker was seen to work, end to end."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """The name."""
        return self.name
