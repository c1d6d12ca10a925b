"""Bulk delete and Do Not Process, as Pendo's Engage API documents them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.sandbox.deletions import MAX_IDS, DeletionRequest
from compliance.sandbox.pace import too_soon
from compliance.sandbox.problems import Problem, not_found

if TYPE_CHECKING:
    from compliance.sandbox.records import Kind
    from compliance.sandbox.world import Subscription, World


def request_deletion(*, world: World, subscription: Subscription, kind: Kind, ids: object) -> DeletionRequest:
    """Afterwards the ids are queued for deletion and marked Do Not Process.

    A `Problem` is 429 when called faster than the interval allows, 400 when there are no ids, over 500, or
    any whose deletion is requested and not begun: then nothing of the batch is done.
    """
    with world.lock:
        _keep_pace(world, subscription)
        return take(world=world, subscription=subscription, kind=kind, ids=ids)


def take(*, world: World, subscription: Subscription, kind: Kind, ids: object) -> DeletionRequest:
    """As `request_deletion`, by somebody whose pace is of no concern."""
    with world.lock:
        asked = _checked(subscription, kind, ids)
        request = subscription.deletions.accept(
            kind=kind,
            ids=asked,
            now=world.clock(),
            now_ms=world.now_ms(),
            merge_window=world.settings.merge_window,
        )
        _mark(world, subscription, kind, asked)
        return request


def _keep_pace(world: World, subscription: Subscription) -> None:
    now = world.clock()
    if too_soon(last=subscription.bulk_called_at, now=now, interval=world.settings.min_interval):
        raise Problem(429, "too many requests")
    subscription.bulk_called_at = now


def _checked(subscription: Subscription, kind: Kind, ids: object) -> list[str]:
    if not isinstance(ids, list) or not ids or not all(isinstance(each, str) and each for each in ids):
        raise Problem(400, "no IDs in payload")
    if len(ids) > MAX_IDS:
        raise Problem(400, f"more than {MAX_IDS} IDs in payload")
    if not subscription.deletions.refused[kind].isdisjoint(ids):
        raise Problem(400, "BadRequest")
    if not subscription.deletions.waiting[kind].isdisjoint(ids):
        raise Problem(400, "BadRequest: deletion of one or more IDs is already requested")
    return list(dict.fromkeys(ids))


def _mark(world: World, subscription: Subscription, kind: Kind, ids: list[str]) -> None:
    shelf = subscription.shelf(kind)
    marked = ids if world.settings.marks_unknown else [each for each in ids if each in shelf]
    subscription.do_not_process[kind].add(marked)


def set_do_not_process(
    *, world: World, subscription: Subscription, kind: Kind, record_id: str, value: object
) -> None:
    """Afterwards the record is marked Do Not Process or no longer is; deleted ids stay known for it."""
    if not isinstance(value, bool):
        raise Problem(400, "the body must be true or false")
    with world.lock:
        marked = subscription.do_not_process[kind]
        if record_id not in marked and record_id not in subscription.shelf(kind):
            raise not_found()
        if value:
            marked.add([record_id])
        else:
            marked.remove(record_id)
