"""What is acted on, and the register of what was erased."""

from __future__ import annotations

from django.db import models

from compliance.core import clock
from compliance.subscriptions.models import Subscription
from compliance.workflow.states import (
    ErasedKind,
    Outcome,
    Spared,
    TargetKind,
    Why,
)

from .requests import Asked, Request


class Target(models.Model):
    """One thing to act on in one subscription. `outcome` is written by `outcomes.settle` only.

    A guide is reset for the visitor with this id, or for `everybody`: then there is no id. An empty `guide`
    stands for all guides of the visitor, or, for everybody, for all staged ones: until they are looked up,
    and where none was found.
    """

    # Several indexes below begin with it.
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="targets", db_index=False)
    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, related_name="targets")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="targets")
    kind = models.CharField(max_length=12, choices=TargetKind.choices, default=TargetKind.VISITOR)
    guide = models.CharField(max_length=200, blank=True)
    everybody = models.BooleanField(default=False)
    sealed_id = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()
    commitment = models.BinaryField(max_length=32)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PENDING)
    #: When Pendo was last asked for it, in the preview; null: not yet.
    looked_up_at = models.DateTimeField(null=True)
    #: JSON of what the preview saw (first and last visit, accounts, e-mail), under the targets key.
    sealed_details = models.BinaryField(null=True)
    why = models.CharField(max_length=12, choices=Why.choices, default=Why.EXACT_ID)
    #: Why it was spared, while its outcome is `spared`.
    spared_because = models.CharField(max_length=16, choices=Spared.choices, blank=True)
    #: Whether its id is an e-mail address and Pendo keeps another one for it.
    contradicts = models.BooleanField(default=False)
    #: The hold that keeps it back, where its outcome is `held`; one of them, where several do.
    held_by = models.ForeignKey(
        "Hold", on_delete=models.PROTECT, null=True, related_name="targets", db_index=False
    )

    class Meta:
        """Once in each subscription."""

        constraints = (
            models.UniqueConstraint(
                fields=["request", "subscription", "kind", "guide", "digest"],
                name="target_once_a_subscription",
            ),
        )
        indexes = (
            models.Index(fields=["request", "outcome", "id"], name="target_request_outcome"),
            models.Index(fields=["digest", "request"], name="target_digest"),
            # A request has up to a million targets: they are paged through whole, or by one of these.
            models.Index(fields=["request", "id"], name="target_of_request"),
            models.Index(fields=["request", "subscription", "id"], name="target_of_subscription"),
            models.Index(fields=["request", "kind", "id"], name="target_of_kind"),
            models.Index(
                fields=["subscription", "request"],
                condition=models.Q(looked_up_at__isnull=True),
                name="target_not_looked_up",
            ),
            models.Index(
                fields=["held_by", "request"],
                condition=models.Q(held_by__isnull=False),
                name="target_held_by",
            ),
        )

    def __str__(self) -> str:
        """The row, not the visitor."""
        return f"target/{self.pk}"


class Erased(models.Model):
    """That an identifier was erased, by its lookup digest: outlives the target, and answers "did you?"."""

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="erased")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=ErasedKind.choices)
    digest = models.BinaryField(max_length=32, db_index=True)
    digest_key = models.PositiveSmallIntegerField()
    #: Of an e-mail address: the digest of the visitor whose address it was.
    visitor_digest = models.BinaryField(max_length=32, null=True)
    erased_at = models.DateTimeField(default=clock.now)
    #: When it was let back in, and by which request; null where a person has said that it was.
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """Once by each request."""

        constraints = (
            models.UniqueConstraint(
                fields=["request", "subscription", "kind", "digest"], name="erased_once_a_request"
            ),
        )
        indexes = (
            models.Index(
                fields=["visitor_digest"],
                condition=models.Q(visitor_digest__isnull=False),
                name="erased_email_of",
            ),
        )

    def __str__(self) -> str:
        """The row, not the identifier."""
        return f"erased/{self.pk}"
