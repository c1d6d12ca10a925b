"""What the company has chosen: its laws, and its policy of approval."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock

PERSON = settings.AUTH_USER_MODEL


class LawChoice(models.Model):
    """That an administrator switched a law on or off. `enabled_laws` knows of those without a row."""

    code = models.CharField(max_length=20, unique=True)
    enabled = models.BooleanField()
    chosen_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        """Code and choice."""
        return f"{self.code} {'on' if self.enabled else 'off'}"


class PolicyLineQuerySet(models.QuerySet["PolicyLine"]):
    """Lines by what they are worth now."""

    def in_force(self) -> PolicyLineQuerySet:
        """Those that hold."""
        return self.filter(in_force_at__isnull=False, ended_at__isnull=True)

    def proposed(self) -> PolicyLineQuerySet:
        """Those that wait for an officer."""
        return self.filter(in_force_at__isnull=True, ended_at__isnull=True)


class PolicyLine(models.Model):
    """What an approval takes at one place, for one kind of request or every one: proposed, in force, ended.

    Its numbers never change: a change is another line. What is null, a more general line says.
    """

    #: "production", "elsewhere", or the reference of a subscription.
    place = models.CharField(max_length=30)
    #: A kind of request, or empty: every one. No choices: a new kind needs no migration.
    kind = models.CharField(max_length=12, blank=True)
    two_people_over = models.PositiveIntegerField(null=True)
    two_people_for_accounts = models.BooleanField(null=True)
    two_people_for_wipes = models.BooleanField(null=True)
    grace_minutes = models.PositiveIntegerField(null=True)
    canary_over = models.PositiveIntegerField(null=True)
    canary_size = models.PositiveIntegerField(null=True)
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    #: The officer who agreed; null where nothing got weaker, so nobody had to.
    agreed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    in_force_at = models.DateTimeField(null=True)
    #: When another line followed, or when the proposal was declined.
    ended_at = models.DateTimeField(null=True)

    objects = PolicyLineQuerySet.as_manager()

    class Meta:
        """At each place, for each kind, one line holds and one is proposed."""

        constraints = (
            models.UniqueConstraint(
                fields=["place", "kind"],
                condition=models.Q(in_force_at__isnull=False, ended_at__isnull=True),
                name="policy_line_in_force_once",
            ),
            models.UniqueConstraint(
                fields=["place", "kind"],
                condition=models.Q(in_force_at__isnull=True, ended_at__isnull=True),
                name="policy_line_proposed_once",
            ),
        )

    def __str__(self) -> str:
        """Where it holds."""
        return f"{self.place} {self.kind or 'every kind'}"
