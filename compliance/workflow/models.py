"""Tables of the workflow. Whatever is personal is sealed under one of the request's two data keys."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.subscriptions.models import Subscription

from .states import ENDED, Channel, Identity, Kind, Outcome, State

PERSON = settings.AUTH_USER_MODEL
#: Crockford's alphabet: no letter that is read as another one over the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


#: Lists of requests are filtered by these. Each has an index that goes on with the date of the list, and ends
#: with the others: filters that are combined are tried on the index, without a look at the row.
FILTERED_BY = ("kind", "law", "entered_by", "state")
FILTERS = [(name, [other for other in FILTERED_BY if other != name]) for name in FILTERED_BY]
OPEN = models.Q(closed_at__isnull=True)
ENDED_ONES = models.Q(closed_at__isnull=False)


def new_reference() -> str:
    """A reference that tells nothing about how many requests there are: `ED-` and eight characters."""
    return "ED-" + "".join(secrets.choice(ALPHABET) for _ in range(8))


class Request(models.Model):
    """One wish. `state` is written by `moves.move` only."""

    reference = models.CharField(max_length=11, unique=True, default=new_reference, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ERASURE)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PREVIEWING)
    #: Code of a law, or empty: not yet known, so the strictest enabled one runs.
    law = models.CharField(max_length=20, blank=True)
    law_version = models.CharField(max_length=40, blank=True)
    calendar = models.CharField(max_length=10, blank=True)
    received_on = models.DateField()
    channel = models.CharField(max_length=12, choices=Channel.choices)
    identity = models.CharField(max_length=12, choices=Identity.choices)
    #: The earliest date by which the order must reach Pendo; lists sort by it.
    send_by = models.DateField(db_index=True)
    subscriptions = models.ManyToManyField(Subscription, related_name="requests")
    #: Wrapped data keys; null once forgotten.
    targets_key = models.BinaryField(null=True)
    correspondence_key = models.BinaryField(null=True)
    #: JSON of the subject's name and e-mail address, and free text, under the correspondence key.
    sealed_subject = models.BinaryField(null=True)
    sealed_note = models.BinaryField(null=True)
    #: Why it was cancelled.
    sealed_end_reason = models.BinaryField(null=True)
    entered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    changed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)
    grace_until = models.DateTimeField(null=True)
    #: When it ended; null as long as it is open.
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Worked through by date."""

        ordering = ("send_by", "pk")
        indexes = (
            # Serves the engine, too, which asks for a state and not for what is open.
            models.Index(
                fields=["state", "send_by", "id", "closed_at", "kind", "law", "entered_by"],
                name="request_state_send_by",
            ),
            models.Index(fields=["send_by", "id", *FILTERED_BY], condition=OPEN, name="request_open"),
            models.Index(
                fields=["closed_at", "id", *FILTERED_BY], condition=ENDED_ONES, name="request_ended"
            ),
            models.Index(
                fields=["received_on", "id", *FILTERED_BY], condition=OPEN, name="request_open_received"
            ),
            models.Index(
                fields=["received_on", "id", *FILTERED_BY],
                condition=ENDED_ONES,
                name="request_ended_received",
            ),
            *(
                models.Index(
                    fields=[name, "send_by", "id", *others], condition=OPEN, name=f"request_open_{name}"
                )
                for name, others in FILTERS
                if name != "state"
            ),
            *(
                models.Index(
                    fields=[name, "closed_at", "id", *others],
                    condition=ENDED_ONES,
                    name=f"request_ended_{name}",
                )
                for name, others in FILTERS
            ),
        )

    def __str__(self) -> str:
        """The reference."""
        return self.reference

    @property
    def chain(self) -> str:
        """The name of its chain in the ledger."""
        return f"request/{self.reference}"

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.state in ENDED


class SubjectDigest(models.Model):
    """The lookup digest of a subject's e-mail address: finds a person's other requests."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="subject_digests")
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()

    class Meta:
        """Requests are found by it without a look at the row."""

        indexes = (models.Index(fields=["digest", "request"], name="subject_digest"),)

    def __str__(self) -> str:
        """The row."""
        return f"subject/{self.pk}"


class Clock(models.Model):
    """A running deadline, as computed from the law's version when the request was opened."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=32)
    #: The last lawful day by the best reading, and by the strictest.
    legal = models.DateField()
    safe = models.DateField()
    send_by = models.DateField()
    article = models.CharField(max_length=200)

    class Meta:
        """One of each kind."""

        ordering = ("safe", "pk")
        constraints = (models.UniqueConstraint(fields=["request", "kind"], name="clock_once"),)

    def __str__(self) -> str:
        """Kind and date."""
        return f"{self.kind} by {self.safe}"


class Asked(models.Model):
    """What the person or a colleague named, as it was written."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="asked")
    kind = models.CharField(max_length=12)
    sealed_value = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()

    class Meta:
        """Named twice is asked once."""

        constraints = (models.UniqueConstraint(fields=["request", "kind", "digest"], name="asked_once"),)
        indexes = (models.Index(fields=["digest", "request"], name="asked_digest"),)

    def __str__(self) -> str:
        """The row, not the value."""
        return f"asked/{self.pk}"


class Target(models.Model):
    """One visitor in one subscription. `outcome` is written by `outcomes.settle` only."""

    # Several indexes below begin with it.
    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="targets", db_index=False)
    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, related_name="targets")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="targets")
    kind = models.CharField(max_length=12, default="visitor")
    sealed_id = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()
    commitment = models.BinaryField(max_length=32)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.PENDING)
    #: When Pendo was last asked for it, in the preview; null: not yet.
    looked_up_at = models.DateTimeField(null=True)
    #: JSON of what the preview saw (first and last visit, accounts, e-mail), under the targets key.
    sealed_details = models.BinaryField(null=True)

    class Meta:
        """Once in each subscription."""

        constraints = (
            models.UniqueConstraint(
                fields=["request", "subscription", "kind", "digest"], name="target_once_a_subscription"
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
                fields=["request", "subscription"],
                condition=models.Q(looked_up_at__isnull=True),
                name="target_not_looked_up",
            ),
        )

    def __str__(self) -> str:
        """The row, not the visitor."""
        return f"target/{self.pk}"


class Preview(models.Model):
    """The counted list of targets as looked up in Pendo, with its digest. Numbered within its request."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="previews")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=clock.now)
    ready_at = models.DateTimeField(null=True)
    found = models.PositiveIntegerField(default=0)
    not_found = models.PositiveIntegerField(default=0)
    #: SHA-256 over the sorted commitments of the targets found, with the subscriptions and the action.
    digest = models.CharField(max_length=64, blank=True)
    #: What holds it up, for people; empty while it goes on.
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        """Numbered."""

        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["request", "number"], name="preview_number_once"),)

    def __str__(self) -> str:
        """Request and number."""
        return f"preview {self.number} of request/{self.request_id}"


class Decision(models.TextChoices):
    """What an officer says to a preview."""

    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Sent back"


class Approval(models.Model):
    """One person's word on one preview. The reason is sealed under the correspondence key."""

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, related_name="approvals")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    given_at = models.DateTimeField(default=clock.now)
    #: Whether the person had held the officer's role for long enough to approve alone.
    seasoned = models.BooleanField(default=True)
    sealed_reason = models.BinaryField(null=True)

    class Meta:
        """One word a person."""

        ordering = ("given_at",)
        constraints = (models.UniqueConstraint(fields=["preview", "person"], name="one_word_a_person"),)

    def __str__(self) -> str:
        """Preview and person."""
        return f"{self.decision} by person/{self.person_id}"


class Attention(models.Model):
    """Something that a person has to look at: a reason from a closed list, with its way out."""

    class Reason(models.TextChoices):
        """What can need a person."""

        STILL_PRESENT = "still_present", "Visitors are still in Pendo after the deletion was sent twice"
        BATCH_REFUSED = "batch_refused", "Pendo refuses a visitor's deletion and does not say why"
        RECEIPT_OVERDUE = "receipt_overdue", "Pendo has not completed a deletion within the time it names"
        UNKNOWN_WORD = "unknown_word", "Pendo describes a deletion with a status that is not known here"
        NOT_PAID = "not_paid", "Pendo answers that the subscription's contract does not cover the call"

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="attentions")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    raised_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True)

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
        )

    def __str__(self) -> str:
        """The reason."""
        return self.reason
