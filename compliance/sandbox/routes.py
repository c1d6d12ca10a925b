"""Which function answers which path of Pendo's API, and in what order a call is checked."""

from __future__ import annotations

from dataclasses import dataclass
from json import loads
from typing import TYPE_CHECKING

from compliance.sandbox import list_reads as lists
from compliance.sandbox import reads, writes
from compliance.sandbox.answers import Answer, refusal
from compliance.sandbox.calls import KEY_HEADER, Call, decoded
from compliance.sandbox.faults import Fault, answer_under
from compliance.sandbox.problems import Problem, forbidden

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.sandbox.books import Entry
    from compliance.sandbox.records import Kind

#: Faults under which what was asked is answered after all.
ANSWERED = frozenset({"hang", "slow"})
UNKNOWN_ROUTE = "(no such route)"


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path with variable parts; `paced` ones keep an interval instead of the bucket's rate."""

    method: str
    template: str
    answer: Callable[[Call], Answer]
    writes: bool = False
    base64: bool = False
    paced: bool = False


ROUTES = (
    Route("GET", "/api/v1/token/verify", reads.verify),
    Route("GET", "/api/v1/visitor/{id}", reads.visitor, base64=True),
    Route("GET", "/api/v1/visitor/{id}/history", reads.history, base64=True),
    Route("GET", "/api/v1/account/{id}", reads.account, base64=True),
    Route("GET", "/api/v1/guide", reads.guides),
    Route("POST", "/api/v1/aggregation", reads.aggregation),
    Route("GET", "/api/v1/segment", lists.segments),
    Route("GET", "/api/v1/segment/{id}", lists.segment),
    Route("POST", "/api/v1/segment/{id}/visitors", lists.begin_export),
    Route("GET", "/api/v1/segment/{id}/visitors/{job}/status", lists.export_status),
    Route("GET", "/api/v1/segment/{id}/visitors/{job}/results/csv", lists.export_results),
    Route("GET", "/api/v1/report", lists.reports),
    Route("GET", "/api/v1/report/{id}/results.json", lists.report_results),
    Route("GET", "/api/v1/report/{id}/results.csv", lists.report_results_csv),
    Route("GET", "/api/v1/metadata/schema/visitor", reads.visitor_schema),
    Route("GET", "/api/v1/metadata/schema/account", reads.account_schema),
    Route("POST", "/api/v1/bulkdelete/visitor", writes.delete_visitors, writes=True, paced=True),
    Route("POST", "/api/v1/bulkdelete/account", writes.delete_accounts, writes=True, paced=True),
    Route("GET", "/api/v1/bulkdelete", writes.open_deletions),
    Route("GET", "/api/v1/bulkdelete/{id}", writes.one_deletion),
    Route(
        "PUT",
        "/api/v1/metadata/visitor/pendo/value/{id}/donotprocess",
        writes.mark_visitor,
        writes=True,
        base64=True,
    ),
    Route(
        "PUT",
        "/api/v1/metadata/account/pendo/value/{id}/donotprocess",
        writes.mark_account,
        writes=True,
        base64=True,
    ),
    Route("POST", "/api/v1/guide/all/visitor/{visitor}/reset", writes.reset_all_for_visitor, writes=True),
    Route("POST", "/api/v1/guide/{guide}/visitor/{visitor}/reset", writes.reset_for_visitor, writes=True),
    Route("POST", "/api/v1/guide/staged/reset", writes.reset_staged, writes=True),
    Route("POST", "/api/v1/guide/{guide}/reset", writes.reset_guide, writes=True),
)
"""The first that fits answers, so fixed words stand before the variable parts in whose place they are."""


def answer_call(call: Call, wait: Callable[[float], object]) -> tuple[Entry, Answer | None]:
    """Return the call's entry in the books and its answer; None means to close the connection without one."""
    key = call.headers.get(KEY_HEADER, "")
    call.subscription = call.world.by_key(key)
    name = call.subscription.name if call.subscription else None
    route = _route_of(call)
    fault = call.world.faults.take(method=call.method, path=call.path, subscription=name)
    ids = _named_ids(call) if route and route.paced else []
    entry = call.world.books.open(
        time=call.world.wall_clock(),
        monotonic=call.world.clock(),
        method=call.method,
        route=route.template if route else UNKNOWN_ROUTE,
        subscription=name,
        ids=len(ids),
        fault=fault.kind if fault else None,
    )
    if ids:
        _follow(call, route, entry, ids)
    answer = answer_under(fault, act=lambda: _act(call, route, key, fault), wait=wait)
    if call.question and call.subscription and (fault is None or fault.kind in ANSWERED):
        call.subscription.trail.ask(call.question)
    return entry, answer


def _follow(call: Call, route: Route | None, entry: Entry, ids: list[str]) -> None:
    """Note in the trail that these ids were posted for deletion, whatever comes of it."""
    if call.subscription and route:
        kind: Kind = "account" if route.template.endswith("account") else "visitor"
        marks = call.subscription.do_not_process[kind]
        call.subscription.trail.post(
            entry=entry, kind=kind, ids=ids, marked=[each for each in ids if each in marks]
        )


def _act(call: Call, route: Route | None, key: str, fault: Fault | None) -> Answer:
    try:
        return _checked_answer(call, route, key, fault)
    except Problem as problem:
        return refusal(problem)


def _checked_answer(call: Call, route: Route | None, key: str, fault: Fault | None) -> Answer:
    at = call.at
    if route is None:
        raise Problem(404, "no such path")
    if route.writes and not at.keys.get(key):
        raise forbidden()
    call.world.settle()
    _check_rate(call, route)
    if fault is not None and fault.kind == "foreign":
        call.subscription = call.world.other_than(at)
    call.params = _params(call, route)
    return route.answer(call)


def _check_rate(call: Call, route: Route) -> None:
    if route.paced:
        return
    with call.world.lock:
        fits = call.at.bucket.takes(now=call.world.clock(), rate=call.world.settings.rate_per_second)
    if not fits:
        raise Problem(429, "too many requests")


def _route_of(call: Call) -> Route | None:
    return next(
        (route for route in ROUTES if route.method == call.method and fits(route.template, call.path)), None
    )


def fits(template: str, path: str) -> bool:
    """Say whether a raw path has the form of a template; an encoded slash stays inside its part."""
    wanted, given = template.split("/"), path.split("/")
    if len(wanted) != len(given):
        return False
    return all(
        part == there or (part.startswith("{") and there) for part, there in zip(wanted, given, strict=True)
    )


def _params(call: Call, route: Route) -> dict[str, str]:
    parts = zip(route.template.split("/"), call.path.split("/"), strict=True)
    return {
        name.strip("{}"): decoded(part, headers=call.headers, base64_allowed=route.base64)
        for name, part in parts
        if name.startswith("{")
    }


def _named_ids(call: Call) -> list[str]:
    try:
        data = loads(call.body)
    except ValueError:
        return []
    lists = data.values() if isinstance(data, dict) else ()
    return [str(record_id) for each in lists if isinstance(each, list) for record_id in each]
