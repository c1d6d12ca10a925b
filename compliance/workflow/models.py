"""Tables of the workflow. Whatever is personal is sealed under one of the request's two data keys."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.core.fields import WrappedKeyField
from compliance.subscriptions.models import Control, Subscription

from .hold_reasons import HoldReason
from .states import (
    ENDED,
    UNDER_WAY,
    UNFINISHED,
    AskedKind,
    Channel,
    CompanyRole,
    ErasedKind,
    HeldKind,
    Identity,
    Kind,
    Outcome,
    Spared,
    State,
    TargetKind,
    Why,
)

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


class RequestQuerySet(models.QuerySet["Request"]):
    """Requests by what they want of a subscription."""

    def waiting_for(self, subscription: Subscription) -> RequestQuerySet:
        """Open ones that still want something of it: once sending has begun, while a target is unfinished."""
        unfinished = Target.objects.filter(
            request=models.OuterRef("pk"), subscription=subscription, outcome__in=UNFINISHED
        )
        here = self.filter(subscriptions=subscription, closed_at__isnull=True)
        return here.filter(~models.Q(state__in=UNDER_WAY) | models.Exists(unfinished))


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
    #: Empty where no person asked: see `kinds.TRAITS`.
    channel = models.CharField(max_length=12, choices=Channel.choices, blank=True)
    identity = models.CharField(max_length=12, choices=Identity.choices, blank=True)
    #: What the caller's own system calls it, such as a ticket's number. Its form leaves no room for a person.
    external_reference = models.CharField(max_length=80, blank=True, db_index=True)
    #: The earliest date by which the order must reach Pendo; lists sort by it.
    send_by = models.DateField(db_index=True)
    #: The last lawful day for the answer, never before `send_by`; null where no law sets one. Both are
    #: written together, by `deadlines.keep_dates`.
    legal_by = models.DateField(null=True)
    #: When the person was asked to prove who they are, and when they did; null where that wasn't needed.
    identity_asked_on = models.DateField(null=True)
    identity_proven_on = models.DateField(null=True)
    #: Whether the same message asks for access to the data, which comes first.
    access_asked = models.BooleanField(default=False)
    #: The number under which another system handles the correspondence, and the day that it sets; empty where
    #: the letters are ours.
    elsewhere_case = models.CharField(max_length=80, blank=True)
    elsewhere_due_on = models.DateField(null=True)
    #: As processor it acts on the customer's instruction only, within the days of the contract: `processing`.
    company_role = models.CharField(
        max_length=10, choices=CompanyRole.choices, default=CompanyRole.CONTROLLER
    )
    customer_due_on = models.DateField(null=True)
    #: The policy that a retention request carries out, by its name or number in the company.
    policy_reference = models.CharField(max_length=80, blank=True)
    #: Visitors who were seen on this day or later are spared (retention).
    seen_before = models.DateField(null=True)
    #: Whether the visitors of an account that is asked go with it.
    with_visitors = models.BooleanField(default=True)
    #: The request that this one goes on from, with the same dates.
    continues = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="continued_by")
    #: Since when all that is to be sent of it stands in batches, which are made some at a time.
    planned_at = models.DateTimeField(null=True)
    #: Nothing of it is sent while this is set. Written by `pausing` only.
    paused_at = models.DateTimeField(null=True)
    #: Since when nothing more of it is sent, and the rest is being cancelled. Written by `cancelling` only.
    rest_cancelled_at = models.DateTimeField(null=True)
    #: Why a person paused it, under the correspondence key.
    sealed_pause_reason = models.BinaryField(null=True)
    subscriptions = models.ManyToManyField(Subscription, related_name="requests")
    #: Wrapped data keys; null once forgotten.
    targets_key = WrappedKeyField(null=True)
    correspondence_key = WrappedKeyField(null=True)
    #: JSON of the subject's name and e-mail address, and free text, under the correspondence key.
    sealed_subject = models.BinaryField(null=True)
    sealed_note = models.BinaryField(null=True)
    #: Why it was cancelled.
    sealed_end_reason = models.BinaryField(null=True)
    entered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: Who changed it last, to be shown. Who may not decide about it stands in `changers`.
    changed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: Everybody who entered it, supplied what it asks or ever changed it. Written by `changers` only.
    changers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    opened_at = models.DateTimeField(default=clock.now)
    grace_until = models.DateTimeField(null=True)
    #: When it ended; null as long as it is open.
    closed_at = models.DateTimeField(null=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        """Worked through by date."""

        ordering = ("send_by", "pk")
        indexes = (
            # Serves the engine, too, which asks for a state and not for what is open.
            models.Index(
                fields=["state", "send_by", "id", "closed_at", "kind", "law", "entered_by"],
                name="request_state_send_by",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(rest_cancelled_at__isnull=False) & OPEN,
                name="request_rest_cancelled",
            ),
            models.Index(fields=["send_by", "id", *FILTERED_BY], condition=OPEN, name="request_open"),
            models.Index(
                fields=["closed_at", "id", *FILTERED_BY], condition=ENDED_ONES, name="request_ended"
            ),
            models.Index(fields=["legal_by", "id", *FILTERED_BY], condition=OPEN, name="request_open_legal"),
            models.Index(
                fields=["received_on", "id", *FILTERED_BY], condition=OPEN, name="request_open_received"
            ),
            models.Index(
                fields=["received_on", "id", *FILTERED_BY],
                condition=ENDED_ONES,
                name="request_ended_received",
            ),
            # Nearly every request is the company's own as controller: the others are found by these.
            models.Index(
                fields=["send_by", "id", *FILTERED_BY],
                condition=OPEN & models.Q(company_role=CompanyRole.PROCESSOR),
                name="request_open_processor",
            ),
            models.Index(
                fields=["closed_at", "id", *FILTERED_BY],
                condition=ENDED_ONES & models.Q(company_role=CompanyRole.PROCESSOR),
                name="request_ended_processor",
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


class LaterMessage(models.Model):
    """That the person asked the same again, after the request was recorded. The note is sealed with it."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="later_messages")
    received_on = models.DateField()
    channel = models.CharField(max_length=12, choices=Channel.choices)
    sealed_note = models.BinaryField(null=True)
    entered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        """In the order in which they came."""

        ordering = ("received_on", "pk")

    def __str__(self) -> str:
        """The row."""
        return f"later message/{self.pk}"


class Extension(models.Model):
    """That an officer took more time for the answer, once. The reason is under the correspondence key."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="extension")
    #: A code of the law's own grounds.
    ground = models.CharField(max_length=40)
    sealed_reason = models.BinaryField()
    #: The new date where the law names no length; null where its clock says it.
    until = models.DateField(null=True)
    taken_on = models.DateField(default=clock.today)
    taken_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        """The row."""
        return f"extension/{self.pk}"


class Asked(models.Model):
    """What the person or a colleague named, as it was written."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="asked")
    kind = models.CharField(max_length=12, choices=AskedKind.choices)
    sealed_value = models.BinaryField()
    digest = models.BinaryField(max_length=32)
    digest_key = models.PositiveSmallIntegerField()
    #: Of an e-mail address: the digest of its mailbox without the +tag, by which variants are found.
    mailbox_digest = models.BinaryField(max_length=32, null=True)

    class Meta:
        """Named twice is asked once. Pages of visitors are compared by both digests."""

        constraints = (models.UniqueConstraint(fields=["request", "kind", "digest"], name="asked_once"),)
        indexes = (
            models.Index(fields=["digest", "request"], name="asked_digest"),
            models.Index(
                fields=["request", "mailbox_digest"],
                condition=models.Q(mailbox_digest__isnull=False),
                name="asked_mailbox",
            ),
        )

    def __str__(self) -> str:
        """The row, not the value."""
        return f"asked/{self.pk}"


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


class Preview(models.Model):
    """The counted list of targets as looked up in Pendo, with its digest. Numbered within its request."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="previews")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=clock.now)
    ready_at = models.DateTimeField(null=True)
    found = models.PositiveIntegerField(default=0)
    not_found = models.PositiveIntegerField(default=0)
    spared = models.PositiveIntegerField(default=0)
    contradicting = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    #: The last target that was compared with the holds that stand, and whether one was placed since.
    screened_up_to = models.BigIntegerField(default=0)
    screening = models.BooleanField(default=False)
    #: JSON of counts by account, last visit, e-mail domain, under the targets key; null for small ones.
    sealed_summary = models.BinaryField(null=True)
    #: SHA-256 over the sorted commitments of the targets found, with the subscriptions and the action.
    digest = models.CharField(max_length=64, blank=True)
    #: The last target that the summary counts, while it is being made.
    summed_up_to = models.BigIntegerField(default=0)
    #: What holds it up, for people; empty while it goes on.
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        """Numbered."""

        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["request", "number"], name="preview_number_once"),)
        indexes = (
            models.Index(
                fields=["request"], condition=models.Q(screening=True), name="preview_to_be_screened"
            ),
        )

    def __str__(self) -> str:
        """Request and number."""
        return f"preview {self.number} of request/{self.request_id}"


class ScanStep(models.TextChoices):
    """Where a scan is."""

    CLEARING = "clearing", "What was found before is being removed"
    ACCOUNTS = "accounts", "The accounts asked are looked up"
    CHILDREN = "children", "Their child accounts are looked for"
    VISITORS = "visitors", "All visitors are read, page by page"
    ENDED = "ended", "Read to its end"
    #: Things asked and not found have their rows, too.
    ADDED_UP = "added_up", "Added up"


#: Such a scan has nothing to ask any more.
SCANNED = frozenset({ScanStep.ENDED, ScanStep.ADDED_UP})


class Scan(models.Model):
    """One paged pass over a subscription's visitors, for a preview or, without one, for a confirmation.

    Written by `scans` only. No page of it is kept: only where it is, and what it found.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="scans")
    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, null=True, related_name="scans")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="scans")
    #: Whether it reads those marked Do Not Process, instead of all visitors.
    marked = models.BooleanField(default=False)
    step = models.CharField(max_length=8, choices=ScanStep.choices, default=ScanStep.CLEARING)
    #: JSON of the ids to go on from, under the targets key.
    sealed_place = models.BinaryField(null=True)
    #: Pages kept in this step, and the records in them.
    pages = models.PositiveIntegerField(default=0)
    records = models.PositiveIntegerField(default=0)
    #: The control visitors met on its way: each counts once, and only while it is one.
    controls_seen = models.ManyToManyField(Control, related_name="+")
    #: The last thing asked that was looked up, or given its row.
    asked_up_to = models.BigIntegerField(default=0)
    began_at = models.DateTimeField(default=clock.now)
    #: Nothing is done about it before this.
    due_at = models.DateTimeField(default=clock.now)
    #: How often it was started anew because it proved nothing, and how often its next page was refused.
    restarts = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    #: At its end: how many control visitors there were, and how many of them it met.
    controls = models.PositiveSmallIntegerField(default=0)
    seen = models.PositiveSmallIntegerField(default=0)

    class Meta:
        """In order; those under way are found quickly."""

        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=["preview", "subscription"], name="scan_once_a_preview"),
        )
        indexes = (models.Index(fields=["subscription", "step"], name="scan_subscription_step"),)

    def __str__(self) -> str:
        """The row."""
        return f"scan/{self.pk}"


class Tally(models.Model):
    """How many visitors a scan has met who have exactly an e-mail address that is asked.

    Whoever is named by id, too, is counted here, yet is a target because of the id.
    """

    scan = models.ForeignKey(Scan, on_delete=models.CASCADE, related_name="tallies")
    asked = models.ForeignKey(Asked, on_delete=models.CASCADE, related_name="+")
    count = models.PositiveIntegerField()

    class Meta:
        """Once for each."""

        constraints = (models.UniqueConstraint(fields=["scan", "asked"], name="tally_once"),)

    def __str__(self) -> str:
        """The row."""
        return f"tally/{self.pk}"


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


class SampleLook(models.Model):
    """That a person has looked at one target of a preview's sample."""

    preview = models.ForeignKey(Preview, on_delete=models.CASCADE, related_name="looks")
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Target, on_delete=models.CASCADE, related_name="+")
    looked_at = models.DateTimeField(default=clock.now)

    class Meta:
        """Once each."""

        constraints = (
            models.UniqueConstraint(fields=["preview", "person", "target"], name="sample_look_once"),
        )

    def __str__(self) -> str:
        """The row."""
        return f"sample look/{self.pk}"


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


class Recipient(models.Model):
    """Another system that holds data of the people we erase, and who sees to it that it is told."""

    name = models.CharField(max_length=80, unique=True)
    #: What is held there, and how it is told of an erasure: in words.
    holds = models.CharField(max_length=400)
    told_by = models.CharField(max_length=400)
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: Days that it may take from the order to the evidence.
    days = models.PositiveSmallIntegerField()
    #: The kinds of request that concern it; and of those with a law, which laws: none named, every one.
    kinds = models.JSONField(default=list)
    laws = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        """By name."""

        ordering = ("name", "pk")

    def __str__(self) -> str:
        """The name: chosen by the company, about no person."""
        return self.name


class Told(models.TextChoices):
    """How the task of telling a recipient ended."""

    TOLD = "told", "Told"
    NOTHING_HELD = "nothing_held", "Not told: nothing of this request is held there"
    IMPOSSIBLE = "impossible", "Not told: it is impossible"
    DISPROPORTIONATE = "disproportionate", "Not told: the effort would be disproportionate"


class RecipientTask(models.Model):
    """That one recipient has to be told of one request. Open as long as `done_at` is null."""

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="recipient_tasks")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="tasks")
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    opened_at = models.DateTimeField(default=clock.now)
    #: When its owner was reminded, and when it was told to officers, too, that it is overdue.
    reminded_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    told = models.CharField(max_length=16, choices=Told.choices, blank=True)
    #: The evidence, or the facts for which it isn't told, under the correspondence key.
    sealed_evidence = models.BinaryField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        """Once for each request; those to be done are paged through by day."""

        ordering = ("due_on", "pk")
        constraints = (models.UniqueConstraint(fields=["request", "recipient"], name="recipient_task_once"),)
        indexes = (
            models.Index(
                fields=["due_on", "id", "owner", "recipient"],
                condition=models.Q(done_at__isnull=True),
                name="recipient_task_open",
            ),
            models.Index(
                fields=["owner", "due_on", "id"],
                condition=models.Q(done_at__isnull=True),
                name="recipient_task_open_owner",
            ),
            models.Index(
                fields=["done_at", "id", "owner", "recipient"],
                condition=models.Q(done_at__isnull=False),
                name="recipient_task_done",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"recipient task/{self.pk}"


class Risk(models.TextChoices):
    """What an incident means for the people concerned."""

    NONE = "none", "Unlikely to be a risk to anybody"
    RISK = "risk", "A risk"
    HIGH = "high", "A high risk"


class Incident(models.Model):
    """That data was deleted which nobody asked to delete: what happened, who decided what, who was told.

    Its texts are sealed under a key of its own: they have to outlive what is forgotten of the request.
    """

    request = models.ForeignKey(Request, on_delete=models.PROTECT, related_name="incidents")
    opened_at = models.DateTimeField(default=clock.now)
    opened_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    #: Since when somebody here knew, and 72 hours later.
    aware_at = models.DateTimeField()
    notify_by = models.DateTimeField()
    data_key = WrappedKeyField()
    sealed_happened = models.BinaryField()
    #: Whether all targets of the request were wrongly named; else those in `targets`.
    whole = models.BooleanField(default=False)
    targets = models.ManyToManyField(Target, related_name="+")
    #: The request that lifts Do Not Process for them.
    readmission = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="+")
    #: The assessment: empty or null until it is made.
    risk = models.CharField(max_length=4, choices=Risk.choices, blank=True)
    persons = models.PositiveIntegerField(null=True)
    sealed_categories = models.BinaryField(null=True)
    #: The decision: whether the authority, and the persons, are to be notified; null until it is made.
    tell_authority = models.BooleanField(null=True)
    tell_persons = models.BooleanField(null=True)
    sealed_reason = models.BinaryField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    #: When they were notified.
    authority_told_at = models.DateTimeField(null=True)
    persons_told_at = models.DateTimeField(null=True)
    #: When the reminder before the end of the 72 hours went out, and the one after.
    reminded_at = models.DateTimeField(null=True)
    passed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Open ones by the end of their 72 hours."""

        ordering = ("notify_by", "pk")
        indexes = (
            models.Index(
                fields=["notify_by", "id"],
                condition=models.Q(closed_at__isnull=True),
                name="incident_open",
            ),
        )

    def __str__(self) -> str:
        """The row."""
        return f"incident/{self.pk}"

    @property
    def hours_run(self) -> bool:
        """Whether the 72 hours still matter: it isn't decided, or the authority is yet to be notified."""
        return self.closed_at is None and (
            self.tell_authority is None or (self.tell_authority and self.authority_told_at is None)
        )


class Customer(models.Model):
    """A company whose data is processed here on its behalf, and how many days the contract gives."""

    name = models.CharField(max_length=120, unique=True)
    #: Its account in Pendo, by which it is found in previews; empty if nobody knows.
    account_id = models.CharField(max_length=200, blank=True, db_index=True)
    #: Where its instructions come from, such as privacy@customer.example.
    contact = models.EmailField(blank=True)
    #: Days after receipt within which the contract wants a person's request handled.
    days = models.PositiveSmallIntegerField()
    active = models.BooleanField(default=True)

    class Meta:
        """By name."""

        ordering = ("name", "pk")

    def __str__(self) -> str:
        """The name of a company."""
        return self.name


class Processing(models.Model):
    """For which customer the company acts as processor of a request, and what the customer has instructed."""

    request = models.OneToOneField(Request, on_delete=models.CASCADE, related_name="processing")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    #: JSON of the customer's name and account, as it was chosen or typed, under the correspondence key.
    sealed_customer = models.BinaryField()
    days = models.PositiveSmallIntegerField()
    forwarded_at = models.DateTimeField(null=True)
    #: JSON of who instructed and what shows it, under the correspondence key; null until it is recorded.
    sealed_instruction = models.BinaryField(null=True)
    instructed_on = models.DateField(null=True)
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        """The row."""
        return f"processing/{self.pk}"
