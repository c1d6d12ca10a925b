"""What the screens show, gathered in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.timezone import localtime

from compliance.audit.queries import entries_of
from compliance.connectors.answers import Verdict
from compliance.core import clock
from compliance.execution.models import ONE_BY_ONE, Batch, BatchState, Call
from compliance.people.access import Act, can
from compliance.people.names import actor_names
from compliance.people.queries import proposals
from compliance.subscriptions.foreign import waiting_proposals
from compliance.subscriptions.models import LaneKind, PauseReason, Subscription
from compliance.subscriptions.queries import keys_to_look_after
from compliance.workflow import policy_page
from compliance.workflow import queries as workflow
from compliance.workflow.sealing import details_of, has_another_email, target_id, targets_vault
from compliance.workflow.states import Outcome, State

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.people.models import Person
    from compliance.subscriptions.models import Key, KeyProposal
    from compliance.workflow.models import Preview, Request, Target
    from compliance.workflow.policy_page import Proposal

MOST_LISTED = 50

#: How an outcome looks: a class of app.css.
TONES = {
    Outcome.ERASED: "good",
    Outcome.RESET: "good",
    Outcome.RETURNED: "good",
    Outcome.PENDING: "wait",
    Outcome.ACCEPTED: "wait",
    Outcome.UNCERTAIN: "warn",
    Outcome.PRESENT: "bad",
    Outcome.FAILED: "bad",
}
STATE_TONES = {
    State.CHECKING: "warn",
    State.PREVIEWED: "warn",
    State.REJECTED: "warn",
    State.NOTHING_FOUND: "warn",
    State.APPROVED: "wait",
    State.PREVIEWING: "wait",
    State.EXECUTING: "wait",
    State.CONFIRMING: "wait",
    State.CLOSED: "good",
}
#: What is shown is being changed by the engine, so the page asks again by itself.
MOVING = frozenset({State.PREVIEWING, State.APPROVED, State.EXECUTING, State.CONFIRMING})


@dataclass(frozen=True, repr=False)
class TargetRow:
    """One target as it is shown; the id and the details are opened from their seals for this one page."""

    id: str
    subscription: str
    outcome: str
    tone: str
    accounts: list[str]
    email: str
    first_visit: dt.datetime | None
    last_visit: dt.datetime | None
    why: str
    contradicts: bool


@dataclass(frozen=True)
class OutcomeCount:
    """How many targets have an outcome."""

    label: str
    count: int
    tone: str


@dataclass(frozen=True)
class Moment:
    """One line of a timeline."""

    at: dt.datetime
    sentence: str


def state_tone(state: str) -> str:
    """The tone of a request's state."""
    return STATE_TONES.get(State(state), "")


def target_rows(request: Request) -> list[TargetRow]:
    """The targets of a request: first what contradicts, last what wasn't found."""
    vault = targets_vault(request)
    targets = request.targets.select_related("subscription").order_by("subscription__name", "pk")
    rows = [_target_row(target, target_id(vault, target), details_of(vault, target)) for target in targets]
    return sorted(rows, key=lambda row: (not row.contradicts, row.outcome == Outcome.NOT_FOUND.label))


def outcome_counts(request: Request) -> list[OutcomeCount]:
    """The outcomes that occur, with their counts: they add up to the number of targets."""
    return [
        OutcomeCount(_label(request, outcome), count, TONES.get(outcome, ""))
        for outcome, count in workflow.outcome_counts(request).items()
    ]


def _label(request: Request, outcome: Outcome) -> str:
    """Before anything is sent, what is pending is what was found."""
    found = outcome is Outcome.PENDING and request.state in {State.PREVIEWED, State.REJECTED, State.APPROVED}
    return "Found" if found else outcome.label


def looked_up(preview: Preview) -> tuple[int, int]:
    """How many targets were looked up so far, and how many there are."""
    targets = preview.request.targets
    return targets.filter(looked_up_at__isnull=False).count(), targets.count()


def batches_with_calls(request: Request) -> list[Batch]:
    """The batches with their calls and receipts, as the engine has left them."""
    calls = Prefetch("calls", Call.objects.order_by("pk"))
    return list(
        request.batches.select_related("request", "subscription", "parent").prefetch_related(
            calls, "batch_receipts__receipt"
        )
    )


def waits_for(batch: Batch) -> str:
    """Why a batch waits, and until when, in plain words."""
    if batch.request.paused_at and batch.state == BatchState.READY:
        return "The request is paused: nothing more of it is sent until an officer resumes it."
    if batch.subscription.paused:
        return f"{batch.subscription.name} is paused: {batch.subscription.get_paused_reason_display()}."
    words = _WAITS.get(BatchState(batch.state), "")
    if batch.kind in ONE_BY_ONE:
        words = _WAITS_ONE_BY_ONE.get(BatchState(batch.state), words)
    if batch.state not in _LANES:
        return words
    lane = batch.subscription.lanes.get(kind=_lane_of(batch))
    if lane.failures and lane.next_at > clock.now():
        words += " Pendo took nothing at the last try."
    at = max(batch.due_at, lane.next_at)
    return f"{words} Next try at {_time_of(at)}." if at > clock.now() else words


def _lane_of(batch: Batch) -> LaneKind:
    """The lane that does something about it next."""
    return LaneKind.RESET if batch.kind in ONE_BY_ONE else _LANES[BatchState(batch.state)]


def _time_of(moment: dt.datetime) -> str:
    return date_format(localtime(moment), "j M, H:i:s")


def timeline(request: Request) -> list[Moment]:
    """What happened, first to last, in plain sentences."""
    entries = list(entries_of(request.chain))
    names = actor_names(entry.body["actor"] for entry in entries)
    return [Moment(entry.at, entry.sentence(names[entry.body["actor"]])) for entry in entries]


@dataclass(frozen=True)
class UnansweredKey:
    """A subscription whose key Pendo refuses, with the requests that can't wait for the next working day."""

    subscription: Subscription
    pressing: list[Request]


@dataclass(frozen=True)
class Work:
    """The home page of one person: what waits for them, and what is urgent."""

    attentions: QuerySet[Any] | None = None
    to_decide: QuerySet[Any] | None = None
    to_mend: QuerySet[Any] | None = None
    open_requests: QuerySet[Any] | None = None
    subscriptions: QuerySet[Any] | None = None
    grants: QuerySet[Any] | None = None
    policies: list[Proposal] | None = None
    key_proposals: QuerySet[Any] | None = None
    unanswered: list[UnansweredKey] | None = None
    keys: list[Key] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no kind of work here that this person could ever do."""
        return self.open_requests is None and self.subscriptions is None and self.grants is None


def work_of(person: Person) -> Work:
    """What this person can do something about."""
    reads = can(person, Act.READ_REQUESTS)
    return Work(
        attentions=workflow.open_attentions()[:MOST_LISTED] if can(person, Act.SETTLE_ATTENTION) else None,
        to_decide=workflow.waiting_for(person)[:MOST_LISTED] if can(person, Act.APPROVE) else None,
        to_mend=_to_mend() if can(person, Act.ENTER_REQUESTS) else None,
        open_requests=workflow.open_requests()[:MOST_LISTED] if reads else None,
        subscriptions=_in_trouble() if can(person, Act.READ_SUBSCRIPTIONS) else None,
        grants=proposals() if can(person, Act.MANAGE_PEOPLE) else None,
        policies=policy_page.proposals() if can(person, Act.AGREE_TO_POLICY) else None,
        key_proposals=_key_proposals(person),
        unanswered=_unanswered() if can(person, Act.READ_SUBSCRIPTIONS) else None,
        keys=_keys_of(person),
    )


def _key_proposals(person: Person) -> QuerySet[KeyProposal] | None:
    if not can(person, Act.CONFIRM_KEYS):
        return None
    return waiting_proposals().exclude(proposed_by=person)


def _unanswered() -> list[UnansweredKey]:
    paused = Subscription.objects.filter(paused_reason=PauseReason.KEY_REFUSED)
    return [UnansweredKey(each, workflow.pressing_requests(each)) for each in paused]


def _keys_of(person: Person) -> list[Key] | None:
    """Custodians see all keys that need something; others those that they look after."""
    if not can(person, Act.READ_SUBSCRIPTIONS):
        return None
    keys = keys_to_look_after()
    if can(person, Act.ENTER_KEYS):
        return keys
    return [key for key in keys if person.pk in {key.owner_id, key.deputy_id}]


def _to_mend() -> QuerySet[Request]:
    return workflow.open_requests().filter(state__in=[State.REJECTED, State.NOTHING_FOUND])[:MOST_LISTED]


def _in_trouble() -> QuerySet[Subscription]:
    return Subscription.objects.exclude(paused_reason="", keys__replaced_at__isnull=True, keys__isnull=False)


def _target_row(target: Target, shown_id: str, details: dict[str, Any]) -> TargetRow:
    outcome = Outcome(target.outcome)
    return TargetRow(
        id=shown_id,
        subscription=target.subscription.name,
        outcome=outcome.label if target.looked_up_at else "Being looked up",
        tone=TONES.get(outcome, ""),
        accounts=details.get("accounts", []),
        email=details.get("email", ""),
        first_visit=_moment(details.get("first_visit")),
        last_visit=_moment(details.get("last_visit")),
        why=_why(shown_id, details),
        contradicts=has_another_email(shown_id, details),
    )


def _why(shown_id: str, details: dict[str, Any]) -> str:
    """Why it is this person: so far, only exact ids are asked for."""
    if not details:
        return ""
    if has_another_email(shown_id, details):
        return "Exact id, but Pendo has another e-mail for it"
    return "Exact id"


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


#: The lane that does something about a batch in this state.
_LANES = {
    BatchState.READY: LaneKind.BULK,
    BatchState.UNCERTAIN: LaneKind.READ,
    BatchState.DONE: LaneKind.READ,
}
_WAITS_ONE_BY_ONE = {
    BatchState.READY: "Waits to be sent, one call for each target.",
    BatchState.UNCERTAIN: "Nobody can say whether Pendo did it. A person has to look; nothing is sent again.",
}
VERDICTS = {
    Verdict.OK: "accepted",
    Verdict.NOT_FOUND: "not found",
    Verdict.BAD_REQUEST: "refused as a whole",
    Verdict.KEY_REFUSED: "key refused",
    Verdict.NOT_PAID: "not covered by the contract",
    Verdict.UNPROCESSABLE: "refused as a whole",
    Verdict.RATE_LIMITED: "too many calls, says Pendo",
    Verdict.UNAVAILABLE: "Pendo had trouble",
    Verdict.GARBLED: "an answer that can't be read",
    Verdict.LOST: "no answer came",
    Verdict.NOT_SENT: "not sent",
}
_WAITS = {
    BatchState.READY: "Waits to be sent; Pendo takes about one bulk call a second.",
    BatchState.SENDING: "Is being sent.",
    BatchState.UNCERTAIN: "The answer left open what Pendo has. Pendo is asked before anything is resent.",
    BatchState.ACCEPTED: "Pendo has it in its queue; its receipt is followed.",
    BatchState.DONE: "Pendo reports it as done. The visitors are looked for.",
    BatchState.FAILED: "Pendo refused it; a person has to look.",
}
