"""Legal holds."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.core.fields import WrappedKeyField
from compliance.subscriptions.models import Subscription
from compliance.workflow.hold_reasons import HoldReason
from compliance.workflow.states import HeldKind, SuspensionState

from .requests import Request

PERSON = settings.AUTH_USER_MODEL


class HoldQuerySet(models.QuerySet["Hold"]):
    """Holds by what they are worth now."""

    def standing(self) -> HoldQuerySet:
        """Those that nobody has lifted."""
        return self.filter(lifted_at__isnull=True)

    def over(self, subscription: Subscription) -> HoldQuerySet:
        """Those that reach this subscription."""
        chosen = Hold.subscriptions.through.objects.filter(subscription=subscription)
        return self.filter(models.Q(everywhere=True) | models.Q(pk__in=chosen.values("hold")))


class Hold(models.Model):
    """A legal reason not to delete whoever it names. What it names never changes: more is another hold.

    Placed and lifted by `hold_placing` only. What is personal in it is sealed under a key of its own.
    """

    reason = models.CharField(max_length=40, choices=HoldReason.choices)
    data_key = WrappedKeyField()
    #: What it is about, for legal's eyes only.
    sealed_matter = models.BinaryField()
    #: Whether it reaches every subscription, those to come as well; otherwise those that are chosen.
    everywhere = models.BooleanField(default=True)
    subscriptions = models.ManyToManyField(Subscription, related_name="holds")
    #: How many things it names, and of which kinds.
    count = models.PositiveIntegerField()
    kinds = models.JSONField()
    #: Whether Pendo is told to collect nothing about the visitors whom it keeps back: by legal's word only.
    suspends = models.BooleanField(default=False)
    #: The request whose targets it was placed on, if it was.
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="holds_placed")
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: The day by which somebody has to ask whether it is still wanted.
    review_on = models.DateField()
    #: When somebody was last reminded of that, and of which day.
    reminded_on = models.DateField(null=True)
    reminded_of = models.DateField(null=True)
    placed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=clock.now)
    lifted_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    sealed_lift_reason = models.BinaryField(null=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        """Those that stand are paged by their review, those that were lifted by that moment."""

        indexes = (
            models.Index(
                fields=["review_on", "id"],
                condition=models.Q(lifted_at__isnull=True),
                name="hold_standing",
            ),
            models.Index(
                fields=["lifted_at", "id"], condition=models.Q(lifted_at__isnull=False), name="hold_lifted"
            ),
        )

    def __str__(self) -> str:
        """As the ledger names it."""
        return self.reference

    @property
    def reference(self) -> str:
        """How the ledger names this hold, and its chain."""
        return f"hold/{self.pk}"

    @property
    def stands(self) -> bool:
        """Whether nobody has lifted it."""
        return self.lifted_at is None

    @property
    def days_left(self) -> int:
        """Days until its review is due; less than none once it is overdue."""
        return (self.review_on - clock.today()).days


class HeldThing(models.Model):
    """One thing that a hold names: found by its lookup digest."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="things", db_index=False)
    kind = models.CharField(max_length=8, choices=HeldKind.choices)
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()
    #: As it was written, under the hold's key; null once the hold is lifted.
    sealed_value = models.BinaryField(null=True)

    class Meta:
        """Named once by each hold."""

        constraints = (models.UniqueConstraint(fields=["hold", "kind", "digest"], name="held_once_a_hold"),)
        indexes = (models.Index(fields=["digest", "hold"], name="held_digest"),)

    def __str__(self) -> str:
        """The row, not what it names."""
        return f"held thing/{self.pk}"


class Suspension(models.Model):
    """Do Not Process at Pendo for one visitor whom a hold keeps back. Written by `suspending` only."""

    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="suspensions", db_index=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()
    #: The visitor's id under the hold's key, for a target is gone once its preview is made anew. Null once
    #: the hold is lifted and nothing is left to lift.
    sealed_id = models.BinaryField(null=True)
    #: Under a key derived from the hold's.
    commitment = models.BinaryField(max_length=32)
    state = models.CharField(max_length=10, choices=SuspensionState.choices, default=SuspensionState.WANTED)
    #: When a call that sets it was last written down; null: none was, since it was last known not to be set.
    sent_at = models.DateTimeField(null=True)
    #: How many calls in a row have had no answer that settles it, and nothing is sent before `due_at`.
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)

    class Meta:
        """Once for each visitor whom a hold keeps back; what is to be sent is few."""

        constraints = (
            models.UniqueConstraint(fields=["hold", "subscription", "digest"], name="suspension_once_a_hold"),
        )
        indexes = (
            models.Index(fields=["digest"], name="suspension_digest"),
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(state__in=("wanted", "to_lift")),
                name="suspension_to_send",
            ),
        )

    def __str__(self) -> str:
        """The row, not the visitor."""
        return f"suspension/{self.pk}"
