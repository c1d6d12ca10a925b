"""The filter expressions of an aggregation, in the forms that a client of visitor data uses.

    metadata.agent.email == "ana@example.org" && visitorId > "m"
    contains(metadata.auto.accountids, "acct-7") || startsWith(visitorId, "qa-")

Strings are in double quotes with JSON's escapes: Pendo documents no escaping, so this is the strict reading.
"""

from __future__ import annotations

import json
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from compliance.sandbox.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.sandbox.records import JsonObject

TOKEN = re.compile(
    r"""\s*(?: (?P<string>"(?:[^"\\]|\\.)*") | (?P<number>-?\d+(?:\.\d+)?) | (?P<word>[A-Za-z_][\w.]*)
      | (?P<mark>==|!=|>=|<=|&&|\|\||[<>(),]) )""",
    re.VERBOSE,
)
CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison or function: the field it looks at, what is done, and with which value."""

    path: str
    operation: str
    value: object

    def holds(self, row: JsonObject) -> bool:
        """Say whether it holds for a row; what can't be compared doesn't hold."""
        return OPERATIONS[self.operation](value_at(row, self.path), self.value)


Expression = list[list[Condition]]
"""Alternatives, each of conditions that must all hold."""


def holds(expression: Expression, row: JsonObject) -> bool:
    """Say whether an expression holds for a row."""
    return any(all(condition.holds(row) for condition in alternative) for alternative in expression)


def value_at(row: JsonObject, path: str) -> object:
    """Return the value at a dotted path, None where there is none."""
    return value_along(row, path.split("."))


def value_along(row: JsonObject, names: list[str]) -> object:
    """Return the value at a path taken apart already, None where there is none."""
    found: object = row
    for name in names:
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def parse(text: object) -> Expression:
    """Return the expression that a text states; anything else is a `Problem` 422."""
    if not isinstance(text, str):
        raise _not_understood("a filter is a text")
    return _Parser(_tokens(text)).expression()


def _comparison(compare: Callable[[str, str], bool]) -> Callable[[object, object], bool]:
    def compared(found: object, wanted: object) -> bool:
        texts = isinstance(found, str) and isinstance(wanted, str)
        numbers = isinstance(found, int | float) and isinstance(wanted, int | float)
        return (texts or numbers) and compare(found, wanted)  # type: ignore[arg-type]

    return compared


def _contains(found: object, wanted: object) -> bool:
    if isinstance(found, list):
        return wanted in found
    return isinstance(found, str) and isinstance(wanted, str) and wanted in found


def _starts_with(found: object, wanted: object) -> bool:
    return isinstance(found, str) and isinstance(wanted, str) and found.startswith(wanted)


OPERATIONS: dict[str, Callable[[object, object], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": _comparison(operator.gt),
    ">=": _comparison(operator.ge),
    "<": _comparison(operator.lt),
    "<=": _comparison(operator.le),
    "contains": _contains,
    "startsWith": _starts_with,
}
FUNCTIONS = frozenset({"contains", "startsWith"})


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens = []
    place, end = 0, len(text.rstrip())
    while place < end:
        match = TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise _not_understood(f"character {place + 1} of the filter")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = [*tokens, ("end", "")]
        self._place = 0

    def expression(self) -> Expression:
        alternatives = [self._alternative()]
        while self._skips("||"):
            alternatives.append(self._alternative())
        if self._next()[0] != "end":
            raise _not_understood("the filter goes on after its end")
        return alternatives

    def _alternative(self) -> list[Condition]:
        conditions = [self._condition()]
        while self._skips("&&"):
            conditions.append(self._condition())
        return conditions

    def _condition(self) -> Condition:
        word = self._expected("word")
        if word in FUNCTIONS:
            return self._function(word)
        mark = self._expected("mark")
        if mark not in OPERATIONS:
            raise _not_understood(f"the operator {mark}")
        return Condition(word, mark, self._value())

    def _function(self, name: str) -> Condition:
        self._expected("mark", "(")
        path = self._expected("word")
        self._expected("mark", ",")
        value = self._value()
        self._expected("mark", ")")
        return Condition(path, name, value)

    def _value(self) -> object:
        kind, text = self._next()
        if kind == "word" and text in CONSTANTS:
            return CONSTANTS[text]
        if kind not in {"string", "number"}:
            raise _not_understood("a value is a string, a number, true, false or null")
        try:
            return json.loads(text)
        except ValueError:
            raise _not_understood("a string with an escape that JSON doesn't have") from None

    def _next(self) -> tuple[str, str]:
        token = self._tokens[self._place]
        self._place += 1
        return token

    def _skips(self, mark: str) -> bool:
        if self._tokens[self._place] != ("mark", mark):
            return False
        self._place += 1
        return True

    def _expected(self, kind: str, text: str | None = None) -> str:
        found_kind, found = self._next()
        if found_kind != kind or text not in {None, found}:
            raise _not_understood(f"a {text or kind} was expected")
        return found


def _not_understood(what: str) -> Problem:
    return Problem(422, f"filter not understood: {what}")
