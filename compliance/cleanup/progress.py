"""What becomes of runs: compared with the one before, approved by their rule, ended with their result.

The engine carries their requests out; here is only what it doesn't know. All of it is done from rows, by a
task every few seconds and by whoever waits for a run, so that nothing depends on who asks first.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.execution.dispatch import enqueue_due_lanes
from compliance.execution.planning import begin_execution
from compliance.execution.turns import a_turn
from compliance.workflow.approvals import approve_by_rule
from compliance.workflow.errors import NotThisPerson, SetHasChanged
from compliance.workflow.guards import decide_by_rule, end_before_sending, guard_of, words_of
from compliance.workflow.models import Request, Target
from compliance.workflow.previews import complete_preview, current_preview, start_preview
from compliance.workflow.queries import outcome_counts
from compliance.workflow.sealing import details_of, targets_vault
from compliance.workflow.states import ENDED, Outcome, State

from .approving import as_standing, current_standing, end_one
from .choices import Ended, Result
from .lifting import lift
from .models import Run

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from .models import Rule, StandingApproval

log = logging.getLogger(__name__)

#: Pendo shows new events within a quarter of an hour (facts of its API, p. 3).
YOUNG = dt.timedelta(minutes=15)
SENT_BACK = "An officer sent the run back, with the reason that stands with the decision."
#: Before these nothing of a run is sent.
WAITING = frozenset({State.PREVIEWING, State.PREVIEWED, State.REJECTED, State.APPROVED})
#: All of a request in one of these was accepted by Pendo, or it has ended.
ORDERED = frozenset({State.CONFIRMING, *ENDED})
#: What has one of these wasn't matched, or isn't meant.
UNMATCHED = (Outcome.NOT_FOUND, Outcome.SPARED, Outcome.HELD)


def move_runs_on() -> None:
    """Every open run is where its request lets it be. One that fails holds up no other."""
    for run in Run.objects.filter(ended_at=None).order_by("pk"):
        try:
            move_on(run)
        except Exception:
            log.exception("%s cannot go on", run)


def move_on(run: Run) -> Run:
    """The run is where its request lets it be: measured, approved by its rule, sent, ended."""
    run = Run.objects.select_related("rule__subscription", "rule__owner", "version__rule", "request").get(
        pk=run.pk
    )
    if run.ended_at:
        return run
    if run.request.state == State.PREVIEWING and complete_preview(run.request, may_go_on=a_turn()):
        run.request.refresh_from_db()
    if run.request.state == State.PREVIEWING and run.matched is not None:
        # What was matched before counts no more: it is being looked up anew.
        Run.objects.filter(pk=run.pk).update(matched=None)
        run.matched = None
    if run.matched is None and run.request.state != State.PREVIEWING:
        _measure(run)
    if run.request.state == State.PREVIEWED:
        _decide(run)
    elif run.request.state == State.REJECTED:
        # Nobody changes what a rule asks in one of its runs, so nothing more can come of it.
        end_before_sending(run.request, why=SENT_BACK)
    if run.request.state in ORDERED and run.sent_at is None:
        run.sent_at = clock.now()
        run.save(update_fields=["sent_at"])
    return _end(run) if run.request.state in ENDED else run


@transaction.atomic
def cancel_waiting_runs(rule: Rule, *, why: str) -> None:
    """What of the rule's runs waits is ended before anything is sent; what is being sent goes on."""
    for run in Run.objects.filter(rule=rule, sent_at=None).select_related("request"):
        request = Request.objects.select_for_update().get(pk=run.request_id)
        if request.state in WAITING:
            end_before_sending(request, why=why)


# -- What a preview has matched ------------------------------------------------------------------------------


def matched_targets(run: Run) -> QuerySet[Target]:
    """What the run acts on, would act on, or would have."""
    return run.request.targets.exclude(outcome__in=UNMATCHED)


def fresh_targets(run: Run) -> QuerySet[Target]:
    """What the run before it hadn't matched."""
    return _without(matched_targets(run), run.compared_with)


def gone_targets(run: Run) -> QuerySet[Target]:
    """What the run before it had matched, and it doesn't."""
    before = run.compared_with
    return _without(matched_targets(before), run) if before else Target.objects.none()


def _without(targets: QuerySet[Target], other: Run | None) -> QuerySet[Target]:
    # By what is acted on: a guide's digest for a visitor is the visitor's.
    if other is None:
        return targets
    return targets.exclude(digest__in=matched_targets(other).values("digest"))


@transaction.atomic
def _measure(run: Run) -> None:
    before = Run.objects.filter(
        rule=run.rule, narrowing=run.narrowing, matched__isnull=False, forgotten_at=None, pk__lt=run.pk
    )
    run.compared_with = before.order_by("-pk").first()
    run.matched = matched_targets(run).count()
    if run.compared_with:
        run.fresh, run.gone = fresh_targets(run).count(), gone_targets(run).count()
    run.young = _young_ones(run)
    run.save(update_fields=["compared_with", "matched", "fresh", "gone", "young"])


def _young_ones(run: Run) -> int:
    """How many were first seen so lately that Pendo may not show all of their events yet."""
    ready_at = current_preview(run.request).ready_at or clock.now()
    vault = targets_vault(run.request)
    rows = matched_targets(run).filter(sealed_details__isnull=False, everybody=False)
    return sum(
        is_young(details_of(vault, target), ready_at)
        for target in rows.only("sealed_details").iterator(chunk_size=2_000)
    )


def is_young(details: dict[str, object], at: dt.datetime) -> bool:
    """Whether a visitor with these details was first seen less than a quarter of an hour before."""
    first = details.get("first_visit")
    return isinstance(first, str) and dt.datetime.fromisoformat(first) > at - YOUNG


# -- Its approval --------------------------------------------------------------------------------------------


def _decide(run: Run) -> None:
    """A standing approval that counts approves it; where there is none, people are asked."""
    given = current_standing(run.version)
    if given is None or run.started_by_id == given.person_id:
        decide_by_rule(run.request, yes=False)
        return
    decide_by_rule(run.request, yes=True)
    if _is_older(run.request, given):
        # What was looked up before anybody had approved the rule may be days old.
        with transaction.atomic():
            start_preview(request=run.request, by=None)
        return
    try:
        approve_by_rule(request=run.request, standing=as_standing(given))
    except SetHasChanged:
        return  # compared with a hold at this moment: again in a moment
    except NotThisPerson:
        with transaction.atomic():
            end_one(given, Ended.ROLE)
        decide_by_rule(run.request, yes=False)
    except Refused as refusal:
        log.info("%s isn't approved by its rule: %s", run, refusal)
    else:
        # Nobody waits for the next tick: before a run of tests, seconds count.
        begin_execution(run.request)
        enqueue_due_lanes()
    run.request.refresh_from_db()


def _is_older(request: Request, given: StandingApproval) -> bool:
    ready_at = current_preview(request).ready_at
    return ready_at is not None and ready_at < given.given_at


# -- Its end -------------------------------------------------------------------------------------------------


@transaction.atomic
def _end(run: Run) -> Run:
    """The run has its result, once what it erased is let back in, if the rule says so."""
    run = (
        Run.objects.select_for_update(of=("self",))
        .select_related("rule__subscription", "rule__owner", "version__rule", "request", "lifting")
        .get(pk=run.pk)
    )
    if run.ended_at or lift(run):
        return run
    run.ended_at = clock.now()
    run.result = result_of(run)
    run.outcomes = {outcome.value: count for outcome, count in outcome_counts(run.request).items()}
    run.save(update_fields=["ended_at", "result", "outcomes"])
    counts = ", ".join(f"{count} {Outcome(outcome).label.lower()}" for outcome, count in run.outcomes.items())
    ledger.record(
        Event.RUN_ENDED,
        chain=run.rule.chain,
        actor=ledger.SYSTEM,
        run=run.pk,
        rule=run.rule.name,
        result=run.get_result_display().lower(),
        matched=run.matched,
        outcomes=counts or "no target",
    )
    guard = guard_of(run.request)
    if guard and guard.stopped_by:
        ledger.record(
            Event.RUN_STOPPED,
            chain=run.rule.chain,
            actor=ledger.SYSTEM,
            run=run.pk,
            rule=run.rule.name,
            owner=run.rule.owner.reference,
            why=guard.get_stopped_by_display(),
        )
    return run


def result_of(run: Run) -> Result:
    """What became of a run whose request has ended."""
    guard, request = guard_of(run.request), run.request
    if guard and guard.stopped_by:
        return Result.STOPPED
    if not run.matched:
        return Result.NOTHING
    if request.state == State.CANCELLED:
        return Result.SHOWN if run.dry_run else Result.CANCELLED
    if run.lifting and run.lifting.state != State.CLOSED:
        return Result.FAILED
    failed = request.targets.filter(outcome__in=[Outcome.FAILED, Outcome.CANCELLED]).exists()
    return Result.FAILED if failed else Result.DONE


def why_of(run: Run) -> str:
    """Why a run was stopped, in words; empty where it wasn't."""
    guard = guard_of(run.request)
    return words_of(guard) if guard else ""
