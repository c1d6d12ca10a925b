"""What the queue calls: one primary key in, nothing out, no decisions."""

from __future__ import annotations

from compliance.subscriptions.outages import note_outages

from .cancelling import cancel_rests
from .dispatch import enqueue_due_lanes, work_lane
from .flooding import carry_out_floods
from .giving_up import end_waitings
from .health import beat
from .passes import open_due_passes
from .planning import move_on
from .reach import tell_of_unreachable
from .silence import note_silence


def tick() -> None:
    """The heartbeat: proof that a worker works, and the moment to see what is due."""
    note_silence()
    beat()
    note_outages()
    carry_out_floods()
    move_on()
    cancel_rests()
    end_waitings()
    enqueue_due_lanes()


def run_lane(lane_id: int) -> None:
    """A slice of one lane's work is done."""
    work_lane(lane_id)


def look_after_reach() -> None:
    """Who waits for a subscription that stays out of reach is told."""
    tell_of_unreachable()


def watch() -> None:
    """A look for what was erased and is there again has begun wherever one is due."""
    open_due_passes()
