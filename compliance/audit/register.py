"""Where each model's changes are recorded: each is listed once, and a test fails on one that isn't."""

from __future__ import annotations

import enum

from auditlog.registry import auditlog
from django.apps import apps


class Kept(enum.Enum):
    """How the changes of a model are kept."""

    CHANGE_RECORD = "change record"
    LEDGER = "ledger"
    TECHNICAL = "technical"


MODELS: dict[str, Kept] = {
    # What people configure: django-auditlog keeps who changed which field, when, from where.
    "people.Person": Kept.CHANGE_RECORD,
    "people.Grant": Kept.CHANGE_RECORD,
    "people.Token": Kept.CHANGE_RECORD,
    "people.Absence": Kept.CHANGE_RECORD,
    "subscriptions.Subscription": Kept.CHANGE_RECORD,
    "subscriptions.GrantReach": Kept.CHANGE_RECORD,
    "subscriptions.Key": Kept.CHANGE_RECORD,
    "workflow.PolicyLine": Kept.CHANGE_RECORD,
    "workflow.LawChoice": Kept.CHANGE_RECORD,
    "workflow.Hold": Kept.CHANGE_RECORD,
    "workflow.Recipient": Kept.CHANGE_RECORD,
    "workflow.Customer": Kept.CHANGE_RECORD,
    "cleanup.Rule": Kept.CHANGE_RECORD,
    "cleanup.Allowance": Kept.CHANGE_RECORD,
    "mfa.Authenticator": Kept.CHANGE_RECORD,
    # What happens to requests: entries in the same transaction.
    "workflow.Request": Kept.LEDGER,
    "workflow.Flood": Kept.LEDGER,
    "workflow.ProgramOpening": Kept.LEDGER,
    "workflow.SubjectDigest": Kept.LEDGER,
    "workflow.Clock": Kept.LEDGER,
    "workflow.LaterMessage": Kept.LEDGER,
    "workflow.Extension": Kept.LEDGER,
    "workflow.Asked": Kept.LEDGER,
    "workflow.Target": Kept.LEDGER,
    "workflow.Erased": Kept.LEDGER,
    "workflow.Preview": Kept.LEDGER,
    "workflow.Scan": Kept.LEDGER,
    "workflow.Tally": Kept.LEDGER,
    # What was found on a list stands in the ledger with the preview.
    "workflow.Listing": Kept.LEDGER,
    "workflow.Member": Kept.LEDGER,
    "workflow.Approval": Kept.LEDGER,
    "workflow.Refusal": Kept.LEDGER,
    "workflow.Appeal": Kept.LEDGER,
    "workflow.RefusedTarget": Kept.LEDGER,
    "workflow.SampleLook": Kept.LEDGER,
    "workflow.HeldThing": Kept.LEDGER,
    "workflow.Suspension": Kept.LEDGER,
    "workflow.Attention": Kept.LEDGER,
    "workflow.RecipientTask": Kept.LEDGER,
    "workflow.Incident": Kept.LEDGER,
    "workflow.Processing": Kept.LEDGER,
    "workflow.Guard": Kept.LEDGER,
    "workflow.Narrowing": Kept.LEDGER,
    "cleanup.Version": Kept.LEDGER,
    "cleanup.StandingApproval": Kept.LEDGER,
    "cleanup.Run": Kept.LEDGER,
    "execution.Batch": Kept.LEDGER,
    "execution.Sending": Kept.LEDGER,
    "execution.Call": Kept.LEDGER,
    "execution.SuspensionCall": Kept.LEDGER,
    "execution.BatchReceipt": Kept.LEDGER,
    "execution.Receipt": Kept.LEDGER,
    "execution.Look": Kept.LEDGER,
    "execution.WatchPass": Kept.LEDGER,
    "execution.Finding": Kept.LEDGER,
    "execution.Reappearance": Kept.LEDGER,
    "execution.WayOut": Kept.LEDGER,
    "subscriptions.KeyProposal": Kept.LEDGER,
    "subscriptions.Stop": Kept.LEDGER,
    "evidence.Export": Kept.LEDGER,
    "subscriptions.Control": Kept.LEDGER,
    "subscriptions.KnownGuide": Kept.LEDGER,
    # The ledger itself, and what the machinery keeps for itself.
    "audit.Chain": Kept.TECHNICAL,
    "audit.Entry": Kept.TECHNICAL,
    "auditlog.LogEntry": Kept.TECHNICAL,
    "subscriptions.Lane": Kept.TECHNICAL,
    "execution.Heartbeat": Kept.TECHNICAL,
    "execution.MarkedReading": Kept.TECHNICAL,
    # Nothing of a pass stands in the ledger before it has come to its end.
    "execution.Sighting": Kept.TECHNICAL,
    "workflow.Offering": Kept.TECHNICAL,
    "people.KeptAnswer": Kept.TECHNICAL,
    "people.CallCount": Kept.TECHNICAL,
    "intake.Draft": Kept.TECHNICAL,
    # Nothing of a file stands in the ledger before somebody records it: it may be discarded.
    "intake.Upload": Kept.TECHNICAL,
    "intake.UploadChunk": Kept.TECHNICAL,
    "intake.BadLine": Kept.TECHNICAL,
    "intake.CaseFolds": Kept.TECHNICAL,
    "notifications.Endpoint": Kept.LEDGER,
    "notifications.Notice": Kept.TECHNICAL,
    "notifications.Message": Kept.TECHNICAL,
    "notifications.Delivery": Kept.TECHNICAL,
    "account.EmailAddress": Kept.TECHNICAL,
    "account.EmailConfirmation": Kept.TECHNICAL,
    "auth.Group": Kept.TECHNICAL,
    "auth.Permission": Kept.TECHNICAL,
    "contenttypes.ContentType": Kept.TECHNICAL,
    "django_q.Failure": Kept.TECHNICAL,
    "django_q.OrmQ": Kept.TECHNICAL,
    "django_q.Schedule": Kept.TECHNICAL,
    "django_q.Success": Kept.TECHNICAL,
    "django_q.Task": Kept.TECHNICAL,
    "sessions.Session": Kept.TECHNICAL,
}
#: Fields that must not be copied: only that they changed is kept.
MASKED: dict[str, list[str]] = {"people.Person": ["password"], "mfa.Authenticator": ["data"]}
#: Fields that change without anybody configuring anything, or are sealed bytes, which auditlog can't mask.
LEFT_OUT: dict[str, list[str]] = {
    "people.Person": ["last_login"],
    "people.Token": ["digest", "last_used_on"],
    "mfa.Authenticator": ["last_used_at"],
    "cleanup.Rule": ["data_key", "next_run_at"],
    "workflow.Hold": ["data_key", "sealed_matter", "sealed_lift_reason", "reminded_on", "reminded_of"],
    "subscriptions.Subscription": ["data_key", "escalated_at", "silent_since"],
    "subscriptions.Key": ["sealed", "checked_at", "verdict", "reminded_on", "reminded_of", "refused_at"],
}
MASK = "(not kept)"


def masked(_: object) -> str:
    """The same text for every value: auditlog's own mask leaves half of it readable."""
    return MASK


def register_change_records() -> None:
    """django-auditlog watches the models listed as change records."""
    for label, kept in MODELS.items():
        if kept is Kept.CHANGE_RECORD:
            auditlog.register(
                apps.get_model(label), mask_fields=MASKED.get(label), exclude_fields=LEFT_OUT.get(label)
            )
