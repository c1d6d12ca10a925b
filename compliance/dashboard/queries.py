"""What the screens show, gathered in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, Q, Subquery

from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.keyset import A_PAGE, Page, counted, page_of
from compliance.execution.queries import open_findings
from compliance.intake.uploads import name_of, unfinished_uploads
from compliance.people.access import Act, can
from compliance.people.names import actor_names
from compliance.people.queries import proposals
from compliance.subscriptions.foreign import waiting_proposals
from compliance.subscriptions.models import PauseReason, Subscription
from compliance.subscriptions.queries import keys_to_look_after
from compliance.subscriptions.reach import in_reach, reached_subscriptions, reaches_subscription
from compliance.subscriptions.stopping import current_stop
from compliance.workflow import policy_page
from compliance.workflow import queries as workflow
from compliance.workflow.incidents import open_incidents
from compliance.workflow.models import Target
from compliance.workflow.reach import within_reach
from compliance.workflow.recipients import tasks_of
from compliance.workflow.rows import name_of as name_of_target
from compliance.workflow.sealing import details_of, targets_vault
from compliance.workflow.states import Outcome, State

from .batches import time_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from compliance.audit.models import Entry
    from compliance.execution.models import Finding
    from compliance.intake.models import Upload
    from compliance.people.models import Person
    from compliance.subscriptions.models import Key, KeyProposal
    from compliance.workflow.models import Appeal, Attention, Incident, RecipientTask, Request
    from compliance.workflow.policy_page import Proposal

Row = TypeVar("Row", bound=Model)

#: So many of each kind of work stand on the home page.
MOST_LISTED = 20
#: Up to so many targets are all opened, to be sorted by what only their seals tell; more are paged through.
MOST_SORTED = 500
#: Entries at both ends of a long timeline.
FIRST_ENTRIES, LAST_ENTRIES = 5, 50

#: How an outcome looks: a class of app.css.
TONES = {
    Outcome.ERASED: "good",
    Outcome.RESET: "good",
    Outcome.RETURNED: "good",
    Outcome.PENDING: "wait",
    Outcome.ACCEPTED: "wait",
    Outcome.HELD: "warn",
    Outcome.UNCERTAIN: "warn",
    Outcome.PRESENT: "bad",
    Outcome.FAILED: "bad",
}
STATE_TONES = {
    State.CHECKING: "warn",
    State.UNCONFIRMED: "warn",
    State.PREVIEWED: "warn",
    State.REJECTED: "warn",
    State.NOTHING_FOUND: "warn",
    State.FORWARDED: "wait",
    State.APPROVED: "wait",
    State.PREVIEWING: "wait",
    State.EXECUTING: "wait",
    State.CONFIRMING: "wait",
    State.CLOSED: "good",
    State.REFUSED: "bad",
}
#: What is shown is being changed by the engine, so the page asks again by itself.
MOVING = frozenset({State.PREVIEWING, State.APPROVED, State.EXECUTING, State.CONFIRMING})
#: Seconds until then; counting a hundred thousand targets every two seconds would be felt by others.
SOON, LATER, LARGE = 2, 10, 100_000


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
    spared_because: str
    held_because: str
    contradicts: bool


@dataclass(frozen=True)
class OutcomeCount:
    """How many targets have an outcome."""

    outcome: Outcome
    label: str
    count: int
    tone: str


@dataclass(frozen=True)
class Moment:
    """One line of a timeline."""

    number: int
    at: dt.datetime
    sentence: str


@dataclass(frozen=True)
class Timeline:
    """Both ends of what happened; between them, `between` entries are left out."""

    first: list[Moment]
    between: int
    last: list[Moment]

    @property
    def whole(self) -> list[Moment]:
        """Both ends, which are everything where nothing is between them."""
        return self.first + self.last


def state_tone(state: str) -> str:
    """The tone of a request's state."""
    return STATE_TONES.get(State(state), "")


def target_rows(request: Request) -> list[TargetRow]:
    """The targets of a request: first what contradicts, last what wasn't found. Of many, the first page."""
    targets = list(targets_of(request)[: MOST_SORTED + 1])
    if len(targets) > MOST_SORTED:
        return opened(request, targets[:A_PAGE])
    rows = opened(request, sorted(targets, key=lambda target: (target.subscription.name, target.pk)))
    return sorted(rows, key=lambda row: (not row.contradicts, row.outcome == Outcome.NOT_FOUND.label))


def target_page(request: Request, values: dict[str, Any], cursor: str) -> Page[Target]:
    """One page of the targets that the filter's `values` leave."""
    return page_of(targets_of(request).filter(**values), order=("pk",), cursor=cursor)


def opened(request: Request, targets: Iterable[Target]) -> list[TargetRow]:
    """The targets as they are shown: only what is shown is opened from its seals."""
    vault = targets_vault(request)
    return [
        _target_row(target, name_of_target(vault, target), details_of(vault, target)) for target in targets
    ]


def outcome_counts(request: Request) -> list[OutcomeCount]:
    """The outcomes that occur, with their counts: they add up to the number of targets."""
    return [
        OutcomeCount(outcome, _label(request, outcome), count, TONES.get(outcome, ""))
        for outcome, count in workflow.outcome_counts(request).items()
    ]


def looked_up(request: Request, counts: Iterable[OutcomeCount]) -> tuple[int, int]:
    """How many targets were looked up so far for the preview, and how many there are."""
    total = sum(row.count for row in counts)
    return total - workflow.not_looked_up(request), total


def seconds_until_next(counts: Iterable[OutcomeCount]) -> int:
    """How long a page that shows these counts waits until it asks again."""
    return LATER if sum(row.count for row in counts) > LARGE else SOON


def targets_of(request: Request) -> QuerySet[Target]:
    """The targets of a request in the order in which they were made, ready to be paged through.

    They begin at the first one, found by the only index that fits: for a request with a large share of all
    targets, PostgreSQL would else walk to it by key through everything that is older.
    """
    own = Target.objects.filter(request_id__gte=request.pk, request_id__lte=request.pk)
    first = own.order_by("request_id", "pk").values("pk")[:1]
    return (
        request.targets.filter(pk__gte=Subquery(first))
        .select_related("subscription", "held_by")
        .order_by("pk")
    )


def _label(request: Request, outcome: Outcome) -> str:
    """Before anything is sent, what is pending is what was found."""
    found = outcome is Outcome.PENDING and request.state in {State.PREVIEWED, State.REJECTED, State.APPROVED}
    return "Found" if found else outcome.label


def held_up(request: Request) -> QuerySet[Subscription]:
    """Subscriptions of the request in which nothing moves: paused, or Pendo doesn't answer."""
    return request.subscriptions.filter(~Q(paused_reason="") | Q(silent_since__isnull=False))


def timeline(request: Request) -> Timeline:
    """What happened, in plain sentences: all of it, or of a long history both ends."""
    entries = entries_of(request.chain)
    last = list(reversed(entries.order_by("-number")[:LAST_ENTRIES]))
    before = last[0].number if last else 0
    first = list(entries.filter(number__lt=before)[:FIRST_ENTRIES])
    told = moments([*first, *last])
    return Timeline(told[: len(first)], before - 1 - len(first), told[len(first) :])


def entry_page(request: Request, cursor: str) -> Page[Entry]:
    """One page of the request's history."""
    return page_of(entries_of(request.chain), order=("number",), cursor=cursor)


def moments(entries: Iterable[Entry]) -> list[Moment]:
    """The entries as lines of a timeline."""
    entries = list(entries)
    names = actor_names(entry.body["actor"] for entry in entries)
    return [Moment(each.number, each.at, each.sentence(names[each.body["actor"]])) for each in entries]


def attentions_for(person: Person) -> QuerySet[Attention]:
    """What needs a person, of the requests that this one may read, the longest waiting first."""
    return within_reach(workflow.open_attentions(), person)


def attention_page(person: Person, values: dict[str, Any], cursor: str) -> Page[Attention]:
    """One page of them."""
    return page_of(attentions_for(person).filter(**values), order=("raised_at", "pk"), cursor=cursor)


class Few(list[Row]):
    """The first rows of a list, and whether there are more."""

    more: bool

    def __init__(self, rows: Iterable[Row], most: int = MOST_LISTED) -> None:
        """At most so many."""
        taken = list(rows)
        super().__init__(taken[:most])
        self.more = len(taken) > most


@dataclass(frozen=True)
class UnansweredKey:
    """A subscription whose key Pendo refuses, with the requests that can't wait for the next working day."""

    subscription: Subscription
    pressing: list[Request]


@dataclass(frozen=True)
class UnfinishedUpload:
    """A file that waits for its uploader to go on."""

    upload: Upload
    name: str


@dataclass(frozen=True)
class Work:
    """The home page of one person: what waits for them, and what is urgent."""

    incidents: Few[Incident] | None = None
    attentions: Few[Attention] | None = None
    findings: list[Finding] | None = None
    to_decide: Few[Request] | None = None
    refusals: Few[Request] | None = None
    appeals: Few[Appeal] | None = None
    to_mend: Few[Request] | None = None
    tasks: Few[RecipientTask] | None = None
    open_requests: Few[Request] | None = None
    #: How many of the open ones are, in words.
    overdue: str | None = None
    subscriptions: QuerySet[Any] | None = None
    grants: QuerySet[Any] | None = None
    uploads: list[UnfinishedUpload] | None = None
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
    reads, opened = can(person, Act.READ_REQUESTS), _requests(workflow.open_requests(), person)
    return Work(
        incidents=_reached(open_incidents(), person, Act.READ_INCIDENTS),
        attentions=_reached(workflow.open_attentions(), person, Act.SETTLE_ATTENTION),
        findings=list(open_findings(person)) if can(person, Act.SETTLE_ATTENTION) else None,
        to_decide=_few(workflow.waiting_for(person)) if can(person, Act.APPROVE) else None,
        refusals=_few(workflow.refusals_waiting_for(person)) if can(person, Act.AGREE_TO_REFUSAL) else None,
        appeals=_reached(workflow.open_appeals(), person, Act.ENTER_REQUESTS),
        to_mend=_to_mend(person) if can(person, Act.ENTER_REQUESTS) else None,
        tasks=_reached(tasks_of(person), person, Act.TELL_RECIPIENTS),
        open_requests=_few(opened) if reads else None,
        overdue=counted(workflow.overdue_among(opened)) if reads else None,
        subscriptions=_in_trouble(person) if can(person, Act.READ_SUBSCRIPTIONS) else None,
        grants=proposals() if can(person, Act.MANAGE_PEOPLE) else None,
        uploads=_uploads_of(person) if can(person, Act.ENTER_REQUESTS) else None,
        policies=policy_page.proposals() if can(person, Act.AGREE_TO_POLICY) else None,
        key_proposals=_key_proposals(person),
        unanswered=_unanswered(person) if can(person, Act.READ_SUBSCRIPTIONS) else None,
        keys=_keys_of(person),
    )


def _uploads_of(person: Person) -> list[UnfinishedUpload]:
    waiting = unfinished_uploads(person).order_by("-pk")[:MOST_LISTED]
    return [UnfinishedUpload(upload, name_of(upload)) for upload in waiting]


def _key_proposals(person: Person) -> QuerySet[KeyProposal] | None:
    if not can(person, Act.CONFIRM_KEYS):
        return None
    waiting = in_reach(waiting_proposals(), person, Act.CONFIRM_KEYS)
    return waiting.exclude(proposed_by=person)


@dataclass(frozen=True)
class Endangered:
    """Requests that can't wait, and what holds them up."""

    #: None: all sending is stopped.
    subscription: Subscription | None
    why: str
    count: str
    requests: Few[Request]


def endangered(person: Person) -> list[Endangered]:
    """What holds the sending up now, each with the requests that can't wait for the next working day.

    As far as the person may read them.
    """
    stop = current_stop()
    places = [_endangered(person, None, f"All sending is stopped, by {stop.by_whom}.")] if stop else []
    silent = Q(silent_since__isnull=False)
    for each in Subscription.objects.filter(~Q(paused_reason="") | silent):
        why = each.get_paused_reason_display() if each.paused else "Pendo doesn't answer"
        since = time_of(each.paused_at or each.silent_since or clock.now())
        places.append(_endangered(person, each, f"{why} (since {since})"))
    return places


def _endangered(person: Person, subscription: Subscription | None, why: str) -> Endangered:
    found = _requests(workflow.endangered_requests(subscription), person)
    return Endangered(subscription, why, counted(found), _few(found))


def _unanswered(person: Person) -> list[UnansweredKey]:
    reached = reached_subscriptions(person, Act.READ_SUBSCRIPTIONS)
    return [
        UnansweredKey(each, list(_pressing(each, person)))
        for each in reached.filter(paused_reason=PauseReason.KEY_REFUSED)
    ]


def _pressing(subscription: Subscription, person: Person) -> QuerySet[Request]:
    """Its requests that can't wait: whoever looks after its key knows of those in other ones, too."""
    rows = workflow.endangered_requests(subscription)
    if can(person, Act.READ_REQUESTS):
        return within_reach(rows, person, path="")
    return rows


def _keys_of(person: Person) -> list[Key] | None:
    """Custodians see all keys that need something; others those that they look after."""
    if not can(person, Act.READ_SUBSCRIPTIONS):
        return None
    return [
        key
        for key in keys_to_look_after()
        if reaches_subscription(person, Act.ENTER_KEYS, key.subscription)
        or person.pk in {key.owner_id, key.deputy_id}
    ]


def _few(rows: QuerySet[Row]) -> Few[Row]:
    return Few(rows[: MOST_LISTED + 1])


def _requests(rows: QuerySet[Request], person: Person) -> QuerySet[Request]:
    """Those that the person may read."""
    return within_reach(rows, person, path="")


def _reached(rows: QuerySet[Row], person: Person, act: Act) -> Few[Row] | None:
    """The first rows whose request the person may do this with; None for whoever may do it with none."""
    return _few(within_reach(rows, person, act)) if can(person, act) else None


def _to_mend(person: Person) -> Few[Request]:
    """A query for each state: together they would be sorted whole, where each comes sorted from its index."""
    states = (State.REJECTED, State.NOTHING_FOUND)
    found = [request for state in states for request in _few_in(state, person)]
    return Few(sorted(found, key=lambda request: (request.send_by, request.pk)))


def _few_in(state: State, person: Person) -> QuerySet[Request]:
    rows = within_reach(workflow.open_requests(), person, Act.ENTER_REQUESTS, path="")
    return rows.filter(state=state)[: MOST_LISTED + 1]


def _in_trouble(person: Person) -> QuerySet[Subscription]:
    working = Q(paused_reason="", keys__replaced_at__isnull=True, keys__isnull=False)
    return reached_subscriptions(person, Act.READ_SUBSCRIPTIONS).filter(
        ~working | Q(silent_since__isnull=False)
    )


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
        why=_why(target),
        spared_because=target.get_spared_because_display(),
        held_because=target.held_by.get_reason_display() if target.held_by else "",
        contradicts=target.contradicts,
    )


def _why(target: Target) -> str:
    """Why it belongs to what was asked; empty where nothing was found."""
    if target.sealed_details is None:
        return ""
    why: str = target.get_why_display()
    return f"{why}, but Pendo has another e-mail for it" if target.contradicts else why


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None
