"""What the queue calls: one primary key in, nothing out, no decisions."""

from __future__ import annotations

from .dispatch import enqueue_due_lanes, work_lane
from .health import beat
from .passes import open_due_passes
from .planning import move_on


def tick() -> None:
    """The heartbeat: proof that a worker works, and the moment to see what is due."""
    beat()
    move_on()
    enqueue_due_lanes()


def run_lane(lane_id: int) -> None:
    """A slice of one lane's work is done."""
    work_lane(lane_id)


def watch() -> None:
    """A look for what was erased and is there again has begun wherever one is due."""
    open_due_passes()
