"""Batches as they are shown: their calls, why each waits and until when, and what is done about doubt."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Prefetch
from django.utils.formats import date_format
from django.utils.timezone import localtime

from compliance.connectors.answers import Verdict
from compliance.core import clock
from compliance.core.keyset import Page, page_of
from compliance.execution.asking import asked_until
from compliance.execution.models import ONE_BY_ONE, Batch, BatchState, Call, Sending
from compliance.subscriptions.models import LaneKind
from compliance.workflow.rows import name_of
from compliance.workflow.sealing import targets_vault
from compliance.workflow.states import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from django.db.models import QuerySet

    from compliance.subscriptions.models import Stop
    from compliance.workflow.models import Request

#: On a request's page: batches that wait and last ones, and the last calls of each.
BATCHES_SHOWN, CALLS_SHOWN = 20, 5
#: Nothing more happens to such a batch.
SETTLED = (BatchState.CONFIRMED, BatchState.ANSWERED, BatchState.EMPTY, BatchState.SPLIT)

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


def state_counts(request: Request) -> list[tuple[BatchState, int]]:
    """The states of batches that occur, with their counts."""
    rows = request.batches.values("state").annotate(count=Count("pk")).order_by()
    counts = {row["state"]: row["count"] for row in rows}
    return [(state, counts[state]) for state in BatchState if state in counts]


def batches_now(request: Request) -> list[Batch]:
    """The first batches that something still happens to, and the last ones, in their order."""
    batches = _batches_of(request, CALLS_SHOWN)
    waiting = batches.exclude(state__in=SETTLED).order_by("number")[:BATCHES_SHOWN]
    latest = batches.order_by("-number")[:BATCHES_SHOWN]
    return sorted({*waiting, *latest}, key=lambda batch: batch.number)


def batch_page(request: Request, values: dict[str, Any], cursor: str) -> Page[Batch]:
    """One page of the batches that the filter's `values` leave, with their calls."""
    return page_of(_batches_of(request, BATCHES_SHOWN).filter(**values), order=("number",), cursor=cursor)


def batch_numbered(request: Request, number: int) -> Batch | None:
    """The batch with this number, as it is shown."""
    return _batches_of(request, 0).filter(number=number).first()


def call_page(batch: Batch, cursor: str) -> Page[Call]:
    """One page of the batch's calls, the last first."""
    return page_of(batch.calls.select_related("target"), order=("-pk",), cursor=cursor)


def with_targets(batch: Batch, calls: Iterable[Call]) -> list[tuple[Call, str]]:
    """The calls, each with the one target that it acts on; with nothing where it acts on the whole batch."""
    vault = targets_vault(batch.request)
    return [(call, name_of(vault, call.target) if call.target else "") for call in calls]


def outcomes_in(batch: Batch) -> list[tuple[Outcome, int]]:
    """What became of the batch's targets so far, with counts."""
    rows = (
        Sending.objects.filter(batch=batch).values("target__outcome").annotate(count=Count("pk")).order_by()
    )
    counts = {row["target__outcome"]: row["count"] for row in rows}
    return [(outcome, counts[outcome]) for outcome in Outcome if outcome in counts]


def _batches_of(request: Request, calls: int) -> QuerySet[Batch]:
    """With their receipts, the lanes they go by, and their last `calls`, as the engine has left them."""
    last_calls = Prefetch("calls", Call.objects.order_by("-pk")[:calls], to_attr="last_calls")
    return request.batches.select_related(
        "request", "subscription", "parent", "scan", "reading"
    ).prefetch_related(last_calls, "batch_receipts__receipt", "subscription__lanes")


def waits_for(batch: Batch, stop: Stop | None = None) -> str:
    """Why a batch waits, until when, and what is done about what is uncertain, in plain words.

    `stop` is that of all sending, if one holds.
    """
    if batch.state == BatchState.READY and (held := _held(batch.request, stop)):
        return held
    if batch.subscription.paused and batch.state not in SETTLED:
        return f"{batch.subscription.name} is paused: {batch.subscription.get_paused_reason_display()}."
    if batch.subscription.silent_since and batch.state not in SETTLED:
        since = time_of(batch.subscription.silent_since)
        return f"Pendo hasn't answered for {batch.subscription.name} since {since}. It goes on by itself."
    return _WORDS[BatchState(batch.state)](batch)


def _held(request: Request, stop: Stop | None) -> str:
    """What keeps all of a request back that is ready to be sent; empty where nothing does."""
    if request.rest_cancelled_at:
        return "The rest of the request is cancelled: this is not sent."
    if request.paused_at:
        return "The request is paused: nothing more of it is sent until an officer resumes it."
    if stop:
        return f"All sending is stopped, by {stop.by_whom}, since {time_of(stop.stopped_at)}."
    return ""


def _ready(batch: Batch) -> str:
    one_by_one = "Waits to be sent, one call for each target."
    bulk = "Waits to be sent; Pendo takes about one bulk call a second."
    kind = LaneKind.RESET if batch.kind in ONE_BY_ONE else LaneKind.BULK
    return f"{one_by_one if batch.kind in ONE_BY_ONE else bulk}{_next_try(batch, kind)}"


def _uncertain(batch: Batch) -> str:
    if batch.kind in ONE_BY_ONE:
        return "Nobody can say whether Pendo did it. A person has to look; nothing is sent again."
    asked = f"asked {batch.asks} time{'' if batch.asks == 1 else 's'} so far" if batch.asks else "being asked"
    words = (
        f"Whether Pendo has it isn't known: Pendo is {asked}, and nothing is sent again before it has said."
    )
    if batch.reading and not batch.reading.ended_at and batch.reading.pages:
        words += f" Its list of who is marked is being read, page {batch.reading.pages}."
    if batch.sent_at:
        at = time_of(asked_until(batch))
        words += f" If that can't be told by {at}, the ledger says so, and it is sent once more,"
        words += " or given up if it is a single one that Pendo refuses."
    return words + _next_try(batch, LaneKind.READ)


def _accepted(batch: Batch) -> str:
    receipts = [link.receipt for link in batch.batch_receipts.all()]
    if not receipts:
        return f"Pendo has it, but its receipt isn't known: the targets are looked for.{_next_look(batch)}"
    overdue = max(receipt.first_at for receipt in receipts) + dt.timedelta(
        seconds=settings.TIMINGS.receipt_overdue
    )
    at = max(clock.now(), min(receipt.due_at for receipt in receipts))
    return (
        f"Pendo has it in its queue; its receipt is asked for again at {time_of(at)}. If it isn't completed "
        f"by {_day_of(overdue)}, a person is told."
    )


def _done(batch: Batch) -> str:
    if batch.scan:
        records = f"{batch.scan.records:,} records read so far"
        return f"Pendo reports it as done. Its targets are looked for among all visitors: {records}."
    still = f" Some were still there in {batch.rounds} look{'' if batch.rounds == 1 else 's'}." * bool(
        batch.rounds
    )
    return f"Pendo reports it as done. The targets are looked for.{still}{_next_look(batch)}"


def _next_look(batch: Batch) -> str:
    return f" Next look at {time_of(batch.due_at)}." if batch.due_at > clock.now() else ""


def _next_try(batch: Batch, kind: LaneKind) -> str:
    # Fetched once for all batches of a page.
    lane = next(lane for lane in batch.subscription.lanes.all() if lane.kind == kind)
    words = ""
    if lane.failures and lane.next_at > clock.now():
        words += " Pendo took nothing at the last try."
    at = max(batch.due_at, lane.next_at)
    return f"{words} Next try at {time_of(at)}." if at > clock.now() else words


def time_of(moment: dt.datetime) -> str:
    """A moment of today or near it, for people."""
    return date_format(localtime(moment), "j M, H:i:s")


def _day_of(moment: dt.datetime) -> str:
    return date_format(localtime(moment), "j M Y")


_WORDS: dict[BatchState, Callable[[Batch], str]] = {
    BatchState.READY: _ready,
    BatchState.SENDING: lambda _: "Is being sent.",
    BatchState.UNCERTAIN: _uncertain,
    BatchState.ACCEPTED: _accepted,
    BatchState.DONE: _done,
    BatchState.FAILED: lambda _: "Not done; what to do about it stands at the top of the request's page.",
    BatchState.CONFIRMED: lambda _: "",
    BatchState.ANSWERED: lambda _: "",
    BatchState.EMPTY: lambda _: "",
    BatchState.SPLIT: lambda _: "",
}
