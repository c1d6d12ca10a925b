"""Legal holds."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.core.fields import WrappedKeyField
from compliance.subscriptions.models import Subscription
from compliance.workflow.hold_reasons import HoldReason
from compliance.workflow.states import (
    HeldKind,
)

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
