"""The sandbox's own handles under `/_sandbox/`: for trials, tests and its page's forms. Loopback only."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from compliance.sandbox import settings as knobs
from compliance.sandbox.answers import Answer, json_answer, refusal, see_other
from compliance.sandbox.books import entry_object
from compliance.sandbox.bulk_delete import take
from compliance.sandbox.deletions import receipt
from compliance.sandbox.faults import fault_object
from compliance.sandbox.lists import Report, Segment
from compliance.sandbox.problems import Problem
from compliance.sandbox.records import Account, JsonObject, Visitor
from compliance.sandbox.seed import fill
from compliance.sandbox.settings import as_values
from compliance.sandbox.trail import repetition_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.sandbox.calls import Call
    from compliance.sandbox.world import Subscription

PREFIX = "/_sandbox/"


def answer_control(call: Call) -> Answer:
    """Return the answer to a call of the control API; a form is sent back to the page."""
    function = CONTROLS.get((call.method, call.path.removeprefix(PREFIX)))
    if function is None:
        return refusal(Problem(404, "no such handle of the sandbox"))
    try:
        answer = json_answer(function(call))
    except Problem as problem:
        return refusal(problem)
    return see_other("/?still") if call.is_form else answer


def state(call: Call) -> JsonObject:
    """Return counts, settings and faults."""
    call.world.settle()
    return {
        "subscriptions": {name: _counts(each) for name, each in call.world.subscriptions.items()},
        "settings": as_values(call.world.settings),
        "faults": [fault_object(fault) for fault in call.world.faults.on()],
    }


def _counts(subscription: Subscription) -> JsonObject:
    return {
        "visitors": len(subscription.visitors),
        "accounts": len(subscription.accounts),
        "guides": len(subscription.guides),
        "do_not_process": {kind: len(marks) for kind, marks in subscription.do_not_process.items()},
        "open_deletions": len(subscription.deletions.open()),
        "deletions": len(subscription.deletions.all),
        "resets": len(subscription.resets),
    }


def change_settings(call: Call) -> JsonObject:
    """Change the settings that are named, and return all."""
    with call.world.lock:
        call.world.settings = knobs.changed(call.world.settings, call.arguments())
    return as_values(call.world.settings)


def switch_on(call: Call) -> JsonObject:
    """Switch on a fault: {"kind", "times"?, "method"?, "prefix"?, "subscription"?, "seconds"?, "acts"?}."""
    given = {name: value for name, value in call.arguments().items() if value not in (None, "")}
    fault = call.world.faults.switch_on(
        kind=str(given.pop("kind", "")),
        times=int(_number(given.pop("times", 0))) or None,
        method=_text(given.pop("method", None)),
        prefix=str(given.pop("prefix", "/api/")),
        subscription=_text(given.pop("subscription", None)),
        seconds=_number(given.pop("seconds", 30)),
        acts=_is_true(given.pop("acts", False)),
    )
    return fault_object(fault)


def switch_off(call: Call) -> JsonObject:
    """Switch off the fault {"number"}, or all."""
    number = call.arguments().get("number")
    call.world.faults.switch_off(None if number is None else int(_number(number)))
    return {"faults": [fault_object(fault) for fault in call.world.faults.on()]}


def seed(call: Call) -> JsonObject:
    """Fill {"subscription", "visitors", "accounts", "guides", "seed"} anew; its keys stay."""
    given = call.arguments()
    subscription = _subscription(call, given.get("subscription"))
    fill(
        world=call.world,
        subscription=subscription,
        visitors=int(_number(given.get("visitors", 3000))),
        accounts=int(_number(given.get("accounts", 60))),
        guides=int(_number(given.get("guides", 25))),
        seed=int(_number(given.get("seed", 1))),
    )
    return _counts(subscription)


def add_visitors(call: Call) -> JsonObject:
    """Add {"subscription", "visitors"}, a list of ids or of objects with the fields of a `Visitor`.

    One whose `last_visit` is 0 has never visited: an integration has sent its metadata just now.
    """
    given = call.arguments()
    subscription = _subscription(call, given.get("subscription"))
    rows = given.get("visitors")
    if not isinstance(rows, list):
        raise Problem(400, "visitors wants a list")
    visitors = [_visitor(row, call.world.now_ms()) for row in rows]
    with call.world.lock:
        subscription.add_visitors(*visitors)
    return _counts(subscription)


def add_accounts(call: Call) -> JsonObject:
    """Add {"subscription", "accounts"}, a list of ids; they were first visited just now."""
    given = call.arguments()
    subscription = _subscription(call, given.get("subscription"))
    ids = given.get("accounts")
    if not isinstance(ids, list) or not all(isinstance(each, str) and each for each in ids):
        raise Problem(400, "accounts wants a list of ids")
    now = call.world.now_ms()
    with call.world.lock:
        subscription.accounts.add({each: Account(each, each, now, now) for each in ids})
    return _counts(subscription)


def _visitor(row: object, now_ms: int) -> Visitor:
    given = {"id": row} if isinstance(row, str) else row
    if not isinstance(given, dict) or not isinstance(given.get("id"), str) or not given["id"]:
        raise Problem(400, "a visitor is an id, or an object with one")
    last_visit = int(_number(given.get("last_visit", now_ms)))
    updated = given.get("updated", 0 if last_visit else now_ms)
    return Visitor(
        id=given["id"],
        email=_text(given.get("email")),
        first_visit=int(_number(given.get("first_visit", last_visit))),
        last_visit=last_visit,
        accounts=tuple(str(each) for each in given.get("accounts", ())),
        excluded=given.get("excluded") is True,
        updated=int(_number(updated)),
        custom=_custom(given.get("custom", {})),
    )


def _custom(fields: object) -> tuple[tuple[str, object], ...]:
    if not isinstance(fields, dict):
        raise Problem(400, "custom wants an object of metadata fields")
    return tuple((str(name), value) for name, value in fields.items())


def add_segment(call: Call) -> JsonObject:
    """Add the segment {"subscription", "id", "name"?, "shared"?, "by_accounts"?} with a rule.

    Visitors whose ids begin with "prefix", or who have the "value" in the "field" of their metadata `custom`.
    """
    given = call.arguments()
    subscription, rule = _subscription(call, given.get("subscription")), _rule(given)
    made = Segment(
        _required(given, "id"),
        str(given.get("name", "")),
        rule,
        shared=_is_true(given.get("shared", True)),
        by_accounts=_is_true(given.get("by_accounts")),
    )
    with call.world.lock:
        subscription.segments[made.id] = made
    return {"segments": len(subscription.segments)}


def add_report(call: Call) -> JsonObject:
    """Add the report {"subscription", "id", "name"?, "kind"?, "sort"?, "public"?, "column"?}.

    It has a rule as a segment has.
    """
    given = call.arguments()
    subscription, rule = _subscription(call, given.get("subscription")), _rule(given)
    made = Report(
        _required(given, "id"),
        str(given.get("name", "")),
        "account" if given.get("kind") == "account" else "visitor",
        rule,
        sort=str(given.get("sort", "List")),
        public=_is_true(given.get("public", True)),
        column=str(given.get("column", "")),
    )
    with call.world.lock:
        subscription.reports[made.id] = made
    return {"reports": len(subscription.reports)}


def _rule(given: dict[str, object]) -> Callable[[Visitor | Account], bool]:
    prefix, field, value = (str(given.get(name, "")) for name in ("prefix", "field", "value"))
    if field:
        return lambda record: (field, value) in getattr(record, "custom", ())
    return lambda record: record.id.startswith(prefix)


def _required(given: dict[str, object], name: str) -> str:
    text = _text(given.get(name))
    if text is None:
        raise Problem(400, f"{name} is missing")
    return text


def set_key(call: Call) -> JsonObject:
    """Let the key in {"subscription", "key", "writes"?} open it, or with "revoked": true no longer."""
    given = call.arguments()
    subscription = _subscription(call, given.get("subscription"))
    key = _text(given.get("key"))
    if key is None:
        raise Problem(400, "key is missing")
    with call.world.lock:
        if _is_true(given.get("revoked")):
            subscription.keys.pop(key, None)
        else:
            subscription.keys[key] = _is_true(given.get("writes"))
    return {"keys": len(subscription.keys)}


def complete(call: Call) -> JsonObject:
    """Complete all deletion requests now."""
    call.world.complete_all()
    return state(call)


def books(call: Call) -> JsonObject:
    """Return the calls after number `since`."""
    return {"calls": [entry_object(entry) for entry in call.world.books.since(call.query_number("since", 0))]}


def visitors(call: Call) -> JsonObject:
    """Return the ids that are still there."""
    call.world.settle()
    return {"visitors": _asked_subscription(call).visitors.ids()}


def deletions(call: Call) -> JsonObject:
    """Return all deletion requests of a subscription with their ids, oldest first."""
    call.world.settle()
    subscription = _asked_subscription(call)
    with call.world.lock:
        requests = list(subscription.deletions.all.values())
    return {"deletions": [receipt(each, names_ids=True) | {"kind": each.kind} for each in requests]}


def queue(call: Call) -> JsonObject:
    """Have somebody else request the deletion of {"subscription", "visitors"}, a list of ids."""
    given = call.arguments()
    subscription = _subscription(call, given.get("subscription"))
    request = take(world=call.world, subscription=subscription, kind="visitor", ids=given.get("visitors"))
    return {"id": request.id}


def refuse(call: Call) -> JsonObject:
    """Refuse every bulk delete with one of {"subscription", "visitors"}, a list of ids, and don't say why."""
    given = call.arguments()
    subscription = _subscription(call, given.get("subscription"))
    ids = given.get("visitors")
    if not isinstance(ids, list) or not all(isinstance(each, str) and each for each in ids):
        raise Problem(400, "visitors wants a list of ids")
    with call.world.lock:
        subscription.deletions.refused["visitor"].update(ids)
    return {"refused": len(subscription.deletions.refused["visitor"])}


def repetitions(call: Call) -> JsonObject:
    """Return which calls posted ids that an earlier one may have deleted, and whether it was asked about."""
    found = _asked_subscription(call).trail.repetitions()
    return {"repetitions": [repetition_object(each) for each in found]}


def resets(call: Call) -> JsonObject:
    """Return all guide resets of a subscription, oldest first."""
    return {"resets": [asdict(each) for each in list(_asked_subscription(call).resets)]}


def _asked_subscription(call: Call) -> Subscription:
    return _subscription(call, call.query.get("subscription", ["demo"])[-1])


def _subscription(call: Call, name: object) -> Subscription:
    subscription = call.world.subscriptions.get(str(name))
    if subscription is None:
        raise Problem(404, f"no such subscription; there are {', '.join(call.world.subscriptions)}")
    return subscription


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        raise Problem(400, "a number is expected") from None


def _is_true(value: object) -> bool:
    return str(value).lower() in knobs.TRUE_WORDS


def _text(value: object) -> str | None:
    return str(value) if value else None


CONTROLS: dict[tuple[str, str], Callable[[Call], JsonObject]] = {
    ("GET", "state"): state,
    ("POST", "settings"): change_settings,
    ("POST", "faults"): switch_on,
    ("DELETE", "faults"): switch_off,
    ("POST", "faults/off"): switch_off,
    ("POST", "seed"): seed,
    ("POST", "visitors"): add_visitors,
    ("POST", "accounts"): add_accounts,
    ("POST", "segments"): add_segment,
    ("POST", "reports"): add_report,
    ("GET", "visitors"): visitors,
    ("GET", "deletions"): deletions,
    ("GET", "resets"): resets,
    ("GET", "repetitions"): repetitions,
    ("POST", "queue"): queue,
    ("POST", "refuse"): refuse,
    ("POST", "keys"): set_key,
    ("POST", "complete"): complete,
    ("GET", "books"): books,
}
