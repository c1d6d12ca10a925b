"""The reset lane: calls that act on one target each, written down in groups before the first of them is sent.

Guide resets and the lifting of Do Not Process have no bulk call, no queue and no receipt at Pendo: the answer
of each call is the outcome of its target.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.pendo.client import can_be_reset
from compliance.core import clock, keyring
from compliance.subscriptions import lanes
from compliance.workflow.errors import StateChanged
from compliance.workflow.hold_matching import holds_placed
from compliance.workflow.models import Attention, Target
from compliance.workflow.outcomes import mark_returned
from compliance.workflow.sealing import target_id, targets_vault
from compliance.workflow.states import ErasedKind, Outcome

from .attention import tell_of
from .calling import MOST_AT_ONCE, Calling
from .fruitless import note_fruitless, note_progress
from .guard import Trouble, recognise
from .guarding import take_out_unguarded
from .holding import empty, take_out_held
from .meaning import FOR_EVERYBODY, FOR_ONE_VISITOR, Meaning
from .models import ONE_BY_ONE, Batch, BatchKind, BatchState, Call
from .moves import lock, step
from .pace import Asking, lane_rate
from .planning import advance, plan, settle_batch
from .rechecking import recheck
from .sending import digest_over, due_batches, lock_to_call, may_be_sent, may_send
from .silence import doubt, may_have_been_sent, woke_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from compliance.connectors.pendo import Pendo
    from compliance.subscriptions.models import Subscription

    from .rate import Rate

#: Calls written down in one transaction, and answers in another: so many seconds of the lane's rate.
SECONDS_A_GROUP = 2.0
FEWEST_IN_A_GROUP, MOST_IN_A_GROUP = 10, 100
#: After these, Pendo is as willing as before.
GOES_ON = frozenset({Verdict.OK, Verdict.NOT_FOUND, Verdict.BAD_REQUEST, Verdict.UNPROCESSABLE})
#: After these, a call for one visitor is repeated.
REPEATED = [verdict for verdict, meaning in FOR_ONE_VISITOR.items() if meaning is Meaning.REPEAT]
DONE = {BatchKind.RESETS: Outcome.RESET, BatchKind.READMISSIONS: Outcome.RETURNED}
OTHER_OUTCOMES = {
    Meaning.NOT_THERE: Outcome.NOT_FOUND,
    Meaning.REFUSED: Outcome.FAILED,
    Meaning.WAIT: Outcome.UNCERTAIN,
}


class One(NamedTuple):
    """A target with its identifier, which is empty where a guide is reset for everybody."""

    target: Target
    name: str


class Intended(NamedTuple):
    """Calls that stand in the database, the targets that they are for, and how many holds there were."""

    calls: list[Call]
    ones: list[One]
    holds: int


class Answered(NamedTuple):
    """A call with what became of it."""

    call: Call
    one: One
    answer: Answer

    @property
    def meaning(self) -> Meaning:
        """What is done about its target."""
        table = FOR_EVERYBODY if self.one.target.everybody else FOR_ONE_VISITOR
        return table[self.answer.verdict]


def batches_to_call(subscription: Subscription) -> QuerySet[Batch]:
    """Batches of the subscription with targets to be called for now, the most urgent request first."""
    return due_batches(subscription).filter(kind__in=ONE_BY_ONE)


def orphaned_groups(subscription: Subscription) -> QuerySet[Batch]:
    """Batches with calls written down: for the lane's new sender, those whose former sender ended."""
    return Batch.objects.filter(
        subscription=subscription, state=BatchState.SENDING, kind__in=ONE_BY_ONE
    ).select_related("request", "subscription")


def call_slice(
    pendo: Pendo, subscription: Subscription, lease: lanes.Lease, may_go_on: Callable[[], bool]
) -> None:
    """Targets are called for, group by group, as long as `may_go_on`. Raises `Trouble` or `Paused`."""
    for orphan in orphaned_groups(subscription):
        take_over_group(orphan, lease)
    if not may_go_on() or not batches_to_call(subscription).exists():
        return
    with lane_rate(lease) as rate:
        pendo.keep_to(Asking(rate))
        recognise(pendo, subscription)
        woke = woke_at()
        while may_go_on() and may_send(lease) and (batch := batches_to_call(subscription).first()):
            ones = _nameable(batch, most=_in_a_group(rate))
            # For one visitor, a call is repeated without harm.
            if ones and ones[0].target.everybody and may_have_been_sent(batch, woke):
                doubt(batch)
            elif ones and recheck(pendo, batch, may_go_on, among=[one.target.pk for one in ones]):
                _call_for(pendo, batch, _still_in(batch, ones), lease, rate, may_go_on)
            plan(batch.request, subscription)


def _in_a_group(rate: Rate) -> int:
    return round(min(max(rate.a_second * SECONDS_A_GROUP, FEWEST_IN_A_GROUP), MOST_IN_A_GROUP))


def _nameable(batch: Batch, *, most: int) -> list[One]:
    """The next group. Those that no call can name have failed, before anything was sent."""
    vault = targets_vault(batch.request)
    waiting = Target.objects.filter(sendings__batch=batch, outcome=Outcome.PENDING).defer("sealed_details")
    # One that Pendo gives no usable answer for comes last.
    tries = Count("calls", filter=Q(calls__verdict__in=REPEATED))
    fewest_tries_first = waiting.annotate(tries=tries).order_by("tries", "pk")[:most]
    ones = [
        One(target, "" if target.everybody else target_id(vault, target)) for target in fewest_tries_first
    ]
    if strange := [one for one in ones if not _can_be_named(batch, one)]:
        _refuse(batch, strange)
    return [one for one in ones if one not in strange]


def _can_be_named(batch: Batch, one: One) -> bool:
    if batch.kind == BatchKind.READMISSIONS:
        return bool(one.name)
    return can_be_reset(guide=one.target.guide, visitor_id=None if one.target.everybody else one.name)


def _still_in(batch: Batch, ones: Sequence[One]) -> list[One]:
    """Those of the group whom the look before sending has left in the batch."""
    left = set(_left(batch).filter(pk__in=[one.target.pk for one in ones]).values_list("pk", flat=True))
    return [one for one in ones if one.target.pk in left]


@transaction.atomic
def _refuse(batch: Batch, strange: Sequence[One]) -> None:
    lock([batch.request_id])
    if not Batch.objects.filter(pk=batch.pk, state=BatchState.READY).exists():
        return
    why = "no call to Pendo can name it"
    settle_batch(batch, Outcome.FAILED, why=why, targets=[one.target for one in strange])
    if not _left(batch).exists():
        step(batch, BatchState.FAILED, batch=batch.number, why=why)
    advance(batch.request)


def _call_for(
    pendo: Pendo,
    batch: Batch,
    ones: Sequence[One],
    lease: lanes.Lease,
    rate: Rate,
    may_go_on: Callable[[], bool],
) -> None:
    if not ones:
        return
    try:
        calls, ones, holds = _intend(batch, ones, lease)
    except StateChanged:
        # Cancelled, or the waiting for it was ended, since it was chosen.
        return
    if not calls:
        return
    calling = Calling(rate, at_once=1 if ones[0].target.everybody else MOST_AT_ONCE)
    answers = calling.answers(
        [partial(_act, pendo, batch, one) for one in ones],
        may_go_on=lambda: may_go_on() and may_be_sent(batch, lease, holds=holds),
    )
    unsent = [Answer(Verdict.NOT_SENT)] * (len(ones) - len(answers))
    answered = [Answered(*each) for each in zip(calls, ones, [*answers, *unsent], strict=True)]
    if _write_answers(batch, lease, answered):
        _follow_up(answers, lease, calling.stopped_by)


@transaction.atomic
def _intend(batch: Batch, everyone: Sequence[One], lease: lanes.Lease) -> Intended:
    """The calls stand in the database before the first of them is sent; none for whoever is kept back."""
    lock_to_call(batch)
    # Counted first: a hold that comes in between makes the calls wait for nothing, and is never missed.
    holds = holds_placed()
    names = {one.target.pk: one.name for one in everyone}
    out = take_out_unguarded(batch, names)
    out |= take_out_held(batch, names.keys() - out)
    ones = [one for one in everyone if one.target.pk not in out]
    if not ones:
        if not _left(batch).exists():
            empty(batch)
        return Intended([], [], holds)
    calls = Call.objects.bulk_create(
        Call(
            batch=batch,
            target=one.target,
            endpoint=_endpoint(batch, one.target),
            count=1,
            digest=digest_over([bytes(one.target.commitment)], batch.request),
            lease_token=lease.token,
        )
        for one in ones
    )
    step(
        batch,
        BatchState.SENDING,
        changes={"sent_at": clock.now()},
        count=len(calls),
        first=calls[0].pk,
        last=calls[-1].pk,
        batch=batch.number,
        what="a guide reset for everybody" if ones[0].target.everybody else batch.get_kind_display().lower(),
        digest=digest_over([bytes(one.target.commitment) for one in ones], batch.request),
    )
    return Intended(calls, ones, holds)


def _endpoint(batch: Batch, target: Target) -> str:
    if batch.kind == BatchKind.READMISSIONS:
        return "metadata/visitor/{id}/donotprocess"
    if target.everybody:
        return "guide/{guide}/reset"
    return f"guide/{'{guide}' if target.guide else 'all'}/visitor/{{id}}/reset"


def _act(pendo: Pendo, batch: Batch, one: One) -> Answer:
    if batch.kind == BatchKind.READMISSIONS:
        return pendo.lift_do_not_process(one.name)
    return pendo.reset_guides(guide=one.target.guide, visitor_id=None if one.target.everybody else one.name)


@transaction.atomic
def take_over_group(batch: Batch, lease: lanes.Lease) -> None:
    """Calls whose sender ended count as lost, and it, should it live, can't write any more."""
    lock([batch.request_id])
    unanswered = batch.calls.filter(answered_at=None).exclude(lease_token=lease.token)
    calls = list(unanswered.select_related("target"))
    if not calls:
        return
    Call.objects.filter(pk__in=[call.pk for call in calls]).update(lease_token=lease.token)
    lost = [Answered(call, One(call.target, ""), Answer(Verdict.LOST)) for call in calls if call.target]
    _write_answers(batch, lease, lost)


@transaction.atomic
def _write_answers(batch: Batch, lease: lanes.Lease, answered: Sequence[Answered]) -> bool:
    """The answers stand, and their meaning is done; False if another sender has taken the calls over."""
    lock([batch.request_id])
    own = Call.objects.filter(batch=batch, answered_at=None, lease_token=lease.token)
    if own.count() != len(answered):
        return False
    _keep_answers(batch, answered)
    for meaning, outcome in {Meaning.DONE: DONE[BatchKind(batch.kind)], **OTHER_OUTCOMES}.items():
        targets = [each.one.target for each in answered if each.meaning is meaning]
        settle_batch(batch, outcome, why=f"Pendo's answer: {meaning.value}", targets=targets)
    if batch.kind == BatchKind.READMISSIONS:
        _mark_returned(batch, answered)
    _tell(batch, answered)
    _step_on(batch, answered)
    advance(batch.request)
    return True


def _keep_answers(batch: Batch, answered: Sequence[Answered]) -> None:
    vault, now = targets_vault(batch.request), clock.now()
    for call, _, answer in answered:
        call.answered_at, call.verdict, call.status = now, answer.verdict, answer.status
        call.sealed_answer = vault.seal_bytes(answer.body, purpose="answer")
    fields = ["answered_at", "verdict", "status", "sealed_answer"]
    Call.objects.bulk_update([each.call for each in answered], fields)


def _mark_returned(batch: Batch, answered: Sequence[Answered]) -> None:
    """By the digests under every key: the erasure may be older than the newest."""
    lifted = [each.one.name for each in answered if each.meaning is Meaning.DONE]
    digests = [digest.value for name in lifted for digest in keyring.lookup_digests("visitor", name)]
    mark_returned(batch.subscription, ErasedKind.VISITOR, digests, by=batch.request)


def _tell(batch: Batch, answered: Sequence[Answered]) -> None:
    meanings = {each.meaning for each in answered}
    reasons = {
        Meaning.AGAIN_TOLD: Attention.Reason.NOT_PAID,
        Meaning.WAIT: Attention.Reason.WIPE_UNCERTAIN,
    }
    for meaning in meanings & reasons.keys():
        tell_of(batch, reasons[meaning])


def _step_on(batch: Batch, answered: Sequence[Answered]) -> None:
    meanings = [each.meaning for each in answered]
    if Meaning.WAIT in meanings:
        state = BatchState.UNCERTAIN
    else:
        state = BatchState.READY if _left(batch).exists() else BatchState.ANSWERED
    results = Counter(each.answer.verdict.value for each in answered)
    step(
        batch,
        state,
        count=len(answered),
        first=answered[0].call.pk,
        last=answered[-1].call.pk,
        batch=batch.number,
        results=", ".join(f"{count} {verdict}" for verdict, count in sorted(results.items())),
    )
    if Meaning.DONE in meanings:
        note_progress(batch)
    elif Meaning.REPEAT in meanings:
        note_fruitless(batch)


def _left(batch: Batch) -> QuerySet[Target]:
    return Target.objects.filter(sendings__batch=batch, outcome=Outcome.PENDING)


def _follow_up(answers: Sequence[Answer], lease: lanes.Lease, stopped_by: Answer | None) -> None:
    """What would have befallen every other call, too, ends the slice and puts the lane off.

    A refusal among calls that went well has lowered the rate; its target is called for again.
    """
    if any(answer.verdict in GOES_ON for answer in answers):
        lanes.went_well(lease)
    if stopped_by:
        raise Trouble(stopped_by)
