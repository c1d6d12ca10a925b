"""The one door for a request's state: a table of legal moves, and the function that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event

from .errors import IllegalMove, StateChanged
from .models import Request
from .states import ENDED, State

if TYPE_CHECKING:
    from collections.abc import Mapping


class Move(NamedTuple):
    """From one state to another: what the ledger calls it, and when it happens."""

    source: State
    target: State
    event: Event
    when: str


MOVES: tuple[Move, ...] = (
    Move(State.CHECKING, State.PREVIEWING, Event.REQUEST_OPENED, "a person confirms what was understood"),
    Move(State.UNCONFIRMED, State.PREVIEWING, Event.REQUEST_CONFIRMED, "a person confirms that it is meant"),
    Move(State.UNCONFIRMED, State.CANCELLED, Event.REQUEST_CANCELLED, "somebody cancels"),
    Move(State.PREVIEWING, State.PREVIEWED, Event.PREVIEW_READY, "all targets were looked up"),
    Move(State.PREVIEWING, State.NOTHING_FOUND, Event.NOTHING_FOUND, "none of them exists"),
    Move(State.PREVIEWING, State.CANCELLED, Event.REQUEST_CANCELLED, "somebody cancels"),
    Move(State.NOTHING_FOUND, State.CLOSED, Event.NOTHING_FOUND_CONFIRMED, "a person confirms"),
    Move(State.NOTHING_FOUND, State.PREVIEWING, Event.PREVIEW_STARTED, "somebody changes it or looks again"),
    Move(State.NOTHING_FOUND, State.CANCELLED, Event.REQUEST_CANCELLED, "somebody cancels"),
    Move(State.PREVIEWED, State.APPROVED, Event.REQUEST_APPROVED, "the last approval wanted is given"),
    Move(State.PREVIEWED, State.REJECTED, Event.REQUEST_REJECTED, "an officer sends it back"),
    Move(State.PREVIEWED, State.PREVIEWING, Event.PREVIEW_STARTED, "somebody changes it or looks again"),
    Move(
        State.PREVIEWED,
        State.CLOSED,
        Event.EVERYTHING_HELD,
        "a person confirms that all that is left is held",
    ),
    Move(State.PREVIEWED, State.CANCELLED, Event.REQUEST_CANCELLED, "somebody cancels"),
    Move(State.REJECTED, State.PREVIEWING, Event.PREVIEW_STARTED, "somebody changes it or looks again"),
    Move(State.REJECTED, State.CANCELLED, Event.REQUEST_CANCELLED, "somebody cancels"),
    Move(State.PREVIEWED, State.FORWARDED, Event.REQUEST_FORWARDED, "it is the customer's to decide"),
    Move(State.NOTHING_FOUND, State.FORWARDED, Event.REQUEST_FORWARDED, "it is the customer's to decide"),
    Move(State.FORWARDED, State.PREVIEWING, Event.PREVIEW_STARTED, "the customer's instruction is recorded"),
    Move(State.FORWARDED, State.CANCELLED, Event.REQUEST_CANCELLED, "somebody cancels"),
    Move(
        State.APPROVED, State.CANCELLED, Event.REQUEST_CANCELLED, "somebody cancels within the grace period"
    ),
    *(
        Move(source, State.REFUSED, Event.REQUEST_REFUSED, "a second person agrees to refuse it")
        for source in (
            State.UNCONFIRMED,
            State.PREVIEWING,
            State.NOTHING_FOUND,
            State.PREVIEWED,
            State.REJECTED,
            State.FORWARDED,
        )
    ),
    *(
        Move(source, State.WITHDRAWN, Event.REQUEST_WITHDRAWN, "the person takes it back")
        for source in (
            State.UNCONFIRMED,
            State.PREVIEWING,
            State.NOTHING_FOUND,
            State.PREVIEWED,
            State.REJECTED,
            State.FORWARDED,
            State.APPROVED,
        )
    ),
    Move(State.APPROVED, State.EXECUTING, Event.EXECUTION_STARTED, "the grace period is over"),
    Move(State.APPROVED, State.PREVIEWING, Event.PREVIEW_STARTED, "the approved set no longer stands"),
    Move(State.EXECUTING, State.CONFIRMING, Event.CONFIRMATION_STARTED, "Pendo has accepted everything"),
    Move(State.CONFIRMING, State.CLOSED, Event.REQUEST_CLOSED, "every target has a final outcome"),
)
_TABLE = {(step.source, step.target): step for step in MOVES}


def move(
    request: Request,
    to: State,
    *,
    actor: str,
    changes: Mapping[str, Any] | None = None,
    **facts: ledger.type_of_fact,
) -> None:
    """The request is in state `to`, its other `changes` are made, and the ledger says so: all or nothing.

    Raises `IllegalMove` for a move that isn't in the table, `StateChanged` if another was faster.
    """
    step = _TABLE.get((State(request.state), to))
    if step is None:
        raise IllegalMove(f"{request.state} -> {to}")
    with transaction.atomic():
        rows = Request.objects.filter(pk=request.pk, state=step.source)
        if not rows.update(state=to, **(changes or {})):
            raise StateChanged("Somebody was faster: this request has moved on. Reload the page.")
        ledger.record(step.event, chain=request.chain, actor=actor, **facts)
    request.refresh_from_db()


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = [
        "stateDiagram-v2",
        f"    [*] --> {State.PREVIEWING}: opened",
        f"    [*] --> {State.CHECKING}: a file is uploaded",
        f"    [*] --> {State.UNCONFIRMED}: a program opens too many at once",
    ]
    lines += [f"    {step.source} --> {step.target}: {step.when}" for step in MOVES]
    lines += [f"    {state} --> [*]" for state in State if state in ENDED]
    return "\n".join(lines)
