"""Tables of the engine. The rows are the truth; the queue only says "look now"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from compliance.core import clock
from compliance.subscriptions.models import Subscription
from compliance.workflow.models import Request, Scan, Target

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


class Heartbeat(models.Model):
    """The last time that a worker was seen to work, end to end."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """The name."""
        return self.name
