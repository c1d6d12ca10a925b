"""The page that shows what the sandbox holds and what it was asked, with switches for its faults.

The world is invented, so ids may be shown here.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from django.template import Context, Engine

from compliance.sandbox.answers import Answer
from compliance.sandbox.faults import MEANINGS
from compliance.sandbox.seed import sample_ids
from compliance.sandbox.settings import Settings, as_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.sandbox.books import Entry
    from compliance.sandbox.calls import Call
    from compliance.sandbox.deletions import DeletionRequest
    from compliance.sandbox.records import JsonObject
    from compliance.sandbox.world import Subscription, World

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
STYLESHEET = Path(__file__).with_name("page.css")
CALLS_SHOWN = 100
DELETIONS_SHOWN = 20
SAMPLE = 40


@cache
def _engine() -> Engine:
    # An engine of its own: the page needs none of the project's settings.
    return Engine(dirs=[str(TEMPLATES)])


def show(call: Call) -> Answer:
    """Return the page; with `?still` it doesn't refresh itself."""
    call.world.settle()
    facts = _facts(call.world) | {"still": "still" in call.query, "host": call.headers.get("host", "")}
    html = _engine().get_template("sandbox/page.html").render(Context(facts, use_l10n=False, use_tz=False))
    return Answer(200, html.encode("utf-8", "replace"), "text/html; charset=utf-8")


def stylesheet(_call: Call) -> Answer:
    """Return the page's style sheet."""
    return Answer(200, STYLESHEET.read_bytes(), "text/css; charset=utf-8")


PAGES: dict[str, Callable[[Call], Answer]] = {"/": show, "/page.css": stylesheet}


def _facts(world: World) -> JsonObject:
    return {
        "subscriptions": [_subscription(each) for each in world.subscriptions.values()],
        "settings": _settings(world.settings),
        "faults": world.faults.on(),
        "fault_kinds": MEANINGS.items(),
        "calls": [_call(entry) for entry in world.books.last(CALLS_SHOWN)],
    }


def _subscription(subscription: Subscription) -> JsonObject:
    deletions = list(subscription.deletions.all.values())
    return {
        "name": subscription.name,
        "keys": list(subscription.keys.items()),
        "next_key": f"{uuid4()}.us",
        "visitors": len(subscription.visitors),
        "accounts": len(subscription.accounts),
        "guides": len(subscription.guides),
        "marked": sum(len(marks) for marks in subscription.do_not_process.values()),
        "resets": len(subscription.resets),
        "deletions": [_deletion(each) for each in reversed(deletions[-DELETIONS_SHOWN:])],
        "older_deletions": max(0, len(deletions) - DELETIONS_SHOWN),
        "sample": "\n".join(sample_ids(subscription, SAMPLE)),
    }


def _deletion(request: DeletionRequest) -> JsonObject:
    done = request.completed_ms
    return {
        "id": request.id,
        "kind": request.kind,
        "ids": len(request.ids),
        "status": request.status,
        "created": _time(request.created_ms / 1000),
        "completed": "" if done is None else _time(done / 1000),
    }


def _settings(settings: Settings) -> list[JsonObject]:
    values = as_values(settings)
    return [
        {"name": each.name, "value": values[each.name], "meaning": each.metadata["meaning"]}
        for each in fields(settings)
    ]


def _call(entry: Entry) -> JsonObject:
    return {"entry": entry, "time": _time(entry.time), "dropped": entry.status == 0}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%H:%M:%S")
