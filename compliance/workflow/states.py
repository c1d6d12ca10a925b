"""The words for where a request and a target are."""

from __future__ import annotations

from django.db import models


class Kind(models.TextChoices):
    """What kind of wish a request is."""

    ERASURE = "erasure", "Erasure (a right under a law)"
    OFFBOARDING = "offboarding", "Offboarding (a customer leaves)"
    RETENTION = "retention", "Retention (our own policy: purge what is old)"
    TEST_DATA = "test_data", "Test data (QA)"
    GUIDE_RESET = "guide_reset", "Guide reset (show guides afresh)"
    READMISSION = "readmission", "Readmission (lift Do Not Process)"


class AskedKind(models.TextChoices):
    """What somebody may name."""

    VISITOR = "visitor", "Visitor id"
    ACCOUNT = "account", "Account id"
    EMAIL = "email", "E-mail address"
    GUIDE = "guide", "Guide id"
    #: Its value is empty: there is only one such thing in a subscription.
    STAGED = "staged", "All staged guides"


class HeldKind(models.TextChoices):
    """By what a hold names whom it keeps back: each is a kind of lookup digest, too."""

    VISITOR = "visitor", "Visitor id"
    EMAIL = "email", "E-mail address"
    ACCOUNT = "account", "Account id"
    DOMAIN = "domain", "E-mail domain"


class TargetKind(models.TextChoices):
    """What is acted on in Pendo. A guide is reset for one visitor, or for everybody."""

    VISITOR = "visitor", "Visitor"
    ACCOUNT = "account", "Account"
    GUIDE = "guide", "Guide"


class ErasedKind(models.TextChoices):
    """Of what the register of what was erased holds digests; each is a kind of lookup digest."""

    VISITOR = "visitor", "Visitor"
    ACCOUNT = "account", "Account"
    #: The address that Pendo kept for a visitor.
    EMAIL = "email", "E-mail address"


class Why(models.TextChoices):
    """Why a target belongs to what was asked."""

    EXACT_ID = "exact_id", "Exact id"
    EMAIL = "email", "Exact e-mail address"
    EMAIL_AS_ID = "email_as_id", "The id is the e-mail address"
    EMAIL_CASE = "email_case", "The e-mail address in other letter case"
    EMAIL_PLUS = "email_plus", "The e-mail address with another +tag"
    OF_ACCOUNT = "of_account", "Visitor of the account"


class Spared(models.TextChoices):
    """Why a target that was found is not acted on, unless a person ticks it."""

    SEVERAL_ACCOUNTS = "several_accounts", "Belongs to another account, too"
    VISITORS_KEPT = "visitors_kept", "The account goes, its visitors stay"
    MANY_MATCHES = "many_matches", "More than three visitors have this e-mail address; tick who is meant"
    VARIANT = "variant", "Only resembles the e-mail address that was asked; tick it if it is meant"
    SEEN_SINCE = "seen_since", "Was seen on or after the day that the policy names"
    NOT_CHOSEN = "not_chosen", "A person left it out"
    REFUSED = "refused", "Refused, with reasons, by two people"
    #: Such a target isn't found: there is nothing that could be reset.
    NOT_STAGED = "not_staged", "Not a staged guide, so it can't be reset for everybody"


class Channel(models.TextChoices):
    """How the wish reached the company."""

    EMAIL = "email", "E-mail"
    LETTER = "letter", "Letter"
    PHONE = "phone", "Telephone"
    SUPPORT = "support", "Support conversation"
    CUSTOMER = "customer", "Passed on by a customer"
    SOCIAL = "social", "Social media"
    API = "api", "A program (API)"
    OTHER = "other", "Another way"


#: What a colleague may say of a request that they type in.
BY_HAND = tuple(channel for channel in Channel if channel is not Channel.API)


class Identity(models.TextChoices):
    """How we know that it is this person."""

    VOUCHED = "vouched", "A colleague knows the person and vouches"
    ACCOUNT = "account", "Asked while logged in to their account"
    MAILBOX = "mailbox", "Answered from the mailbox we know"
    AGENT = "agent", "An agent showed a permission"


class CompanyRole(models.TextChoices):
    """What the company is for the person concerned."""

    CONTROLLER = "controller", "Controller (we decide)"
    PROCESSOR = "processor", "Processor (a customer decides)"


class State(models.TextChoices):
    """Where a request is."""

    CHECKING = "checking", "File being checked"
    #: A program opened it with many others at once: a person has to say that they are meant.
    UNCONFIRMED = "unconfirmed", "Waits for confirmation"
    PREVIEWING = "previewing", "Preview under way"
    PREVIEWED = "previewed", "Waiting for approval"
    NOTHING_FOUND = "nothing_found", "Nothing found"
    REJECTED = "rejected", "Sent back"
    #: The company is processor: the customer has to instruct it.
    FORWARDED = "forwarded", "Forwarded to the customer"
    APPROVED = "approved", "Approved"
    EXECUTING = "executing", "Being sent to Pendo"
    CONFIRMING = "confirming", "Being confirmed"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn by the person"


#: Nothing happens to a request in one of these any more.
ENDED = frozenset({State.CLOSED, State.CANCELLED, State.REFUSED, State.WITHDRAWN})
#: By somebody's word a request has ended in one of these before anything was sent.
ENDED_EARLY = frozenset({State.CANCELLED, State.REFUSED, State.WITHDRAWN})
#: Nothing was sent yet for a request in one of these.
BEFORE_SENDING = frozenset(
    {
        State.UNCONFIRMED,
        State.PREVIEWING,
        State.PREVIEWED,
        State.NOTHING_FOUND,
        State.REJECTED,
        State.FORWARDED,
        State.APPROVED,
    }
)
#: Something of a request in one of these was sent, or is on its way.
UNDER_WAY = frozenset({State.EXECUTING, State.CONFIRMING})
#: Something of a request in one of these is being sent, or will be, or may have to be sent once more.
SENDABLE = frozenset({State.APPROVED, State.EXECUTING, State.CONFIRMING})
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
    RETURNED = "returned", "Do Not Process lifted"
    FAILED = "failed", "Failed"


#: What has one of these may yet be sent, or sent once more.
UNSENT = frozenset({Outcome.PENDING, Outcome.UNCERTAIN})
#: A request can be closed when all its targets have one of these.
FINAL = frozenset(
    {
        Outcome.HELD,
        Outcome.SPARED,
        Outcome.CANCELLED,
        Outcome.NOT_FOUND,
        Outcome.ERASED,
        Outcome.RESET,
        Outcome.RETURNED,
        Outcome.FAILED,
    }
)
#: The others, named, so that the index by outcome answers.
UNFINISHED = tuple(outcome for outcome in Outcome if outcome not in FINAL)
