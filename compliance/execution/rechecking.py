"""What a target was found by, once more before it is sent: whoever the rule doesn't mean any more is spared.

Between the preview and the sending lie an approval, a grace period and hours of pace. A retention policy
spares who was seen since; a pattern, segment or report means whom it means now. So those of a batch are
compared anew, by the same `Matcher` that found them:

- an id's beginning or end by the id itself,
- an e-mail domain, a metadata field, the accounts of a report by what Pendo shows of each now, and so is the
  last visit: a hundred in one question, and whoever isn't in the answer, or can't be named in it, is looked
  up alone. That an answer doesn't hold somebody says nothing about them,
- a segment or report by its members, which the read lane reads anew where they were read more than a few
  minutes ago (`workflow/listings.py`). Until then the batch waits.

Who can't be asked about waits, too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import get_default_timezone

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.answers import Verdict
from compliance.connectors.pendo import Account, Visitor
from compliance.connectors.pendo.client import MOST_IDS_A_QUESTION, quotable
from compliance.workflow.listings import fresh_for_sending
from compliance.workflow.matching import Matcher
from compliance.workflow.models import Target
from compliance.workflow.outcomes import settle
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.sources import WHY
from compliance.workflow.states import SOURCES, AskedKind, Outcome, Spared, TargetKind, Why

from .fruitless import note_fruitless
from .guard import UNANSWERED, Trouble, usable
from .lookups import known_applications
from .models import Batch, BatchKind, BatchState, Sending
from .moves import lock, step
from .planning import advance, make_batch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from compliance.connectors.answers import Answer
    from compliance.connectors.pendo import Pendo

#: For these targets to be sent, they have to match what was asked when they are sent.
MATCHED_AGAIN = Q(why__in=list(WHY.values())) | Q(why=Why.OF_ACCOUNT, asked__kind=AskedKind.REPORT)
WORDS = {
    Spared.SEEN_SINCE: "seen on or after the day that the policy names, when looked at before sending",
    Spared.NO_MATCH: "did not match any more what was asked, when looked at before sending",
}

#: What Pendo shows of somebody now; None: they aren't there any more.
Record = Visitor | Account | None


def recheck(
    pendo: Pendo, batch: Batch, may_go_on: Callable[[], bool], *, among: Collection[int] | None = None
) -> bool:
    """Whether the batch, without whom the rule spares by now, is to be sent. Raises `Trouble`.

    Those for whom there was no time, or no usable answer, go on as another batch. Where Pendo gives none at
    all, it waits by itself, longer each time: an erasure behind it needs no such answer. Of a batch that is
    sent in groups, `among` are the targets of the next one.
    """
    since = _guarded_since(batch)
    sources = batch.request.asked.filter(kind__in=SOURCES).exists()
    if since is None and not sources:
        return True
    lists = fresh_for_sending(batch.request, batch.subscription) if sources else []
    if lists is None:
        return False
    vault = targets_vault(batch.request)
    rule = _Rule(since, Matcher(batch.request, vault, lists))
    looking = _Looking(pendo, batch, rule, may_go_on, _waiting(batch, among))
    verdicts = looking.verdicts()
    spared = {why: [pk for pk, said in verdicts.items() if said == why] for why in WORDS}
    unasked = [pk for pk in looking.targets if pk not in verdicts]
    return _keep(batch, spared=spared, unasked=unasked, of=len(looking.targets))


def _guarded_since(batch: Batch) -> dt.datetime | None:
    """The start of the day from which on a visit spares; None where no policy does."""
    day = batch.request.seen_before
    return dt.datetime.combine(day, dt.time(), tzinfo=get_default_timezone()) if day else None


@dataclass(frozen=True)
class _One:
    """A target, its id, and whether it was found by something that may not mean it any more."""

    pk: int
    name: str
    kind: TargetKind
    matched_again: bool


def _waiting(batch: Batch, among: Collection[int] | None) -> dict[int, _One]:
    vault = targets_vault(batch.request)
    waiting = Target.objects.filter(sendings__batch=batch, outcome=Outcome.PENDING, everybody=False)
    if among is not None:
        waiting = waiting.filter(pk__in=among)
    again = set(waiting.filter(MATCHED_AGAIN).values_list("pk", flat=True))
    return {
        each.pk: _One(each.pk, target_id(vault, each), _record_of(each), each.pk in again)
        for each in waiting.defer("sealed_details").order_by("pk")
    }


def _record_of(target: Target) -> TargetKind:
    return TargetKind.ACCOUNT if target.kind == TargetKind.ACCOUNT else TargetKind.VISITOR


@dataclass(frozen=True)
class _Rule:
    """What spares a target: a visit since that day, or that nothing asked means it."""

    since: dt.datetime | None
    matcher: Matcher

    def needs_record(self, one: _One) -> bool:
        """Whether Pendo has to be asked about it."""
        by_record = one.kind is TargetKind.VISITOR and self.matcher.needs_records
        return self.since is not None or (one.matched_again and by_record)

    @property
    def spans_applications(self) -> bool:
        """Whether it matters in which application somebody was seen, or under which account."""
        return self.since is not None or self.matcher.looks_at_accounts

    def verdicts(self, shown: Mapping[_One, Record]) -> dict[int, str]:
        """Why each of these is spared, as Pendo shows it now; empty for whoever isn't."""
        meant = self._meant(shown)
        return {one.pk: self._verdict(one, record, one.pk in meant) for one, record in shown.items()}

    def _verdict(self, one: _One, record: Record, meant: bool) -> str:  # noqa: FBT001
        if one.matched_again and not meant:
            return Spared.NO_MATCH
        seen = record.last_visit if record else None
        return Spared.SEEN_SINCE if self.since and seen and seen >= self.since else ""

    def _meant(self, shown: Mapping[_One, Record]) -> set[int]:
        again = {one: record for one, record in shown.items() if one.matched_again}
        accounts = self.matcher.accounts({one.name for one in again if one.kind is TargetKind.ACCOUNT})
        visitors = [record for record in again.values() if isinstance(record, Visitor)]
        found = {match.visitor.id for match in self.matcher.visitors(visitors)} if visitors else set()
        return {
            one.pk for one in again if one.name in (accounts if one.kind is TargetKind.ACCOUNT else found)
        }


class _Looking:
    """What Pendo shows of the targets of a batch now."""

    def __init__(
        self,
        pendo: Pendo,
        batch: Batch,
        rule: _Rule,
        may_go_on: Callable[[], bool],
        targets: dict[int, _One],
    ) -> None:
        self.targets = targets
        self._pendo, self._rule, self._may_go_on = pendo, rule, may_go_on
        self._email_field = batch.subscription.email_field

    def verdicts(self) -> dict[int, str]:
        """Why each is spared, or empty; of some at least where Pendo answers, of all if the slice lasts."""
        shown: dict[_One, Record] = {
            one: Visitor(one.name) if one.kind is TargetKind.VISITOR else None
            for one in self.targets.values()
            if not self._rule.needs_record(one)
        }
        try:
            self._ask([one for one in self.targets.values() if one not in shown], shown)
        except Trouble as trouble:
            if trouble.answer.verdict not in UNANSWERED:
                raise
        return self._rule.verdicts(shown)

    def _ask(self, ones: Sequence[_One], shown: dict[_One, Record]) -> None:
        asked = 0
        together = [one for one in ones if one.kind is TargetKind.VISITOR and quotable(one.name)]
        apps = known_applications(self._pendo) if together and self._rule.spans_applications else []
        for start in range(0, len(together), MOST_IDS_A_QUESTION):
            if asked and not self._may_go_on():
                return
            some = {one.name: one for one in together[start : start + MOST_IDS_A_QUESTION]}
            for name, visitor in self._asked_together(list(some), apps).items():
                shown[some[name]] = visitor
                asked += 1
        for one in [one for one in ones if one not in shown]:
            if asked and not self._may_go_on():
                return
            try:
                self._ask_alone(one, shown)
            except Trouble:
                if asked:
                    return
                raise
            asked += 1

    def _asked_together(self, names: Sequence[str], apps: Sequence[str]) -> dict[str, Visitor]:
        answer, visitors = self._pendo.visitors_named(
            names, email_field=self._email_field, apps=apps, fields=self._rule.matcher.fields
        )
        known = visitors if usable(answer) else {}
        # Whose last visit isn't in the answer may have one all the same.
        return {
            name: each
            for name, each in known.items()
            if each.last_visit is not None or self._rule.since is None
        }

    def _ask_alone(self, one: _One, shown: dict[_One, Record]) -> None:
        answer, record = self._looked_up(one)
        if record or answer.verdict is Verdict.NOT_FOUND or usable(answer):
            shown[one] = record

    def _looked_up(self, one: _One) -> tuple[Answer, Record]:
        if one.kind is TargetKind.ACCOUNT:
            of_account = self._pendo.account(one.name)
            return of_account.answer, of_account.account
        of_visitor = self._pendo.visitor(
            one.name, email_field=self._email_field, fields=self._rule.matcher.fields
        )
        return of_visitor.answer, of_visitor.visitor


@transaction.atomic
def _keep(batch: Batch, *, spared: Mapping[Spared, Sequence[int]], unasked: Sequence[int], of: int) -> bool:
    """The batch holds whom it may, of so many looked at; whether that is anybody, and nobody was faster."""
    lock([batch.request_id])
    if not Batch.objects.filter(pk=batch.pk, state=BatchState.READY).exists():
        return False
    if of and len(unasked) == of:
        note_fruitless(batch)
        return False
    for why, target_ids in spared.items():
        if target_ids:
            _spare(batch, target_ids, why)
    if unasked:
        _cut(batch, unasked)
    if of == 0 or batch.sendings.filter(target__outcome=Outcome.PENDING).exists():
        return True
    step(batch, BatchState.EMPTY, batch=batch.number)
    advance(batch.request)
    return False


def _spare(batch: Batch, target_ids: Sequence[int], why: Spared) -> None:
    settle(
        target_ids,
        request=batch.request,
        subscription=batch.subscription,
        old=Outcome.PENDING,
        new=Outcome.SPARED,
        why=WORDS[why],
    )
    Target.objects.filter(pk__in=target_ids).update(spared_because=why)
    Sending.objects.filter(batch=batch, target__in=target_ids).delete()


def _cut(batch: Batch, target_ids: Sequence[int]) -> None:
    """Nothing was sent of these, so that they may as well stand in another batch."""
    rest = make_batch(
        batch.request,
        subscription_id=batch.subscription_id,
        target_ids=[],
        kind=BatchKind(batch.kind),
        canary=batch.canary,
        parent=batch,
    )
    Sending.objects.filter(batch=batch, target__in=target_ids).update(batch=rest)
    ledger.record(
        Event.BATCH_CUT,
        chain=batch.request.chain,
        actor=ledger.SYSTEM,
        count=len(target_ids),
        batch=batch.number,
        rest=rest.number,
    )
