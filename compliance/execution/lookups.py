"""Looking for targets one by one, with control visitors before and after: the pass that an absence needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance.connectors.answers import Verdict
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import TargetKind

from .guard import Oddity, Trouble, recognise, usable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from compliance.connectors.answers import Answer
    from compliance.connectors.pendo import Guide, Pendo
    from compliance.subscriptions.models import Subscription
    from compliance.subscriptions.recognition import ControlsSeen
    from compliance.workflow.models import Target
    from compliance.workflow.targets import Record

#: In one pass, so that its results are kept soon.
MOST_IN_A_PASS = 100


@dataclass
class Pass:
    """What one pass found: each target looked for, with its visitor or account, or None for absent."""

    controls: ControlsSeen
    found: list[tuple[Target, Record]] = field(default_factory=list, repr=False)
    #: The subscription's guides by id, where a target is about one.
    guides: dict[str, Guide] = field(default_factory=dict, repr=False)
    #: The target without a usable answer, which ended the pass early. What was found before it stands.
    refused: Target | None = None
    oddity: Oddity | None = None

    @property
    def asked_too_often(self) -> bool:
        """Whether Pendo wants fewer look-ups, from whatever target."""
        return self.oddity is not None and self.oddity.answer.verdict is Verdict.RATE_LIMITED


def look_for(
    pendo: Pendo, subscription: Subscription, targets: Sequence[Target], may_go_on: Callable[[], bool]
) -> Pass:
    """Targets are looked for as long as `may_go_on`; control visitors, before the first and after the last.

    Raises `Trouble` or `Paused` where the control visitors weren't seen: then nothing of the pass counts.
    """
    look = Pass(recognise(pendo, subscription))
    if any(target.kind == TargetKind.GUIDE for target in targets):
        look.guides = known_guides(pendo)
    for target in targets:
        answer, record = _look_up(pendo, subscription, target)
        if answer and answer.retry_after:
            # Pendo wants no call before that, not even for the control visitors.
            raise Trouble(answer)
        if answer and not record and answer.verdict is not Verdict.NOT_FOUND:
            look.refused, look.oddity = target, Oddity(answer)
            break
        look.found.append((target, record))
        if not may_go_on():
            break
    look.controls = recognise(pendo, subscription)
    return look


def known_guides(pendo: Pendo) -> dict[str, Guide]:
    """The subscription's guides by id. Raises `Trouble` where Pendo gives no usable list of them."""
    answer, guides = pendo.guides()
    if not usable(answer):
        raise Oddity(answer)
    return {guide.id: guide for guide in guides}


def known_applications(pendo: Pendo) -> list[str]:
    """The groups of metadata that applications have of their own; none where Pendo doesn't tell of any.

    Raises `Trouble` where it doesn't answer.
    """
    answer, groups = pendo.applications()
    return groups if usable(answer) else []


def _look_up(pendo: Pendo, subscription: Subscription, target: Target) -> tuple[Answer | None, Record]:
    """Pendo's answer about the target; none where it is about everybody, and only the guides tell."""
    if target.everybody:
        return None, None
    name = target_id(targets_vault(target.request), target)
    if target.kind == TargetKind.ACCOUNT:
        account = pendo.account(name)
        return account.answer, account.account
    lookup = pendo.visitor(name, email_field=subscription.email_field)
    return lookup.answer, lookup.visitor
