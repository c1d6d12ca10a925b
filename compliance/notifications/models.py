"""Tables of mail, and of webhooks: endpoints, messages, and the delivery of each message to each endpoint."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.db import models

from compliance.audit.models import Entry
from compliance.connectors.webhooks import Ending
from compliance.core import clock, crypto, keyring
from compliance.core.fields import WrappedKeyField
from compliance.people.models import Person, Token
from compliance.subscriptions.models import Subscription
from compliance.workflow.models import Request

from .event_types import EventType


class Notice(models.Model):
    """One mail for a ledger entry to one person: due, then sent, or found to be unneeded."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    #: Which line of `mails.MAILS` for the entry's event, by the name of its templates.
    mail = models.CharField(max_length=40)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """Nobody gets the same mail twice, whatever runs at the same time."""

        constraints = (
            models.UniqueConstraint(fields=["entry", "person", "mail"], name="notice_once_a_person"),
        )
        indexes = (
            models.Index(fields=["due_at"], condition=models.Q(settled_at__isnull=True), name="notice_due"),
        )

    def __str__(self) -> str:
        """The row."""
        return f"notice/{self.pk}"


#: How an attempt ended, for people.
ENDINGS = {
    Ending.TAKEN: "taken",
    Ending.GONE: "gone: nobody wants these any more",
    Ending.REFUSED: "not taken",
    Ending.NO_ANSWER: "no answer in time, or it broke off",
    Ending.NO_CONNECTION: "no connection",
    Ending.BAD_CERTIFICATE: "the certificate isn't valid for this host",
    Ending.UNFIT_ADDRESS: "the name can't be resolved, or leads to an address that nothing is sent to",
}
#: What is sealed of an endpoint, and for which purpose.
URL, SECRET = "webhook url", "webhook secret"


def new_message_name() -> str:
    """A name that is used once: receivers tell repetitions by it."""
    return f"evt_{secrets.token_hex(16)}"


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Endpoints by what they are worth now."""

    def standing(self) -> EndpointQuerySet:
        """Neither removed, nor disabled, nor orphaned; paused ones are among them."""
        here = self.filter(removed_at__isnull=True, disabled_at__isnull=True)
        return here.exclude(self._orphaned())

    def orphaned(self) -> EndpointQuerySet:
        """Still enabled, though the time or the token by which they were subscribed is over."""
        here = self.filter(removed_at__isnull=True, disabled_at__isnull=True)
        return here.filter(self._orphaned())

    def _orphaned(self) -> models.Q:
        by_token = models.Q(token__isnull=False)
        return by_token & (
            models.Q(expires_at__lte=clock.now())
            | models.Q(token__revoked_at__isnull=False)
            | models.Q(owner__is_active=False)
        )


class Endpoint(models.Model):
    """An address that messages are sent to. Written by `hooks` and, for how sending goes, by `posting`."""

    class Disabled(models.TextChoices):
        """Why nothing is sent there any more."""

        GONE = "gone", "the receiver said 410: nobody wants these any more"
        UNANSWERED = "unanswered", "nothing was taken for three days"
        ENDED = "ended", "the token by which it was subscribed works no more"

    #: Gets mail about it.
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    #: By which it was subscribed over REST: it hears of what its owner may read. Null: set up on screen.
    token = models.ForeignKey(Token, on_delete=models.PROTECT, null=True, related_name="+")
    description = models.CharField(max_length=120, blank=True)
    #: All that is shown of the address: the rest of it may be a secret.
    host = models.CharField(max_length=255)
    #: Lookup digest of the address, by which the same subscription is found again.
    digest = models.BinaryField(max_length=32)
    #: Values of `EventType`.
    types = models.JSONField()
    #: Wrapped data key that seals the address and the secrets; all of them null once it is removed.
    data_key = WrappedKeyField(null=True)
    sealed_url = models.BinaryField(null=True)
    sealed_secret = models.BinaryField(null=True)
    #: The secret before: messages are signed with it, too, until then.
    sealed_former_secret = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=clock.now)
    #: When a subscription by token ends, unless it is renewed.
    expires_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_because = models.CharField(max_length=10, choices=Disabled.choices, blank=True)
    removed_at = models.DateTimeField(null=True)
    #: Nothing is sent before; who takes the endpoint for a message puts it off first.
    next_at = models.DateTimeField(default=clock.now)
    #: Messages in a row that weren't taken.
    failures = models.PositiveIntegerField(default=0)
    #: When a message was last taken.
    taken_at = models.DateTimeField(null=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        """The newest first."""

        ordering = ("-pk",)
        indexes = (models.Index(fields=["digest"], name="endpoint_digest"),)

    def __str__(self) -> str:
        """How the ledger names it."""
        return self.reference

    @property
    def reference(self) -> str:
        """How the ledger names it."""
        return f"webhook/{self.pk}"

    @property
    def stands(self) -> bool:
        """Whether it is there, and not disabled; it may be paused."""
        return self.removed_at is None and self.disabled_at is None

    @property
    def type_choices(self) -> list[EventType]:
        """What it hears of."""
        return [each for each in EventType if each in self.types]

    @property
    def hears_all(self) -> bool:
        """Whether it hears of everything that there is to hear of now."""
        return set(self.types) >= set(EventType.values)

    @property
    def url(self) -> str:
        """The whole address. It may be a secret: it is shown to nobody."""
        return self._opened(self.sealed_url, URL)

    @property
    def signing_secrets(self) -> list[str]:
        """With what messages are signed now, the newest first."""
        found = [self._opened(self.sealed_secret, SECRET)]
        if self.sealed_former_secret and self.former_until and self.former_until > clock.now():
            found.append(self._opened(self.sealed_former_secret, SECRET))
        return found

    def seal(self, plain: str, purpose: str) -> bytes:
        """Sealed under its key. Raises `SealBroken` once that is destroyed."""
        return crypto.seal(self._key(), plain.encode(), purpose=purpose)

    def _opened(self, sealed: bytes | memoryview[int] | None, purpose: str) -> str:
        return crypto.open_sealed(self._key(), bytes(sealed or b""), purpose=purpose).decode()

    def _key(self) -> bytes:
        if self.data_key is None:
            raise crypto.SealBroken("the webhook was removed")
        return keyring.unwrap(bytes(self.data_key))


class Message(models.Model):
    """What is told of one ledger entry, in the same words to everybody. It names no person concerned."""

    name = models.CharField(max_length=40, unique=True, default=new_message_name, editable=False)
    #: A value of `EventType`.
    type = models.CharField(max_length=40)
    #: When what it tells happened.
    at = models.DateTimeField()
    #: Null for a test.
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="+")
    #: Who may read this request, may hear of it; null where it is about no request.
    request = models.ForeignKey(Request, on_delete=models.PROTECT, null=True, related_name="+")
    #: The same for a subscription; null, too, where it is about all of them.
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, null=True, related_name="+")
    #: The JSON that is sent, letter for letter: repetitions are the same bytes.
    body = models.TextField()
    made_at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        """The newest first; lists are of one type, or of one request's."""

        ordering = ("-pk",)
        indexes = (models.Index(fields=["type", "-id"], name="message_type"),)

    def __str__(self) -> str:
        """Its name."""
        return self.name

    @property
    def told(self) -> dict[str, Any]:
        """The JSON as data."""
        told: dict[str, Any] = json.loads(self.body)
        return told


class Delivery(models.Model):
    """One message to one endpoint: due, then taken, or given up. The row is the truth, the queue a hint."""

    class State(models.TextChoices):
        """Where it is."""

        WAITING = "waiting", "waits"
        TAKEN = "taken", "delivered"
        GIVEN_UP = "given_up", "given up"
        DROPPED = "dropped", "not sent"

    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=clock.now)
    #: From when the days count after which it is given up.
    since = models.DateTimeField(default=clock.now)
    #: Of the last attempt: when, how it ended, by which HTTP status, and how long it took.
    tried_at = models.DateTimeField(null=True)
    ending = models.CharField(
        max_length=16, choices=[(each.value, words) for each, words in ENDINGS.items()], blank=True
    )
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """No endpoint gets a message twice, but by repetition."""

        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=["endpoint", "message"], name="delivery_once_an_endpoint"),
        )
        indexes = (
            models.Index(
                fields=["endpoint", "next_at"], condition=models.Q(state="waiting"), name="delivery_due"
            ),
            models.Index(fields=["endpoint", "-id"], name="delivery_log"),
        )

    def __str__(self) -> str:
        """The row."""
        return f"delivery/{self.pk}"

    @property
    def answer(self) -> str:
        """How the last attempt ended, for people."""
        words = ENDINGS[Ending(self.ending)] if self.ending else ""
        return f"{words} ({self.status})" if self.status else words
