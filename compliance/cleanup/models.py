"""Tables of clean-up rules."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.core.fields import WrappedKeyField
from compliance.subscriptions.models import Subscription
from compliance.workflow.models import Request

from .choices import Ended, Result, RuleAction, Source, Trigger

PERSON = settings.AUTH_USER_MODEL


class Rule(models.Model):
    """What is to be cleared again and again, by name. What it says stands in its versions."""

    name = models.SlugField(max_length=40, unique=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: Wrapped data key that seals lists of ids.
    data_key = WrappedKeyField()
    #: When its schedule starts it next; null where it has none, while that is paused, and once retired.
    next_run_at = models.DateTimeField(null=True)
    #: Since when its schedule doesn't start it.
    paused_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        """In the order people read; those that are due are found quickly."""

        ordering = ("name",)
        indexes = (
            models.Index(
                fields=["next_run_at"],
                condition=models.Q(next_run_at__isnull=False),
                name="rule_next_run",
            ),
        )

    def __str__(self) -> str:
        """The name: chosen by QA, about no person."""
        return self.name

    @property
    def chain(self) -> str:
        """The name of its chain in the ledger."""
        return f"cleanup/{self.name}"

    @cached_property
    def version(self) -> Version:
        """What it says now."""
        return self.versions.latest("number")


class Version(models.Model):
    """What a rule says: it never changes, for a change is another version. Numbered within its rule."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=16, choices=RuleAction.choices)
    #: Empty where it names no visitor.
    source = models.CharField(max_length=12, choices=Source.choices, blank=True)
    #: What the source says: a prefix, a domain, the id of a segment. Empty for a list of ids.
    value = models.CharField(max_length=1024, blank=True)
    #: JSON of the ids of a list, under the rule's data key, and how many they are.
    sealed_ids = models.BinaryField(null=True)
    count = models.PositiveIntegerField(default=0)
    guide = models.CharField(max_length=200, blank=True)
    #: The guard: see `workflow.Guard`.
    pattern = models.CharField(max_length=200, blank=True)
    most = models.PositiveIntegerField()
    share = models.PositiveSmallIntegerField()
    #: A cron expression and its time zone, or empty.
    cron = models.CharField(max_length=100, blank=True)
    zone = models.CharField(max_length=60, blank=True)
    #: Whether tests use the same ids again.
    reused = models.BooleanField()
    #: SHA-256 of all that it says, its subscription included.
    digest = models.CharField(max_length=64)
    author = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        """Numbered."""

        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once"),)

    def __str__(self) -> str:
        """Rule and number."""
        return f"version {self.number} of rule/{self.rule_id}"


class StandingApproval(models.Model):
    """That one version of a rule may run without being asked about, until a day. Written by `approving`."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="standing_approvals")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=clock.now)
    #: The last day on which it counts.
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=12, choices=Ended.choices, blank=True)
    #: Of how many days before its end people were last told.
    told_of_days = models.PositiveSmallIntegerField(null=True)

    class Meta:
        """A version has one at a time."""

        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["version"],
                condition=models.Q(ended_at__isnull=True),
                name="standing_approval_once",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"standing approval {self.pk}"

    @property
    def stands(self) -> bool:
        """Whether it counts today."""
        return self.ended_at is None and self.ends_on >= clock.today()

    @property
    def days_left(self) -> int:
        """How many days it counts after today; negative once it is over."""
        return (self.ends_on - clock.today()).days


class Allowance(models.Model):
    """Which ids an officer takes for test data in a production subscription, and how many a run may touch."""

    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    pattern = models.CharField(max_length=200)
    most = models.PositiveIntegerField()
    set_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=clock.now)
    ended_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """A pattern is set once at a time in a subscription."""

        ordering = ("subscription__name", "pattern", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["subscription", "pattern"],
                condition=models.Q(ended_at__isnull=True),
                name="allowance_once",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"allowance/{self.pk}"


class Run(models.Model):
    """A rule was run, or what it would do was shown: by one request, which the engine carries out."""

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="runs")
    request = models.OneToOneField(Request, on_delete=models.PROTECT, related_name="+")
    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    #: Null where its schedule or the command line started it.
    started_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(default=clock.now)
    #: The moment of its schedule for which it was started.
    scheduled_for = models.DateTimeField(null=True)
    dry_run = models.BooleanField(default=False)
    #: Lookup digest of the visitors and the guide that it is narrowed to; empty where it isn't.
    narrowing = models.BinaryField(max_length=32, default=bytes)
    narrowed_to = models.PositiveIntegerField(null=True)
    narrowed_guide = models.CharField(max_length=200, blank=True)
    #: Since when Pendo has accepted all of it, or it has ended: another run may begin.
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=10, choices=Result.choices, blank=True)
    #: What its preview matched: how many, how many the run before it hadn't, and the other way round, and how
    #: many were first seen less than a quarter of an hour before. Null until it is ready.
    matched = models.PositiveIntegerField(null=True)
    compared_with = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    fresh = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    young = models.PositiveIntegerField(default=0)
    #: How many targets came to which outcome, once it has ended.
    outcomes = models.JSONField(default=dict)
    #: The request that lifts Do Not Process of what it erased.
    lifting = models.OneToOneField(Request, on_delete=models.PROTECT, null=True, related_name="+")
    #: When its targets, and all that was sealed of them, were deleted.
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        """Two of the same join until all is sent, and a moment of the schedule starts one."""

        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["version", "dry_run", "narrowing"],
                condition=models.Q(sent_at__isnull=True),
                name="run_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["rule", "scheduled_for"],
                condition=models.Q(scheduled_for__isnull=False),
                name="run_once_a_moment",
            ),
        )
        indexes = (
            models.Index(fields=["rule", "id"], name="run_of_rule"),
            models.Index(fields=["id"], condition=models.Q(ended_at__isnull=True), name="run_open"),
            models.Index(
                fields=["ended_at"],
                condition=models.Q(ended_at__isnull=False, forgotten_at__isnull=True),
                name="run_to_forget",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"run/{self.pk}"
