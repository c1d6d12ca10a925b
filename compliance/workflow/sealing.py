"""What is personal in a request, sealed and opened. The only room that unwraps a request's data keys."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from compliance.core import crypto, keyring

from .states import TargetKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.subscriptions.models import Subscription

    from .models import Approval, RecipientTask, Request, Target

#: What the evidence of a task is sealed for.
EVIDENCE = "evidence"


class Forgotten(Exception):
    """The data key was destroyed: what it sealed can't be read by anyone."""


@dataclass(frozen=True)
class Subject:
    """Whom a request is about, as far as it was told."""

    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


class Vault:
    """One data key, unwrapped, and what it can do. Lives as long as one task or one page."""

    def __init__(self, wrapped: bytes | memoryview | None) -> None:
        """Raises `Forgotten` where the key is gone."""
        if wrapped is None:
            raise Forgotten
        self._data_key = keyring.unwrap(bytes(wrapped))
        self._commitment_key: bytes | None = None
        self._sealers: dict[str, Callable[[bytes], bytes]] = {}

    def seal(self, text: str, *, purpose: str) -> bytes:
        """`text`, readable only with this key and for this purpose."""
        return self.seal_bytes(text.encode(), purpose=purpose)

    def seal_bytes(self, body: bytes, *, purpose: str) -> bytes:
        """`body`, readable only with this key and for this purpose."""
        if purpose not in self._sealers:
            self._sealers[purpose] = self.sealer(purpose=purpose)
        return self._sealers[purpose](body)

    def sealer(self, *, purpose: str) -> Callable[[bytes], bytes]:
        """What seals many values for this purpose."""
        return crypto.sealer(self._data_key, purpose=purpose)

    def open(self, sealed: bytes | memoryview, *, purpose: str) -> str:
        """The text that was sealed."""
        return self.open_bytes(sealed, purpose=purpose).decode()

    def open_bytes(self, sealed: bytes | memoryview, *, purpose: str) -> bytes:
        """The bytes that were sealed."""
        return crypto.open_sealed(self._data_key, bytes(sealed), purpose=purpose)

    def commit(self, *parts: str) -> bytes:
        """A commitment to the parts: noise without this key."""
        if self._commitment_key is None:
            self._commitment_key = crypto.commitment_key(self._data_key)
        return crypto.commitment_under(self._commitment_key, *parts)


def targets_vault(request: Request) -> Vault:
    """The vault for identifiers, and for what Pendo answers about them."""
    return Vault(request.targets_key)


def correspondence_vault(request: Request) -> Vault:
    """The vault for the subject, notes and reasons."""
    return Vault(request.correspondence_key)


def subject_of(request: Request) -> Subject:
    """Whom the request is about."""
    if request.sealed_subject is None:
        return Subject()
    return Subject(
        **json.loads(correspondence_vault(request).open(request.sealed_subject, purpose="subject"))
    )


def seal_subject(vault: Vault, subject: Subject) -> bytes:
    """The subject, sealed."""
    return vault.seal(json.dumps(asdict(subject)), purpose="subject")


def note_of(request: Request) -> str:
    """The note."""
    if request.sealed_note is None:
        return ""
    return correspondence_vault(request).open(request.sealed_note, purpose="note")


def end_reason_of(request: Request) -> str:
    """Why the request was cancelled; empty where it wasn't."""
    if request.sealed_end_reason is None:
        return ""
    return correspondence_vault(request).open(request.sealed_end_reason, purpose="reason")


def pause_reason_of(request: Request) -> str:
    """Why somebody paused the request; empty where nobody said."""
    if request.sealed_pause_reason is None:
        return ""
    return correspondence_vault(request).open(request.sealed_pause_reason, purpose="reason")


def reason_of(approval: Approval) -> str:
    """Why somebody approved or sent back."""
    if approval.sealed_reason is None:
        return ""
    return correspondence_vault(approval.preview.request).open(approval.sealed_reason, purpose="reason")


def evidence_of(task: RecipientTask) -> str:
    """What shows that a recipient was told, or why it wasn't; empty as long as the task is open."""
    if task.sealed_evidence is None:
        return ""
    return correspondence_vault(task.request).open(task.sealed_evidence, purpose=EVIDENCE)


def target_id(vault: Vault, target: Target) -> str:
    """The identifier of a target."""
    return opened_id(vault, target.sealed_id)


def opened_id(vault: Vault, sealed_id: bytes | memoryview) -> str:
    """The identifier of a target of which only this was read."""
    return vault.open(sealed_id, purpose="target id")


def commit_to(vault: Vault, subscription: Subscription, *, kind: str, name: str, guide: str = "") -> bytes:
    """The commitment to a target. The name is its id; of a guide, the visitor's, or empty for everybody."""
    if kind != TargetKind.GUIDE:
        return vault.commit(subscription.reference, kind, name)
    # One part fewer, so that nobody's id can be mistaken for everybody.
    whom = ("visitor", name) if name else ("everybody",)
    return vault.commit(subscription.reference, kind, guide, *whom)


def has_another_email(identifier: str, details: dict[str, Any]) -> bool:
    """Whether the identifier is an e-mail address, and Pendo keeps another one for it."""
    email = details.get("email", "")
    return "@" in identifier and bool(email) and email.lower() != identifier.lower()


def details_of(vault: Vault, target: Target) -> dict[str, Any]:
    """What the preview saw of a target; empty where nothing was found."""
    if target.sealed_details is None:
        return {}
    details: dict[str, Any] = json.loads(vault.open(target.sealed_details, purpose="target details"))
    return details
