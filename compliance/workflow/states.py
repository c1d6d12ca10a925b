"""The words for where a request and a target are."""

from __future__ import annotations

from django.db import models


class Kind(models.TextChoices):
    """What kind of wish a request is."""

    ERASURE = "erasure", "Erasure (a right under a law)"


class Channel(models.TextChoices):
    """How the wish reached the company."""

    EMAIL = "email", "E-mail"
    LETTER = "letter", "Letter"
    PHONE = "phone", "Telephone"
    SUPPORT = "support", "Support conversation"
    CUSTOMER = "customer", "Passed on by a customer"
    SOCIAL = "social", "Social media"
    OTHER = "other", "Another way"


class Identity(models.TextChoices):
    """How we know that it is this person."""

    VOUCHED = "vouched", "A colleague knows the person and vouches"
    ACCOUNT = "account", "Asked while logged in to their account"
    MAILBOX = "mailbox", "Answered from the mailbox we know"
    AGENT = "agent", "An agent showed a permission"


class State(models.TextChoices):
    """Where a request is."""

    PREVIEWING = "previewing", "Preview under way"
    PREVIEWED = "previewed", "Waiting for approval"
    NOTHING_FOUND = "nothing_found", "Nothing found"
    REJECTED = "rejected", "Sent back"
    APPROVED = "approved", "Approved"
    EXECUTING = "executing", "Being sent to Pendo"
    CONFIRMING = "confirming", "Being confirmed"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


#: Nothing happens to a request in one of these any more.
ENDED = frozenset({State.CLOSED, State.CANCELLED})
#: Nothing was sent yet for a request in one of these.
BEFORE_SENDING = frozenset(
    {State.PREVIEWING, State.PREVIEWED, State.NOTHING_FOUND, State.REJECTED, State.APPROVED}
)
#: What was asked may be changed here: no approval is lost silently, nothing was sent.
CHANGEABLE = frozenset({State.PREVIEWED, State.NOTHING_FOUND, State.REJECTED})


class Outcome(models.TextChoices):
    """What became of a target. Every target has exactly one."""

    PENDING = "pending", "Pending"
    HELD = "held", "Held"
    SPARED = "spared", "Spared"
    CANCELLED = "cancelled", "Cancelled"
    NOT_FOUND = "not_found", "Not found"
    UNCERTAIN = "uncertain", "Uncertain"
    ACCEPTED = "accepted", "Accepted by Pendo"
    PRESENT = "present", "Said done, still there"
    ERASED = "erased", "Erased"
    RESET = "reset", "Reset"
    FAILED = "failed", "Failed"


#: A request can be closed when all its targets have one of these.
FINAL = frozenset(
    {
        Outcome.HELD,
        Outcome.SPARED,
        Outcome.CANCELLED,
        Outcome.NOT_FOUND,
        Outcome.ERASED,
        Outcome.RESET,
        Outcome.FAILED,
    }
)
