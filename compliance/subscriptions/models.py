"""Tables of subscriptions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.connectors.pendo import REGIONS
from compliance.core import clock, keyring
from compliance.core.fields import WrappedKeyField

PERSON = settings.AUTH_USER_MODEL


class PauseReason(models.TextChoices):
    """Why nothing is sent to a subscription."""

    PERSON = "person", "paused by a person"
    FOREIGN = (
        "foreign",
        "the key answers for another subscription: too few of its known visitors and guides were seen",
    )
    NO_CONTROLS = (
        "no_controls",
        (
            "every visitor known here is being erased, so an absence couldn't be told from a wrong key; "
            "resume it once Pendo knows another visitor"
        ),
    )
    KEY_REFUSED = "key_refused", "Pendo refuses the key"


class Subscription(models.Model):
    """One Pendo subscription. `url` is empty, or where settings allow it, another host than the region's."""

    name = models.CharField(max_length=80, unique=True)
    region = models.CharField(
        max_length=4, choices=[(code, region.label) for code, region in REGIONS.items()]
    )
    url = models.URLField(blank=True)
    production = models.BooleanField(default=True)
    #: Wrapped data key that seals the Pendo key and the control visitors.
    data_key = WrappedKeyField()
    added_at = models.DateTimeField(default=clock.now)
    paused_reason = models.CharField(max_length=12, choices=PauseReason.choices, blank=True)
    paused_at = models.DateTimeField(null=True)

    class Meta:
        """In the order people read."""

        ordering = ("name",)

    def __str__(self) -> str:
        """The name: chosen by the company, about no person."""
        return self.name

    @property
    def reference(self) -> str:
        """How the ledger names this subscription."""
        return f"subscription/{self.pk}"

    @property
    def base_url(self) -> str:
        """Where its API answers."""
        return self.url or REGIONS[self.region].url

    @property
    def paused(self) -> bool:
        """Whether nothing may be sent now."""
        return bool(self.paused_reason)

    def unwrapped_key(self) -> bytes:
        """The data key itself."""
        return keyring.unwrap(bytes(self.data_key))


class Key(models.Model):
    """A Pendo key: entered once, verified, sealed, never shown."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="keys")
    sealed = models.BinaryField()
    #: Tells two keys apart without showing either: the start of the key's lookup digest.
    fingerprint = models.CharField(max_length=8)
    entered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        """One key of a subscription is in use."""

        constraints = (
            models.UniqueConstraint(
                fields=["subscription"], condition=models.Q(replaced_at__isnull=True), name="one_key_in_use"
            ),
        )

    def __str__(self) -> str:
        """The fingerprint."""
        return self.fingerprint

    @property
    def age_in_days(self) -> int:
        """Whole days since it was entered."""
        return (clock.now() - self.entered_at).days


class Control(models.Model):
    """A visitor known to exist: seeing it in a pass shows that the right subscription answers."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="controls")
    sealed_id = models.BinaryField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        """Once each."""

        constraints = (models.UniqueConstraint(fields=["subscription", "digest"], name="control_once"),)

    def __str__(self) -> str:
        """The row, not the visitor."""
        return f"control/{self.pk}"


class KnownGuide(models.Model):
    """The keyed digest of a guide's id: the subscription is recognised by its guides, too."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="known_guides")
    digest = models.BinaryField(max_length=32)

    class Meta:
        """Once each."""

        constraints = (models.UniqueConstraint(fields=["subscription", "digest"], name="known_guide_once"),)

    def __str__(self) -> str:
        """The row."""
        return f"guide/{self.pk}"


class LaneKind(models.TextChoices):
    """The kinds of call that have a pace of their own."""

    BULK = "bulk", "bulk deletes"
    READ = "read", "look-ups"


class Lane(models.Model):
    """The pace and the one sender of a kind of call to a subscription. Written by `lanes` only."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="lanes")
    kind = models.CharField(max_length=8, choices=LaneKind.choices)
    #: Nothing is sent before this (database time).
    next_at = models.DateTimeField(default=clock.now)
    #: Calls that Pendo has put off one after the other; the waits grow with them.
    failures = models.PositiveSmallIntegerField(default=0)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(default=clock.now)
    #: The worker group that holds the lease, so that a supervisor can free what its own dead group held.
    leased_by = models.CharField(max_length=32, blank=True)

    class Meta:
        """One of each kind."""

        constraints = (models.UniqueConstraint(fields=["subscription", "kind"], name="lane_once"),)

    def __str__(self) -> str:
        """Subscription and kind."""
        return f"{self.subscription_id}/{self.kind}"
