"""`POST /api/v1/aggregation`: a pipeline from one source through a few operators (Pendo, Aggregations)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from compliance.sandbox import expressions
from compliance.sandbox.problems import Problem
from compliance.sandbox.records import JsonObject, Kind
from compliance.sandbox.sources import Bounds, id_field, source_rows
from compliance.sandbox.trail import About, Question

if TYPE_CHECKING:
    from compliance.sandbox.world import Subscription

Rows = Iterable[JsonObject]
Step = tuple[str, object]

#: Pages of these tell about ids.
TELLING: dict[str, tuple[About, Kind]] = {
    "visitors": ("records", "visitor"),
    "accounts": ("records", "account"),
    "doNotProcessVisitors": ("marked", "visitor"),
    "doNotProcessAccounts": ("marked", "account"),
}
ANONYMOUS = ("_PENDO_T", "PENDO_T")


def aggregate(*, subscription: Subscription, question: object) -> list[JsonObject]:
    """Return the rows that a pipeline makes. What isn't understood is a `Problem` 422."""
    steps = _steps(question)
    if not steps or steps[0][0] != "source":
        raise Problem(422, "a pipeline begins with a source")
    _, source = steps.pop(0)
    named = id_field(source)
    bounds = _bounds(steps, named)
    rows: Rows = source_rows(subscription=subscription, source=source, bounds=bounds)
    if bounds.in_order:
        steps.remove(_by(named, falling=bounds.falling))
    for name, argument in steps:
        if name == "segment":
            rows = _in_segment(subscription, rows, argument)
        else:
            rows = _operator(name)(rows, argument)
    return list(rows)


def told_by(*, question: object, rows: list[JsonObject]) -> Question | None:
    """Return which ids the rows of a pipeline tell about: those of a page of everybody, in order."""
    (_, source), *steps = _steps(question)
    named = id_field(source)
    bounds = _bounds(steps, named)
    told = TELLING.get(next(iter(source)) if isinstance(source, dict) else "")
    others = {name for name, _ in steps} - {"filter", "sort", "limit", "select"}
    if told is None or others or not bounds.in_order or bounds.falling:
        return None
    limit = dict(steps).get("limit")
    full = isinstance(limit, int) and len(rows) >= limit
    until = str(rows[-1].get(str(named))) if full and rows else None
    return Question(*told, after=bounds.after or "", until=until)


def _steps(question: object) -> list[Step]:
    request = question.get("request") if isinstance(question, dict) else None
    pipeline = request.get("pipeline") if isinstance(request, dict) else None
    if not isinstance(pipeline, list) or not all(
        isinstance(step, dict) and len(step) == 1 for step in pipeline
    ):
        raise Problem(422, "request.pipeline must be a list of steps with one operator each")
    return [next(iter(step.items())) for step in pipeline]


def _by(named: str | None, *, falling: bool = False) -> Step:
    return ("sort", [f"-{named}" if falling else named])


def _bounds(steps: list[Step], named: str | None) -> Bounds:
    """Return which stretch of the records, in the order of ids, holds all rows of this pipeline.

    The usual page ("sort by id, after the last one, so many") then costs as much as it returns.
    """
    falling = _by(named, falling=True) in steps and _by(named) not in steps
    by_id = _by(named, falling=falling)
    bounds = Bounds()
    for step in takewhile(partial(_may_change_places, by_id), steps):
        if step == by_id:
            bounds.in_order, bounds.falling = True, falling
        elif step[0] == "filter":
            _narrow(bounds, expressions.parse(step[1]), named)
    return bounds


def _may_change_places(by_id: Step, step: Step) -> bool:
    return step == by_id or step[0] in {"filter", "identified", "segment"}


def _narrow(bounds: Bounds, expression: expressions.Expression, named: str | None) -> None:
    if len(expression) != 1:
        return
    for condition in expression[0]:
        if condition.path == named and isinstance(condition.value, str):
            bounds.narrow(condition.operation, condition.value)


def _filter(rows: Rows, argument: object) -> Iterator[JsonObject]:
    expression = expressions.parse(argument)
    return (row for row in rows if expressions.holds(expression, row))


def _identified(rows: Rows, argument: object) -> Iterator[JsonObject]:
    if argument not in ("visitorId", "!visitorId"):
        raise Problem(422, "identified wants visitorId or !visitorId")
    wanted = argument == "visitorId"
    return (row for row in rows if wanted != str(row.get("visitorId")).startswith(ANONYMOUS))


def _in_segment(subscription: Subscription, rows: Rows, argument: object) -> Iterator[JsonObject]:
    """Yield the rows of visitors in a segment; one that mixes rules about accounts wants more than that."""
    identifier = argument.get("id") if isinstance(argument, dict) else None
    segment = subscription.segments.get(str(identifier))
    if segment is None or segment.by_accounts or not segment.alone:
        raise Problem(422, "this segment can't stand alone in a pipeline")
    members = segment.members(subscription)
    return (row for row in rows if row.get("visitorId") in members)


def _sort(rows: Rows, argument: object) -> list[JsonObject]:
    if not isinstance(argument, list) or not all(isinstance(path, str) for path in argument):
        raise Problem(422, "sort wants a list of fields")
    ordered = list(rows)
    for path in reversed(argument):
        ordered.sort(key=partial(_sort_key, path.removeprefix("-")), reverse=path.startswith("-"))
    return ordered


def _sort_key(path: str, row: JsonObject) -> tuple[int, float, str]:
    value = expressions.value_at(row, path)
    if isinstance(value, int | float):
        return (1, value, "")
    return (0, 0, "") if value is None else (2, 0, str(value))


def _select(rows: Rows, argument: object) -> Iterator[JsonObject]:
    if not isinstance(argument, dict) or not all(isinstance(path, str) for path in argument.values()):
        raise Problem(422, "select wants names with a field each")
    columns = [(name, path.split(".")) for name, path in argument.items()]
    return ({name: expressions.value_along(row, names) for name, names in columns} for row in rows)


def _limit(rows: Rows, argument: object) -> Iterator[JsonObject]:
    if not isinstance(argument, int) or argument < 0:
        raise Problem(422, "limit wants a number")
    return islice(rows, argument)


def _count(rows: Rows, _argument: object) -> list[JsonObject]:
    return [{"count": sum(1 for _ in rows)}]


OPERATORS: dict[str, Callable[[Rows, object], Rows]] = {
    "filter": _filter,
    "identified": _identified,
    "sort": _sort,
    "select": _select,
    "limit": _limit,
    "count": _count,
}


def _operator(name: str) -> Callable[[Rows, object], Rows]:
    if name not in OPERATORS:
        raise Problem(422, "unknown operator in the pipeline")
    return OPERATORS[name]
