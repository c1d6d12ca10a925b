"""What Prometheus may know: counts and ages, read from the database in a constant number of queries.

Nothing here counts a table whole: what may be many is counted up to `MOST`, which then stands for "or more".
No personal data: subscriptions by name, and words of closed lists.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django_q.models import OrmQ

from compliance.audit.models import Entry
from compliance.core import clock
from compliance.execution.health import heartbeat_age
from compliance.execution.models import Batch, BatchState, Call, Finding
from compliance.subscriptions.models import Lane, Subscription
from compliance.subscriptions.queries import overviews_of
from compliance.subscriptions.stopping import is_stopped
from compliance.workflow.incidents import open_incidents
from compliance.workflow.models import Attention, RecipientTask
from compliance.workflow.queries import (
    open_attentions,
    open_requests,
    overdue_among,
    overdue_appeals,
)
from compliance.workflow.states import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import QuerySet

    from compliance.subscriptions.queries import Overview

#: More than these aren't counted.
MOST = 10_000
MOST_OPEN, MOST_CALLS = 50_000, 20_000
RECENT = dt.timedelta(minutes=5)
#: Something still happens to such a batch.
WAITING = (
    BatchState.READY,
    BatchState.SENDING,
    BatchState.UNCERTAIN,
    BatchState.ACCEPTED,
    BatchState.DONE,
)
ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True)
class Metric:
    """One metric with its samples: the labels of each, and its value."""

    name: str
    about: str
    samples: Sequence[tuple[dict[str, str], float]] = ()
    kind: str = "gauge"

    def __str__(self) -> str:
        """As Prometheus reads it (text format 0.0.4)."""
        name = f"erasure_desk_{self.name}"
        lines = [f"# HELP {name} {self.about}", f"# TYPE {name} {self.kind}"]
        lines += [f"{name}{_labels(labels)} {_value(value)}" for labels, value in self.samples]
        return "\n".join(lines) + "\n"


def exposition() -> str:
    """Every metric, as Prometheus reads them."""
    return "".join(map(str, every_metric()))


def every_metric() -> Iterator[Metric]:
    """All there is."""
    yield from _engine()
    yield from _subscriptions(overviews_of(Subscription.objects.all()))
    yield from _lanes()
    yield from _dates()
    yield from _work()


def _engine() -> Iterator[Metric]:
    age = heartbeat_age()
    yield _one(
        "heartbeat_age_seconds",
        "Since a worker was last seen to work, end to end; infinite if none ever was.",
        math.inf if age is None else age,
    )
    yield _one("queue_depth", "Tasks in the queue.", OrmQ.objects.count())
    yield _one(
        "sending_stopped", "1 while all sending is stopped, until an officer lets it go on.", is_stopped()
    )
    yield _counted(
        "calls_recent",
        "Destructive calls to Pendo of the last five minutes, by what their answers mean.",
        ("verdict",),
        _recent_calls(),
    )
    yield _one(
        "ledger_entries_total",
        "Entries of the ledger so far.",
        Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0,
        kind="counter",
    )


def _recent_calls() -> Iterator[tuple[str]]:
    since = clock.now() - RECENT
    # By key, which goes with time: there is no index by time, and no need of one.
    for verdict, at in Call.objects.order_by("-pk").values_list("verdict", "intended_at")[:MOST_CALLS]:
        if at < since:
            return
        yield (verdict or "none_yet",)


def _subscriptions(found: list[Overview]) -> Iterator[Metric]:
    now, each = clock.now(), [(row.subscription, {"subscription": row.subscription.name}) for row in found]
    yield Metric(
        "subscription_paused",
        "1 while nothing is sent to the subscription, by somebody's word or because its key doesn't work.",
        [(labels, one.paused) for one, labels in each],
    )
    yield Metric(
        "subscription_silent_seconds",
        "Since Pendo has given no usable answer; 0 while it answers.",
        [
            (labels, (now - one.silent_since).total_seconds() if one.silent_since else 0)
            for one, labels in each
        ],
    )
    yield Metric(
        "key_days_left",
        "Days until a key in use has to be replaced; negative once that day is past.",
        [
            ({"subscription": row.subscription.name, "purpose": key.purpose}, key.days_left)
            for row in found
            for key in row.keys
        ],
    )
    batches = Batch.objects.filter(subscription__in=[one.pk for one, _ in each], state__in=WAITING)
    yield _counted(
        "batches_waiting",
        "Batches that something still happens to, by where they are.",
        ("state",),
        batches.values_list("state")[:MOST],
    )


def _lanes() -> Iterator[Metric]:
    now = clock.now()
    rows = list(Lane.objects.select_related("subscription").order_by("subscription__name", "kind"))
    each = [(lane, {"subscription": lane.subscription.name, "lane": lane.kind}) for lane in rows]
    yield Metric(
        "lane_wait_seconds",
        "Until a lane may send again; 0 while it may.",
        [(labels, max(0, (lane.next_at - now).total_seconds())) for lane, labels in each],
    )
    yield Metric(
        "lane_failures",
        "Calls that Pendo has put off one after the other.",
        [(labels, lane.failures) for lane, labels in each],
    )
    yield Metric(
        "lane_rate",
        "Calls a second, where a lane finds that out.",
        [(labels, lane.rate) for lane, labels in each if lane.rate is not None],
    )
    yield Metric(
        "lane_leased",
        "1 while somebody is the sender of a lane.",
        [(labels, bool(lane.lease_token) and lane.lease_until >= now) for lane, labels in each],
    )


def _dates() -> Iterator[Metric]:
    today, waiting = clock.today(), open_requests()
    unsent = waiting.exclude(state=State.CONFIRMING).values_list("send_by", flat=True).first()
    legal = waiting.filter(legal_by__isnull=False).order_by("legal_by", "pk")
    yield _days("nearest_send_by_days", "Days until the next order has to reach Pendo.", unsent, today)
    yield _days(
        "nearest_legal_days",
        "Days until the next answer is due by law.",
        legal.values_list("legal_by", flat=True).first(),
        today,
    )
    yield _capped(
        "requests_overdue",
        "Requests whose day to be ordered, or answered, has passed.",
        overdue_among(waiting),
    )
    yield _capped(
        "requests_late", "Requests whose last lawful day has passed.", legal.filter(legal_by__lt=today)
    )
    yield _counted(
        "requests_open",
        "Requests that haven't ended.",
        ("state", "kind"),
        waiting.values_list("state", "kind")[:MOST_OPEN],
    )


def _work() -> Iterator[Metric]:
    yield _counted(
        "attention_open",
        "What needs a person, by its reason.",
        ("reason",),
        open_attentions().values_list("reason")[:MOST],
        always=[(reason,) for reason in Attention.Reason.values],
    )
    running = list(open_incidents().filter(tell_authority__isnull=True)[:1])
    yield Metric(
        "incident_seconds_left",
        "Until the 72 hours of the next incident end about which nobody has decided.",
        [({}, (each.notify_by - clock.now()).total_seconds()) for each in running],
    )
    yield _capped(
        "findings_open", "What was erased and is there again.", Finding.objects.filter(settled_at=None)
    )
    yield _capped("appeals_overdue", "Appeals and complaints past their last lawful day.", overdue_appeals())
    tasks = RecipientTask.objects.filter(done_at=None, due_on__lt=clock.today())
    yield _capped(
        "recipient_tasks_overdue", "Other systems that should have been told.", tasks.order_by("due_on", "pk")
    )


def _one(name: str, about: str, value: float, *, kind: str = "gauge") -> Metric:
    return Metric(name, about, [({}, value)], kind)


def _days(name: str, about: str, day: dt.date | None, today: dt.date) -> Metric:
    """Negative once it is past; no sample where there is no such day."""
    about = f"{about} Negative once it is past; absent if there is none."
    return Metric(name, about, [({}, (day - today).days)] if day else [])


def _capped(name: str, about: str, rows: QuerySet[Any]) -> Metric:
    about = f"{about} {MOST:,} stands for that many or more."
    return _one(name, about, rows.values("pk")[:MOST].count())


def _counted(
    name: str,
    about: str,
    labels: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    always: Iterable[tuple[str, ...]] = (),
) -> Metric:
    """How many rows have which values; those of `always` stand there with 0, too."""
    counts = Counter(dict.fromkeys(always, 0))
    counts.update(rows)
    samples = [(dict(zip(labels, values, strict=True)), count) for values, count in sorted(counts.items())]
    return Metric(name, about, samples)


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(ESCAPED)}"' for name, value in labels.items()) + "}"


def _value(value: float) -> str:
    if math.isinf(value):
        return "+Inf"
    return f"{float(value):.3f}".rstrip("0").rstrip(".")
