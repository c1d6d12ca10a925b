"""Guide resets: they make visitors eligible again, and erase nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.sandbox.problems import Problem, not_found
from compliance.sandbox.world import Reset, Subscription, World

if TYPE_CHECKING:
    from compliance.sandbox.records import Guide


def reset_guide_for_visitor(
    *, world: World, subscription: Subscription, guide_id: str, visitor_id: str
) -> None:
    """Afterwards the guide, in whatever state, is recorded as reset for the visitor; 404 when there is none.

    Pendo's answer for an unknown visitor isn't documented; here it is accepted.
    """
    _guide(subscription, guide_id)
    _record(world, subscription, guide=guide_id, visitor=visitor_id)


def reset_all_guides_for_visitor(*, world: World, subscription: Subscription, visitor_id: str) -> None:
    """Afterwards all guides are recorded as reset for the visitor."""
    _record(world, subscription, guide=None, visitor=visitor_id)


def reset_staged_guide(*, world: World, subscription: Subscription, guide_id: str) -> None:
    """Afterwards the guide's data is wiped for everybody; 400 unless it is staged, 404 when there is none."""
    if _guide(subscription, guide_id).state != "staged":
        raise Problem(400, "the guide is not staged")
    _record(world, subscription, guide=guide_id, visitor=None)


def reset_all_staged_guides(*, world: World, subscription: Subscription) -> None:
    """Afterwards the data of all staged guides is wiped for everybody."""
    for guide in subscription.guides.values():
        if guide.state == "staged":
            _record(world, subscription, guide=guide.id, visitor=None)


def _guide(subscription: Subscription, guide_id: str) -> Guide:
    guide = subscription.guides.get(guide_id)
    if guide is None:
        raise not_found()
    return guide


def _record(world: World, subscription: Subscription, *, guide: str | None, visitor: str | None) -> None:
    with world.lock:
        subscription.resets.append(Reset(guide, visitor, world.now_ms()))
