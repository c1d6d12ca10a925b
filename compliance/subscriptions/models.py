"""Tables of subscriptions."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models

from compliance.connectors.pendo import REGIONS
from compliance.core import clock, keyring
from compliance.core.fields import WrappedKeyField
from compliance.people.models import Grant

PERSON = settings.AUTH_USER_MODEL
#: Days before the day of replacement on which reminders go out; after it, every day.
REMINDED_BEFORE = (30, 14, 7, 1, 0)


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


#: No officer can end such a pause alone: it needs a key, or another visitor in Pendo.
HELPLESS = frozenset({PauseReason.FOREIGN, PauseReason.NO_CONTROLS, PauseReason.KEY_REFUSED})


class Subscription(models.Model):
    """One Pendo subscription. `url` is empty, or where settings allow it, another host than the region's."""

    name = models.CharField(max_length=80, unique=True)
    region = models.CharField(
        max_length=4, choices=[(code, region.label) for code, region in REGIONS.items()]
    )
    url = models.URLField(blank=True)
    production = models.BooleanField(default=True)
    #: Where its visitors' e-mail addresses stand in Pendo's metadata.
    email_field = models.CharField(max_length=80, default="agent.email")
    #: Wrapped data key that seals the Pendo key and the control visitors.
    data_key = WrappedKeyField()
    added_at = models.DateTimeField(default=clock.now)
    paused_reason = models.CharField(max_length=12, choices=PauseReason.choices, blank=True)
    paused_at = models.DateTimeField(null=True)
    #: When it was told to everybody concerned that the refused key behind this pause was left unanswered.
    escalated_at = models.DateTimeField(null=True)
    #: Since when Pendo has given no usable answer; null while it answers. Written by `outages` only.
    silent_since = models.DateTimeField(null=True)
    #: A key is to be replaced so many days after it was made.
    rotation_days = models.PositiveSmallIntegerField(default=90)

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


class GrantReach(models.Model):
    """A subscription that a limited grant reaches."""

    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="reaches")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")

    class Meta:
        """Each one once."""

        constraints = (
            models.UniqueConstraint(fields=["grant", "subscription"], name="grant_reaches_subscription_once"),
        )

    def __str__(self) -> str:
        """Grant and subscription, by their numbers."""
        return f"grant/{self.grant_id} in subscription/{self.subscription_id}"


class Purpose(models.TextChoices):
    """What a key is for."""

    WRITE = "write", "everything"
    READ = "read", "look-ups only"


class KeyVerdict(models.TextChoices):
    """What Pendo said of a key when it was last asked."""

    WORKS = "works", "works"
    REFUSED = "refused", "refused by Pendo"
    READS_ONLY = "reads_only", "may only read"
    NO_ANSWER = "no_answer", "no answer; asked again within the hour"


class Key(models.Model):
    """A Pendo key: verified, sealed, never shown. In use, then waiting to be deleted in Pendo, then retired.

    One row for each key: one that is entered again is the same row, as old as it was.
    """

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="keys")
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.WRITE)
    #: Null once retired: nobody can read it any more.
    sealed = models.BinaryField(null=True)
    #: Tells two keys apart without showing either: the start of the key's lookup digest.
    fingerprint = models.CharField(max_length=8)
    #: The day it was made in Pendo; where nobody knows (not `made_on_known`), the day of its first entry.
    made_on = models.DateField(default=clock.today)
    made_on_known = models.BooleanField(default=False)
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    deputy = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)
    checked_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, choices=KeyVerdict.choices, blank=True)
    #: The day of the last reminder, and the day of replacement that it named.
    reminded_on = models.DateField(null=True)
    reminded_of = models.DateField(null=True)
    #: When another key took its place.
    replaced_at = models.DateTimeField(null=True)
    #: When Pendo first refused it after that; null again if it was then accepted.
    refused_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        """One key of a subscription is in use for each purpose."""

        constraints = (
            models.UniqueConstraint(
                fields=["subscription", "purpose"],
                condition=models.Q(replaced_at__isnull=True),
                name="one_key_in_use_for_each_purpose",
            ),
        )

    def __str__(self) -> str:
        """The fingerprint."""
        return self.fingerprint

    @property
    def in_use(self) -> bool:
        """Whether calls are made with it."""
        return self.replaced_at is None

    @property
    def waits_to_be_deleted(self) -> bool:
        """Whether it was replaced, and Pendo may still accept it."""
        return self.replaced_at is not None and self.retired_at is None

    @property
    def age_in_days(self) -> int:
        """Whole days since it was made; at least so many, where nobody knows when that was."""
        return (clock.today() - self.made_on).days

    @property
    def rotate_by(self) -> dt.date:
        """The day by which another key has to take its place."""
        return self.made_on + dt.timedelta(days=self.subscription.rotation_days)

    @property
    def days_left(self) -> int:
        """Days until then; negative once it is past."""
        return (self.rotate_by - clock.today()).days

    @property
    def grows_old(self) -> bool:
        """Whether reminders to replace it have begun."""
        return self.days_left <= REMINDED_BEFORE[0]


class KeyProposal(models.Model):
    """A key of another Pendo subscription, under seal until a second person has decided, or a day is over."""

    class Decision(models.TextChoices):
        """How it ended."""

        CONFIRMED = "confirmed", "confirmed"
        DECLINED = "declined", "declined"
        EXPIRED = "expired", "expired"

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="key_proposals")
    #: Null once decided.
    sealed = models.BinaryField(null=True)
    fingerprint = models.CharField(max_length=8)
    made_on = models.DateField(null=True)
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    decision = models.CharField(max_length=9, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """One at a time."""

        constraints = (
            models.UniqueConstraint(
                fields=["subscription"], condition=models.Q(decision=""), name="one_key_proposal_at_a_time"
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"key proposal/{self.pk}"


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
    RESET = "reset", "guide resets"
    READ = "read", "look-ups"


#: Their calls change something in Pendo: nothing goes out in them while all sending is stopped.
SENDING_LANES = frozenset({LaneKind.BULK, LaneKind.RESET})


class Lane(models.Model):
    """The pace and the one sender of a kind of call to a subscription. Written by `lanes` only."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="lanes")
    kind = models.CharField(max_length=8, choices=LaneKind.choices)
    #: Nothing is sent before this (database time).
    next_at = models.DateTimeField(default=clock.now)
    #: Calls that Pendo has put off one after the other; the waits grow with them.
    failures = models.PositiveSmallIntegerField(default=0)
    #: When Pendo last gave a usable answer to anything that was asked in this lane (database time).
    answered_at = models.DateTimeField(null=True)
    #: The first of the slices since then that got none (database time).
    silent_since = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(default=clock.now)
    #: The worker group that holds the lease, so that a supervisor can free what its own dead group held.
    leased_by = models.CharField(max_length=32, blank=True)
    #: Nothing was sent after this moment on the monotonic clock of that boot; null where nobody knows.
    quiet_since = models.FloatField(null=True)
    quiet_boot = models.CharField(max_length=64, blank=True)
    #: Calls a second, where the lane finds that out; and those at the last refusal. Null: nothing known yet.
    rate = models.FloatField(null=True)
    ceiling = models.FloatField(null=True)

    class Meta:
        """One of each kind."""

        constraints = (models.UniqueConstraint(fields=["subscription", "kind"], name="lane_once"),)

    def __str__(self) -> str:
        """Subscription and kind."""
        return f"{self.subscription_id}/{self.kind}"


class Stop(models.Model):
    """That all sending is stopped until an officer lets it go on. Written by `stopping` only."""

    stopped_at = models.DateTimeField(default=clock.now)
    #: Null: whoever has a shell on the machine.
    stopped_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    #: Wrapped data key that seals the reason.
    data_key = WrappedKeyField()
    sealed_reason = models.BinaryField()
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """The one in force is asked for before each call."""

        indexes = (
            models.Index(fields=["id"], condition=models.Q(resumed_at__isnull=True), name="stop_in_force"),
        )

    def __str__(self) -> str:
        """The row."""
        return f"stop/{self.pk}"

    @property
    def by_whom(self) -> str:
        """Who stopped it, for people."""
        return self.stopped_by.name if self.stopped_by else "somebody at the command line"
