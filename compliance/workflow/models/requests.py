"""The request, what it asks, its clocks, and what came to it later."""

from __future__ import annotations

import secrets
from functools import reduce
from operator import or_

from django.apps import apps
from django.conf import settings
from django.db import models

from compliance.core import clock
from compliance.core.fields import WrappedKeyField
from compliance.subscriptions.models import Subscription
from compliance.workflow.kinds import KINDS_FOR_TESTS
from compliance.workflow.states import (
    ENDED,
    UNDER_WAY,
    UNFINISHED,
    AskedKind,
    Channel,
    CompanyRole,
    Identity,
    Kind,
    State,
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


def about_tests(path: str = "") -> models.Q:
    """That the request at `path` is about tests; without one, in the words of the indexes made for it.

    Spelled out, kind by kind: SQLite doesn't see that a list implies an index's condition.
    """
    before = f"{path}__" if path else ""
    return reduce(or_, (models.Q(**{f"{before}kind": kind.value}) for kind in sorted(KINDS_FOR_TESTS)))


def new_reference() -> str:
    """A reference that tells nothing about how many requests there are: `ED-` and eight characters."""
    return "ED-" + "".join(secrets.choice(ALPHABET) for _ in range(8))


class RequestQuerySet(models.QuerySet["Request"]):
    """Requests by what they want of a subscription."""

    def waiting_for(self, subscription: Subscription) -> RequestQuerySet:
        """Open ones that still want something of it: once sending has begun, while a target is unfinished."""
        targets = apps.get_model("workflow", "Target").objects
        unfinished = targets.filter(
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
            # Who is there for tests sees no others, and they may be few among very many.
            models.Index(
                fields=["send_by", "id", *FILTERED_BY],
                condition=OPEN & about_tests(),
                name="request_open_tests",
            ),
            models.Index(
                fields=["closed_at", "id", *FILTERED_BY],
                condition=ENDED_ONES & about_tests(),
                name="request_ended_tests",
            ),
            models.Index(fields=["id"], condition=about_tests(), name="request_tests"),
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
