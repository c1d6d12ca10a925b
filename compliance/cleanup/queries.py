"""Reads of clean-up rules and their runs, named by what they return."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from compliance.core import clock
from compliance.execution.health import heartbeat_age, is_silent
from compliance.subscriptions.keys import key_for
from compliance.subscriptions.models import LaneKind
from compliance.subscriptions.stopping import is_stopped
from compliance.workflow.guards import guard_of
from compliance.workflow.listings import troubles_of
from compliance.workflow.previews import current_preview
from compliance.workflow.queries import outcome_counts
from compliance.workflow.sealing import details_of, target_id, targets_vault
from compliance.workflow.states import Outcome, State

from .approving import current_standing
from .choices import Result
from .models import Allowance, Rule, Run, StandingApproval
from .progress import UNMATCHED, fresh_targets, gone_targets, is_young, matched_targets, why_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from compliance.workflow.models import Target

    from .models import Version

#: Ids shown of each list on a run's page.
MOST_SHOWN = 100
#: So many days before its end, a standing approval is shown as ending.
SOON = 14


@dataclass(frozen=True)
class RuleRow:
    """A rule as the list shows it."""

    rule: Rule
    version: Version
    last_run: Run | None
    standing: StandingApproval | None

    @property
    def phase(self) -> str:
        """Where its last run stands, in words; empty where there is none."""
        return phase_of(self.last_run) if self.last_run else ""


def rule_rows(rules: QuerySet[Rule]) -> list[RuleRow]:
    """The rules with their last run and standing approval: a constant number of queries."""
    last_run = Run.objects.filter(rule=OuterRef("pk"), dry_run=False).order_by("-pk").values("pk")[:1]
    rows = list(
        rules.select_related("subscription", "owner")
        .prefetch_related("versions")
        .annotate(last_run_id=Subquery(last_run))
    )
    runs = Run.objects.select_related("request").in_bulk([row.last_run_id for row in rows if row.last_run_id])
    standing = _standing_by_version(rows)
    found = []
    for rule in rows:
        version = list(rule.versions.all())[-1]
        version.rule = rule
        found.append(RuleRow(rule, version, runs.get(rule.last_run_id), standing.get(version.pk)))
    return found


def _standing_by_version(rules: Iterable[Rule]) -> dict[int, StandingApproval]:
    standing = StandingApproval.objects.filter(
        version__rule__in=list(rules), ended_at=None, ends_on__gte=clock.today()
    )
    return {each.version_id: each for each in standing.select_related("person")}


def last_ended(rule: Rule) -> StandingApproval | None:
    """The standing approval of the rule that ended last, of whichever version."""
    ended = StandingApproval.objects.filter(version__rule=rule, ended_at__isnull=False)
    return ended.select_related("person").order_by("ended_at", "pk").last()


def runs_of(rule: Rule) -> QuerySet[Run]:
    """The rule's runs, the last first."""
    return rule.runs.select_related("request", "version__rule", "started_by").order_by("-pk")


def allowances() -> QuerySet[Allowance]:
    """The patterns of test ids in production that count now."""
    return Allowance.objects.filter(ended_at=None).select_related("subscription", "set_by")


# -- Where a run stands --------------------------------------------------------------------------------------


def phase_of(run: Run) -> str:
    """Where a run stands, in words."""
    if run.ended_at:
        return run.get_result_display()
    if run.lifting_id:
        return "Do Not Process is being lifted"
    return _PHASES.get(State(run.request.state), run.request.get_state_display())


def what_holds_up(run: Run) -> str:
    """Why nothing can come of the run now, in words; empty where nothing is in its way."""
    subscription = run.rule.subscription
    if subscription.paused:
        return f"{subscription.name} is paused: {subscription.get_paused_reason_display()}."
    if key_for(subscription, LaneKind.READ) is None:
        return f"{subscription.name} has no usable key: a key custodian has to enter one."
    if subscription.silent_since:
        return f"Pendo doesn't answer for {subscription.name}; the run goes on by itself once it does."
    if is_stopped() and run.request.state in {State.APPROVED, State.EXECUTING}:
        return "All sending is stopped; an officer lets it go on."
    if run.request.paused_at:
        return f"Request {run.request.reference} is paused; a privacy officer lets it go on."
    return ""


def trouble_of(run: Run) -> str:
    """What makes looking its visitors up take longer, in words, such as a segment that can't be read."""
    if run.request.state != State.PREVIEWING:
        return ""
    return " ".join(troubles_of(run.request)) or current_preview(run.request).trouble


def what_it_waits_for(run: Run) -> str:
    """What is in the run's way now, or makes it take longer, in words; of one that has ended, nothing."""
    return "" if run.ended_at else what_holds_up(run) or trouble_of(run)


def worker_is_alive() -> bool:
    """Whether a worker was seen lately: without one, nothing happens."""
    return not is_silent(heartbeat_age())


def waits_for_approval(run: Run) -> bool:
    """Whether people have to approve the run, because no standing approval does."""
    return run.request.state == State.PREVIEWED and current_standing(run.version) is None


_PHASES = {
    State.PREVIEWING: "Pendo is being asked who matches",
    State.PREVIEWED: "Waiting for approval",
    State.APPROVED: "Approved; may still be cancelled",
    State.EXECUTING: "Being sent to Pendo",
    State.CONFIRMING: "Accepted by Pendo, being confirmed",
}


# -- Whom a run is about -------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Shown:
    """A target as a run's page shows it, opened from its seal for this one page."""

    name: str
    young: bool
    guide: str
    everybody: bool


def shown(targets: QuerySet[Target], at: dt.datetime) -> list[Shown]:
    """Some of the targets, by name."""
    rows = list(targets.select_related("request").order_by("pk")[:MOST_SHOWN])
    vaults = {row.request_id: targets_vault(row.request) for row in rows}
    return [
        Shown(
            name=target_id(vaults[row.request_id], row),
            young=is_young(details_of(vaults[row.request_id], row), at),
            guide=row.guide,
            everybody=row.everybody,
        )
        for row in rows
    ]


def differences(run: Run) -> tuple[list[Shown], list[Shown]]:
    """Whom the run matched and the one before it hadn't, and the other way round; some of each."""
    if run.forgotten_at or run.compared_with is None:
        return [], []
    at = run.started_at
    return shown(fresh_targets(run), at), shown(gone_targets(run), at)


def whom_it_matched(run: Run) -> list[Shown]:
    """Whom the run acts on, or would: the first of them."""
    return [] if run.forgotten_at else shown(matched_targets(run), run.started_at)


def unmatched_lines(run: Run) -> list[int]:
    """The lines of visitors to whom the run was narrowed, and who weren't matched; none before that shows."""
    guard = guard_of(run.request)
    if guard is None or run.matched is None:
        return []
    matched = run.request.targets.exclude(outcome__in=UNMATCHED).values("digest")
    left = guard.narrowings.exclude(digest__in=matched)
    return list(left.order_by("line").values_list("line", flat=True))


def outcomes_of(run: Run) -> dict[str, int]:
    """How many targets have which outcome: as they are, or as they were when the run ended."""
    if run.ended_at:
        return dict(run.outcomes)
    return {outcome.value: count for outcome, count in outcome_counts(run.request).items()}


def outcome_words(run: Run) -> list[tuple[str, int]]:
    """The same, by the labels of outcomes."""
    return [(Outcome(outcome).label, count) for outcome, count in outcomes_of(run).items()]


def reason_of(run: Run) -> str:
    """Why a run came to nothing, in words; empty where it didn't."""
    if why := why_of(run):
        return why
    if run.result == Result.NOTHING:
        return "Nobody matched, or all who did are held: nothing was to be done."
    return ""
