"""What needs a person."""

from __future__ import annotations

from django.db import models

from compliance.core import clock
from compliance.subscriptions.models import Subscription

from .requests import Request


class Attention(models.Model):
    """Something that a person has to look at: a reason from a closed list, with its way out."""

    class Reason(models.TextChoices):
        """What can need a person."""

        STILL_PRESENT = "still_present", "Visitors are still in Pendo after the deletion was sent twice"
        BATCH_REFUSED = "batch_refused", "Pendo refuses a visitor's deletion and does not say why"
        RECEIPT_OVERDUE = "receipt_overdue", "Pendo has not completed a deletion within the time it names"
        UNKNOWN_WORD = "unknown_word", "Pendo describes a deletion with a status that is not known here"
        NOT_PAID = "not_paid", "Pendo answers that the subscription's contract does not cover the call"
        CANARY_STOPPED = "canary_stopped", "The first few were not simply accepted; the rest waits"
        WIPE_UNCERTAIN = "wipe_uncertain", "Whether Pendo has reset a guide for everybody is not known"
        NO_ANSWER = "no_answer", "Pendo gives no usable answer to a call, time and again"
        UNREACHABLE = "unreachable", "The subscription has been out of reach for days"
        HOLD_LIFTED = "hold_lifted", "A hold on some of it was lifted"
        KEPT_UNTIL_NOW = "kept_until_now", "The day has come until which some of the data was kept"

    #: Nothing raises these a second time, and only they lead to the ending of what waits: to have seen one
    #: isn't enough.
    ENDED_ONLY = frozenset({Reason.WIPE_UNCERTAIN, Reason.UNREACHABLE})

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="attentions")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    raised_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True)
    #: An officer has ended the waiting, and not all that was waited for has its outcome yet.
    ending = models.BooleanField(default=False)

    class Meta:
        """Each cause raised once at a time."""

        ordering = ("raised_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["request", "subscription", "reason"],
                condition=models.Q(settled_at__isnull=True),
                name="attention_once_at_a_time",
            ),
        )
        indexes = (
            models.Index(
                fields=["raised_at", "id"],
                condition=models.Q(settled_at__isnull=True),
                name="attention_open",
            ),
            models.Index(fields=["id"], condition=models.Q(ending=True), name="attention_ending"),
        )

    def __str__(self) -> str:
        """The reason."""
        return self.reason

    @property
    def may_be_put_aside(self) -> bool:
        """Whether a person may say that it is dealt with."""
        return self.reason not in self.ENDED_ONLY
