"""Making targets: from what was asked, and from what Pendo shows of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils import timezone

from compliance.connectors.pendo import Account, Visitor
from compliance.core import clock, keyring
from compliance.core.crypto import Digest

from .kinds import Action, traits_of
from .models import Target
from .sealing import commit_to, has_another_email, targets_vault
from .states import NAMING_VISITORS, AskedKind, Spared, TargetKind, Why

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from compliance.connectors.pendo import Guide
    from compliance.subscriptions.models import Subscription

    from .models import Asked, Request
    from .sealing import Vault

#: The state of a guide in which it can be reset for everybody.
STAGED = "staged"

Record = Visitor | Account | None


@dataclass(frozen=True)
class Finding:
    """What Pendo shows of a target. Without details it isn't found; `spared` says what keeps it back."""

    details: dict[str, object] | None = field(default=None, repr=False)
    spared: str = ""


class Maker:
    """Makes the targets of one request in one subscription. They are not saved."""

    def __init__(self, request: Request, subscription: Subscription) -> None:
        """Opens the request's vault once."""
        self.request, self.subscription = request, subscription
        self.vault = targets_vault(request)
        self._resets = traits_of(request.kind).action is Action.RESET
        self._guides = self._guides_asked()
        self._digest_key, self._digest_visitor = keyring.digester(AskedKind.VISITOR)

    def for_visitor(self, asked_id: int, visitor_id: str, *, why: Why = Why.EXACT_ID) -> Iterator[Target]:
        """What is to be done for one visitor: one target, or one for each guide."""
        digest = Digest(self._digest_key, self._digest_visitor(visitor_id))
        for guide in self._guides:
            kind = TargetKind.GUIDE if self._resets else TargetKind.VISITOR
            yield self._target(asked_id, kind, visitor_id, digest, guide=guide, why=why)

    def for_account(self, asked_id: int, account_id: str, *, why: Why = Why.EXACT_ID) -> Target:
        """What is to be done for an account."""
        digest = keyring.lookup_digest(AskedKind.ACCOUNT, account_id)
        return self._target(asked_id, TargetKind.ACCOUNT, account_id, digest, why=why)

    def for_everybody(self) -> Iterator[Target]:
        """Guides to be reset for everybody, where no person is named: those that are named.

        One without a guide stands for all staged ones, until Pendo has said which these are.
        """
        asked = self.request.asked.order_by("pk")
        if not self._resets or asked.filter(kind__in=NAMING_VISITORS).exists():
            return
        for each in asked.filter(kind__in=[AskedKind.STAGED, AskedKind.GUIDE]):
            digest, guide = Digest(each.digest_key, bytes(each.digest)), self.value_of(each)
            yield self._target(each.pk, TargetKind.GUIDE, "", digest, guide=guide, everybody=True)

    def for_staged(self, asked_id: int, guides: Mapping[str, Guide]) -> Iterator[Target]:
        """The guides that are staged now, each looked up, to be reset for everybody."""
        for guide in guides.values():
            if guide.state == STAGED:
                digest = keyring.lookup_digest(AskedKind.GUIDE, guide.id)
                target = self._target(asked_id, TargetKind.GUIDE, "", digest, guide=guide.id, everybody=True)
                put_finding(target, self.vault, "", finding_of(target, None, guides))
                yield target

    def value_of(self, asked: Asked) -> str:
        """What was asked, as it was written."""
        return self.vault.open(asked.sealed_value, purpose="asked")

    def _target(
        self,
        asked_id: int,
        kind: TargetKind,
        name: str,
        digest: Digest,
        *,
        guide: str = "",
        everybody: bool = False,
        why: Why = Why.EXACT_ID,
    ) -> Target:
        return Target(
            request=self.request,
            asked_id=asked_id,
            subscription=self.subscription,
            kind=kind,
            guide=guide,
            everybody=everybody,
            sealed_id=self.vault.seal(name, purpose="target id"),
            digest=digest.value,
            digest_key=digest.key_number,
            commitment=commit_to(self.vault, self.subscription, kind=kind, name=name, guide=guide),
            why=why,
        )

    def _guides_asked(self) -> list[str]:
        """The guides that are reset for each visitor; an empty one stands for all of them."""
        rows = self.request.asked.filter(kind=AskedKind.GUIDE).order_by("pk") if self._resets else ()
        return [self.value_of(row) for row in rows] or [""]


def put_finding(target: Target, vault: Vault, name: str, finding: Finding) -> None:
    """The target was looked up, and bears what was found. It isn't saved."""
    details = finding.details
    target.looked_up_at = clock.now()
    target.sealed_details = None if details is None else seal_details(vault, details)
    target.spared_because = finding.spared
    target.contradicts = has_another_email(name, details or {})


def seal_details(vault: Vault, details: Mapping[str, object]) -> bytes:
    """What is known of a target, sealed."""
    return vault.seal(json.dumps(details), purpose="target details")


def finding_of(target: Target, record: Record, guides: Mapping[str, Guide]) -> Finding:
    """What Pendo shows of the target: the visitor or account, and the guides of the subscription by id."""
    if target.everybody:
        return _finding_for_everybody(target.guide, guides)
    if record is None or (target.guide and target.guide not in guides):
        return Finding()
    spared = Spared.SEEN_SINCE if seen_since(target.request, record.last_visit) else ""
    return Finding(_details(record) | _guide_details(guides.get(target.guide)), spared)


def seen_since(request: Request, last_visit: dt.datetime | None) -> bool:
    """Whether a policy spares who was last seen then. Of whom no visit is known, none is known to be old."""
    if request.seen_before is None:
        return False
    return last_visit is None or timezone.localtime(last_visit).date() >= request.seen_before


def _finding_for_everybody(guide_id: str, guides: Mapping[str, Guide]) -> Finding:
    guide = guides.get(guide_id)
    if guide is not None and guide.state != STAGED:
        return Finding(spared=Spared.NOT_STAGED)
    return Finding(_guide_details(guide) or None)


def _guide_details(guide: Guide | None) -> dict[str, object]:
    return {"guide": guide.name, "guide_state": guide.state} if guide else {}


def _details(record: Visitor | Account) -> dict[str, object]:
    shown: dict[str, object] = {
        "first_visit": _iso(record.first_visit),
        "last_visit": _iso(record.last_visit),
        "do_not_process": record.do_not_process,
    }
    if isinstance(record, Visitor):
        return shown | {"accounts": list(record.accounts), "email": record.email}
    return shown | {"name": record.name}


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
