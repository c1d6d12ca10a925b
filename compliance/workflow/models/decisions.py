"""What people decide about a request: approvals, refusals, appeals."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.workflow.states import (
    Channel,
)

from .previews import Preview
from .requests import Request

PERSON = settings.AUTH_USER_MODEL


class Decision(models.TextChoices):
    """What an officer says to a preview."""

    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Sent back"


class AccessAnswer(models.TextChoices):
    """What became of access to the data, where the same message asked for it, before the data is erased."""

    GIVEN = "given", "Access was given"
    NOT_DUE = "not_due", "Access isn't due"


class Approval(models.Model):
    """One person's word on one preview. The reason is sealed under the correspondence key."""

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, related_name="approvals")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    given_at = models.DateTimeField(default=clock.now)
    #: Whether the person had held the officer's role for long enough to approve alone.
    seasoned = models.BooleanField(default=True)
    sealed_reason = models.BinaryField(null=True)
    #: Where access was asked, too: what became of that.
    access = models.CharField(max_length=8, choices=AccessAnswer.choices, blank=True)
    #: The rule, its version and the standing approval on whose strength it was given; empty: by hand.
    by_rule = models.CharField(max_length=120, blank=True)
    #: Since when it counts no more, because the standing approval was void before anything was sent.
    void_at = models.DateTimeField(null=True)

    class Meta:
        """One word a person."""

        ordering = ("given_at",)
        constraints = (models.UniqueConstraint(fields=["preview", "person"], name="one_word_a_person"),)

    def __str__(self) -> str:
        """Preview and person."""
        return f"{self.decision} by person/{self.person_id}"


class RefusalScope(models.TextChoices):
    """How much of what is asked a refusal is about."""

    WHOLE = "whole", "the whole request"
    TARGETS = "targets", "some of the targets that were found"
    NAMED = "named", "data named in words"


class Refusal(models.Model):
    """That the right is refused, wholly or in part: proposed by one person, decided by another.

    What is personal in it is under the correspondence key.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="refusals")
    scope = models.CharField(max_length=8, choices=RefusalScope.choices)
    #: A reason code of the request's law.
    code = models.CharField(max_length=48)
    #: JSON: the facts, and what else the code wants in words.
    sealed_case = models.BinaryField()
    #: The day on which the data goes after all, where the code wants one.
    kept_until = models.DateField(null=True)
    #: When somebody was told that this day has come.
    told_of_end_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=clock.now)
    #: Null while it waits for a second person.
    agreed = models.BooleanField(null=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    #: Why it was declined.
    sealed_word = models.BinaryField(null=True)

    class Meta:
        """One waits at a time."""

        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["request"], condition=models.Q(agreed__isnull=True), name="refusal_waits_once"
            ),
        )
        indexes = (
            models.Index(
                fields=["proposed_at", "id"],
                condition=models.Q(agreed__isnull=True),
                name="refusal_waiting",
            ),
            models.Index(
                fields=["kept_until"],
                condition=models.Q(kept_until__isnull=False, told_of_end_at__isnull=True),
                name="refusal_keeps",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"refusal/{self.pk}"


class RefusedTarget(models.Model):
    """A target that a refusal is about, by its commitment: it stays refused when it is looked up again."""

    refusal = models.ForeignKey(Refusal, on_delete=models.CASCADE, related_name="refused_targets")
    commitment = models.BinaryField(max_length=32)

    class Meta:
        """Once each."""

        constraints = (models.UniqueConstraint(fields=["refusal", "commitment"], name="refused_target_once"),)

    def __str__(self) -> str:
        """The row."""
        return f"refused target/{self.pk}"


class AppealKind(models.TextChoices):
    """What a person who isn't content addresses to the company itself."""

    APPEAL = "appeal", "Appeal"
    COMPLAINT = "complaint", "Complaint"


class AppealResult(models.TextChoices):
    """What became of it."""

    UPHELD = "upheld", "Our answer stands"
    OVERTURNED = "overturned", "Granted"


class Appeal(models.Model):
    """An appeal or complaint about a request, with the dates of its own clock."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="appeals")
    kind = models.CharField(max_length=10, choices=AppealKind.choices)
    received_on = models.DateField()
    channel = models.CharField(max_length=12, choices=Channel.choices)
    #: What the person says, under the correspondence key.
    sealed_text = models.BinaryField()
    #: The last lawful day by the best reading, and by the strictest, which is what is worked by.
    legal = models.DateField()
    safe = models.DateField()
    article = models.CharField(max_length=200)
    entered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)
    #: That an officer took more time for the answer, where the law gives some: once. Then `legal` and `safe`
    #: are those of the longer period; the reason is under the correspondence key.
    extended_on = models.DateField(null=True)
    extended_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    sealed_extension = models.BinaryField(null=True)
    #: Of a complaint: when the person was told that it arrived. That is all its clock wants.
    acknowledged_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=10, choices=AppealResult.choices, blank=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    sealed_reason = models.BinaryField(null=True)
    #: The request that was opened because it was granted.
    followed_by = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="follows")

    class Meta:
        """Worked through by date."""

        ordering = ("safe", "pk")
        indexes = (models.Index(fields=["safe", "id"], condition=models.Q(result=""), name="appeal_open"),)

    def __str__(self) -> str:
        """The row."""
        return f"appeal/{self.pk}"

    @property
    def is_overdue(self) -> bool:
        """Whether the last lawful day has passed, and what it wants isn't done."""
        return not self.result and self.acknowledged_at is None and self.legal < clock.today()
