"""What a program is told of a run: the command line and the API say the same."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Self

from django.urls import reverse

from compliance.people.links import public_address

from .choices import Result
from .queries import (
    outcomes_of,
    phase_of,
    reason_of,
    unmatched_lines,
    waits_for_approval,
    what_holds_up,
    what_it_waits_for,
    worker_is_alive,
)

if TYPE_CHECKING:
    from .models import Run


class Exit(enum.IntEnum):
    """How `manage.py cleanup run` ends: a pipeline decides by it."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        """Keep the meaning beside the code."""
        each = int.__new__(cls, code)
        each._value_ = code
        each.meaning = meaning
        return each

    DONE = 0, "done: accepted by Pendo, or confirmed with --wait confirmed; of a dry run, shown"
    BAD_INPUT = 2, "bad input: no such rule, a line or a guide outside of it"
    NOTHING = 3, "nothing matched: nothing was to be done"
    STOPPED = 4, "the guard stopped it: nothing was sent"
    UNAPPROVED = 5, "approval missing or expired: it waits for a person"
    UNAVAILABLE = (
        6,
        "nothing can be sent now: paused, no usable key, Pendo not answering, or all sending stopped",
    )
    PENDING = 7, "still pending at the timeout: it goes on by itself"
    OTHERWISE = 8, "ended otherwise: a person cancelled it, or some of it failed"


def exit_of(run: Run, *, until_confirmed: bool) -> Exit | None:
    """How a wait for the run ends; None as long as it is worth waiting."""
    if run.ended_at:
        return _BY_RESULT[Result(run.result)]
    if run.sent_at and not until_confirmed:
        # Pendo has it all: what holds up the confirmation doesn't matter to whoever waits for no more.
        return Exit.DONE
    if waits_for_approval(run):
        return Exit.UNAPPROVED
    return Exit.UNAVAILABLE if what_holds_up(run) else None


def told_of(run: Run) -> dict[str, Any]:
    """All that is told of a run: counts, codes and lines, nobody's id."""
    return {
        "run": run.pk,
        "rule": run.rule.name,
        "version": run.version.number,
        "request": run.request.reference,
        "dry_run": run.dry_run,
        "trigger": run.trigger,
        "phase": phase_of(run),
        "result": run.result or None,
        "why": reason_of(run) or what_it_waits_for(run) or None,
        "accepted": run.sent_at is not None,
        "matched": run.matched,
        "new": run.fresh if run.compared_with_id else None,
        "gone": run.gone if run.compared_with_id else None,
        "young": run.young,
        "outcomes": outcomes_of(run),
        "not_matched_lines": unmatched_lines(run),
        "waits_for_approval": waits_for_approval(run),
        "worker_alive": worker_is_alive(),
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
        "url": public_address(reverse("cleanup_run", args=[run.pk])),
    }


_BY_RESULT = {
    Result.DONE: Exit.DONE,
    Result.SHOWN: Exit.DONE,
    Result.NOTHING: Exit.NOTHING,
    Result.STOPPED: Exit.STOPPED,
    Result.CANCELLED: Exit.OTHERWISE,
    Result.FAILED: Exit.OTHERWISE,
}
