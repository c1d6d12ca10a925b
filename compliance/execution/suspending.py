"""Do Not Process for held visitors: set while a hold lasts, and lifted, by calls of the reset lane.

These are the only calls but look-ups that name whom a hold keeps back. They delete nothing, and are harmless
to repeat. That the hold stands, wants it, and keeps the visitor back is asked in the transaction that writes
them down.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.pendo.client import MOST_IDS_A_QUESTION, quotable
from compliance.core import clock, crypto, keyring
from compliance.core.timings import step as nth_wait
from compliance.workflow.models import Hold, Suspension
from compliance.workflow.states import SuspensionState
from compliance.workflow.suspending import (
    ACTION,
    TO_SEND,
    is_being_erased,
    is_set_by_another,
    is_wanted_by_another,
    kept_back,
    settle_suspensions,
    vault_of,
    visitor_of,
)

from .calling import Calling
from .guard import Trouble, recognise, usable
from .meaning import FOR_ONE_VISITOR, Meaning
from .models import SuspensionCall
from .pace import Asking, lane_rate
from .sending import may_send

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from django.db.models import QuerySet

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions import lanes
    from compliance.subscriptions.models import Subscription

    from .rate import Rate

#: Written down in one transaction, and asked about in one question.
MOST_IN_A_GROUP = MOST_IDS_A_QUESTION
WANTED, TO_LIFT = SuspensionState.WANTED, SuspensionState.TO_LIFT
#: What becomes of a visitor by an answer that settles it; after any other, it is tried again.
SETTLED: dict[SuspensionState, dict[Meaning, SuspensionState]] = {
    WANTED: {
        Meaning.DONE: SuspensionState.SET,
        Meaning.NOT_THERE: SuspensionState.UNKNOWN,
        Meaning.REFUSED: SuspensionState.NOT_SET,
    },
    TO_LIFT: {
        Meaning.DONE: SuspensionState.LIFTED,
        Meaning.NOT_THERE: SuspensionState.UNKNOWN,
        Meaning.REFUSED: SuspensionState.NOT_LIFTED,
    },
}
WHAT = {WANTED: "Do Not Process is set", TO_LIFT: "Do Not Process is lifted"}


class Group(NamedTuple):
    """Suspensions of one hold and subscription that want the same call, with the visitors' ids."""

    hold: Hold
    state: SuspensionState
    rows: Sequence[Suspension]
    names: dict[int, str]

    def digests_of(self, suspension: Suspension) -> Collection[bytes]:
        """The digests under which its visitor may stand in the database."""
        return list(keyring.digests_of("visitor", [self.names[suspension.pk]]))

    def without(self, some: Sequence[Suspension]) -> Group:
        """The others."""
        return self._replace(rows=[each for each in self.rows if each not in some])


def suspensions_to_send(subscription: Subscription) -> QuerySet[Suspension]:
    """Visitors of the subscription for whom Do Not Process is to be set, or lifted, now."""
    due = Suspension.objects.filter(
        state__in=TO_SEND, due_at__lte=clock.now(), subscription=subscription
    ).order_by()
    return (due.filter(state=TO_LIFT) | kept_back(due)).order_by("due_at", "pk")


def orphaned_suspensions(subscription: Subscription) -> QuerySet[Suspension]:
    """Those with a call written down: for the lane's new sender, whose former sender ended."""
    unanswered = SuspensionCall.objects.filter(suspension=OuterRef("pk"), answered_at=None)
    return Suspension.objects.filter(Exists(unanswered), subscription=subscription)


def suspend_slice(
    pendo: Pendo, subscription: Subscription, lease: lanes.Lease, may_go_on: Callable[[], bool]
) -> None:
    """Do Not Process is set and lifted as long as `may_go_on`. Raises `Trouble` or `Paused`."""
    _take_over(subscription, lease)
    if not may_go_on() or not suspensions_to_send(subscription).exists():
        return
    with lane_rate(lease) as rate:
        pendo.keep_to(Asking(rate))
        recognise(pendo, subscription)
        while may_go_on() and may_send(lease) and (group := _next_group(subscription)):
            if group.state is WANTED:
                group = _without_those_set_before(pendo, group)
            _send(pendo, group, lease, rate, may_go_on)


def _next_group(subscription: Subscription) -> Group | None:
    due = suspensions_to_send(subscription)
    first = due.select_related("hold").first()
    if first is None:
        return None
    rows = list(due.filter(hold=first.hold, state=first.state)[:MOST_IN_A_GROUP])
    vault = vault_of(first.hold)
    names = {each.pk: visitor_of(vault, each) for each in rows}
    return Group(first.hold, SuspensionState(first.state), rows, names)


# -- Before anything is written down -------------------------------------------------------------------------


def _without_those_set_before(pendo: Pendo, group: Group) -> Group:
    """Who had it set before isn't called for: what legal didn't have set, isn't lifted, either."""
    # After a call without an answer, it may be ours.
    fresh = [each for each in group.rows if each.sent_at is None]
    marked = _marked(pendo, [group.names[each.pk] for each in fresh])
    before = [each for each in fresh if group.names[each.pk] in marked]
    if before:
        _settle_set_before(group, before)
    return group.without(before)


def _marked(pendo: Pendo, names: Sequence[str]) -> set[str]:
    """Those whom Pendo has marked Do Not Process. Raises `Trouble` where it doesn't say."""
    marked: set[str] = set()
    if listed := [name for name in names if quotable(name)]:
        answer, marked = pendo.marked_among(listed)
        if not usable(answer):
            raise Trouble(answer)
    for name in set(names).difference(listed):
        lookup = pendo.visitor(name)
        if usable(lookup.answer) and lookup.visitor and lookup.visitor.do_not_process:
            marked.add(name)
    return marked


@transaction.atomic
def _settle_set_before(group: Group, before: Sequence[Suspension]) -> None:
    _lock(group.hold)
    by_hold = [each for each in before if is_set_by_another(each, group.digests_of(each))]
    by_others = [each for each in before if each not in by_hold]
    settle = partial(settle_suspensions, hold=group.hold)
    settle(by_hold, new=SuspensionState.SET, why="set because of another hold")
    settle(by_others, new=SuspensionState.SET_BEFORE, why="Pendo had it set already")


# -- Calling -------------------------------------------------------------------------------------------------


def _send(pendo: Pendo, group: Group, lease: lanes.Lease, rate: Rate, may_go_on: Callable[[], bool]) -> None:
    calls = _intend(group, lease) if group.rows else []
    if not calls:
        return
    act = pendo.set_do_not_process if group.state is WANTED else pendo.lift_do_not_process
    calling = Calling(rate)
    answers = calling.answers(
        [partial(act, group.names[call.suspension_id]) for call in calls],
        may_go_on=lambda: may_go_on() and may_send(lease) and _are_still_meant(group.state, calls),
    )
    unsent = [Answer(Verdict.NOT_SENT)] * (len(calls) - len(answers))
    if _write_answers(group.hold, calls, [*answers, *unsent], lease) and calling.stopped_by:
        raise Trouble(calling.stopped_by)


def _are_still_meant(state: SuspensionState, calls: Sequence[SuspensionCall]) -> bool:
    """Legal has neither ended it nor ordered it anew while we waited for the slot."""
    keys = [call.suspension_id for call in calls]
    return Suspension.objects.filter(pk__in=keys, state=state).count() == len(keys)


@transaction.atomic
def _intend(group: Group, lease: lanes.Lease) -> list[SuspensionCall]:
    """The calls stand in the database before the first of them is sent."""
    hold, subscription = _lock(group.hold), group.rows[0].subscription
    due = suspensions_to_send(subscription).filter(state=group.state, pk__in=group.names)
    rows = [each for each in due if each in group.rows]
    if group.state is TO_LIFT:
        rows = _without_those_to_stay(group, rows)
    if not rows:
        return []
    calls = SuspensionCall.objects.bulk_create(
        SuspensionCall(
            suspension=each,
            lifts=group.state is TO_LIFT,
            digest=_digest_over([each]),
            lease_token=lease.token,
        )
        for each in rows
    )
    if group.state is WANTED:
        Suspension.objects.filter(pk__in=[each.pk for each in rows]).update(sent_at=clock.now())
    ledger.record(
        Event.SUSPENSION_CALLS_INTENDED,
        chain=hold.reference,
        actor=ledger.SYSTEM,
        what=WHAT[group.state],
        count=len(calls),
        subscription=subscription.name,
        first=calls[0].pk,
        last=calls[-1].pk,
        digest=_digest_over(rows),
    )
    return calls


def _without_those_to_stay(group: Group, rows: Sequence[Suspension]) -> list[Suspension]:
    erased = [each for each in rows if is_being_erased(each, group.digests_of(each))]
    others = [each for each in rows if each not in erased]
    wanted = [each for each in others if is_wanted_by_another(each, group.digests_of(each))]
    settle = partial(settle_suspensions, hold=group.hold, new=SuspensionState.LEFT)
    settle(erased, why="the visitor was erased, or is being erased")
    settle(wanted, why="another hold wants it set")
    return [each for each in others if each not in wanted]


def _digest_over(rows: Sequence[Suspension]) -> str:
    return crypto.set_digest((bytes(each.commitment) for each in rows), action=ACTION)


def _lock(hold: Hold) -> Hold:
    """Legal neither ends nor lifts it before this transaction has ended."""
    return Hold.objects.select_for_update().get(pk=hold.pk)


# -- Answers -------------------------------------------------------------------------------------------------


def _take_over(subscription: Subscription, lease: lanes.Lease) -> None:
    """Calls whose sender ended count as lost, and it, should it live, can't write any more."""
    unanswered = SuspensionCall.objects.filter(answered_at=None, suspension__subscription=subscription)
    by_hold: dict[Hold, list[SuspensionCall]] = {}
    for call in unanswered.exclude(lease_token=lease.token).select_related("suspension__hold").order_by("pk"):
        by_hold.setdefault(call.suspension.hold, []).append(call)
    for hold, calls in by_hold.items():
        with transaction.atomic():
            SuspensionCall.objects.filter(pk__in=[call.pk for call in calls]).update(lease_token=lease.token)
            _write_answers(hold, calls, [Answer(Verdict.LOST)] * len(calls), lease)


@transaction.atomic
def _write_answers(
    hold: Hold, calls: Sequence[SuspensionCall], answers: Sequence[Answer], lease: lanes.Lease
) -> bool:
    """The answers stand, and their meaning is done; False if another sender has taken the calls over."""
    hold, keys = _lock(hold), [call.pk for call in calls]
    own = SuspensionCall.objects.filter(pk__in=keys, answered_at=None, lease_token=lease.token)
    if own.count() != len(calls):
        return False
    vault, now = vault_of(hold), clock.now()
    for call, answer in zip(calls, answers, strict=True):
        call.answered_at, call.verdict, call.status = now, answer.verdict, answer.status
        call.sealed_answer = vault.seal_bytes(answer.body, purpose="answer")
    fields = ["answered_at", "verdict", "status", "sealed_answer"]
    SuspensionCall.objects.bulk_update(calls, fields)
    results = Counter(answer.verdict.value for answer in answers)
    ledger.record(
        Event.SUSPENSION_CALLS_ANSWERED,
        chain=hold.reference,
        actor=ledger.SYSTEM,
        first=keys[0],
        last=keys[-1],
        results=", ".join(f"{count} {verdict}" for verdict, count in sorted(results.items())),
    )
    _settle(hold, zip(calls, answers, strict=True))
    return True


def _settle(hold: Hold, answered: Iterable[tuple[SuspensionCall, Answer]]) -> None:
    """What the answers mean for what the calls were for: what legal has said since is done after it."""
    by_meaning: dict[tuple[SuspensionState, Meaning], list[Suspension]] = {}
    for call, answer in answered:
        wanted = TO_LIFT if call.lifts else WANTED
        by_meaning.setdefault((wanted, FOR_ONE_VISITOR[answer.verdict]), []).append(call.suspension)
    for (wanted, meaning), rows in by_meaning.items():
        new = SETTLED[wanted].get(meaning)
        if new:
            why = f"Pendo's answer: {meaning.value}"
            settle_suspensions(rows, hold=hold, old=wanted, new=new, why=why)
        else:
            _put_off(rows)


def _put_off(rows: Sequence[Suspension]) -> None:
    """Each is tried again after a wait that grows."""
    for tries in {each.tries for each in rows}:
        wait = dt.timedelta(seconds=nth_wait(settings.TIMINGS.retry, tries + 1))
        alike = [each.pk for each in rows if each.tries == tries]
        Suspension.objects.filter(pk__in=alike).update(tries=tries + 1, due_at=clock.now() + wait)
