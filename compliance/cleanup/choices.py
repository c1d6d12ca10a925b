"""The words for what a rule does, to whom, and what became of a run."""

from __future__ import annotations

from django.db import models

from compliance.workflow.states import AskedKind, Kind


class RuleAction(models.TextChoices):
    """What a rule does."""

    ERASE = "erase", "Erase visitors"
    ERASE_AND_LIFT = "erase_and_lift", "Erase visitors, and lift Do Not Process once they are erased"
    RESET_GUIDE = "reset_guide", "Reset one guide for the visitors"
    RESET_GUIDES = "reset_guides", "Reset all guides for the visitors"
    RESET_STAGED = "reset_staged", "Reset one staged guide for everybody"
    RESET_ALL_STAGED = "reset_all_staged", "Reset all staged guides for everybody"


ERASING = frozenset({RuleAction.ERASE, RuleAction.ERASE_AND_LIFT})
#: They name one guide.
OF_ONE_GUIDE = frozenset({RuleAction.RESET_GUIDE, RuleAction.RESET_STAGED})
#: They name no visitor: what everybody has seen and answered in the guide is gone.
FOR_EVERYBODY = frozenset({RuleAction.RESET_STAGED, RuleAction.RESET_ALL_STAGED})


def kind_of(action: str) -> Kind:
    """The kind of request that a run of such a rule is."""
    return Kind.TEST_DATA if action in ERASING else Kind.GUIDE_RESET


class Source(models.TextChoices):
    """How a rule says which visitors it is about."""

    LIST = "list", "Exactly these ids"
    PREFIX = "prefix", "Ids that begin with"
    SUFFIX = "suffix", "Ids that end with"
    EMAIL_DOMAIN = "email_domain", "An e-mail domain"
    METADATA = "metadata", "A metadata field with a value"
    SEGMENT = "segment", "A shared segment"
    REPORT = "report", "A public report of visitors or accounts"


#: What a request asks for it.
ASKED = {
    Source.LIST: AskedKind.VISITOR,
    Source.PREFIX: AskedKind.PREFIX,
    Source.SUFFIX: AskedKind.SUFFIX,
    Source.EMAIL_DOMAIN: AskedKind.EMAIL_DOMAIN,
    Source.METADATA: AskedKind.METADATA,
    Source.SEGMENT: AskedKind.SEGMENT,
    Source.REPORT: AskedKind.REPORT,
}
#: Whether an id belongs to such a source shows in the id itself; to another, only Pendo can say.
SHOWN_BY_THE_ID = frozenset({Source.LIST, Source.PREFIX, Source.SUFFIX})


class Trigger(models.TextChoices):
    """What started a run."""

    PERSON = "person", "by hand"
    SCHEDULE = "schedule", "by its schedule"
    COMMAND = "command", "by the command line"
    PROGRAM = "program", "by a program (API)"


class Result(models.TextChoices):
    """What became of a run that has ended."""

    DONE = "done", "Done"
    SHOWN = "shown", "Shown"
    NOTHING = "nothing", "Nothing matched"
    STOPPED = "stopped", "Stopped by its guard"
    CANCELLED = "cancelled", "Cancelled by a person"
    FAILED = "failed", "Failed in part"


class Ended(models.TextChoices):
    """Why a standing approval counts no more."""

    CHANGED = "changed", "the rule was changed"
    EXPIRED = "expired", "its last day is over"
    WITHDRAWN = "withdrawn", "it was withdrawn"
    ROLE = "role", "whoever gave it doesn't hold the role any more"
    ALLOWANCE = "allowance", "the officer's pattern for test ids in production doesn't cover it any more"
    RETIRED = "retired", "the rule was retired"
