"""Answers of the sandbox, before they become bytes on a connection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from compliance.sandbox.problems import Problem

JSON: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body; `drip_seconds` spreads the body over that time."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    location: str | None = None
    drip_seconds: float = 0.0


def json_answer(data: object, *, status: int = 200) -> Answer:
    """Return an answer with this data as JSON."""
    return Answer(status, json.dumps(data, separators=(",", ":")).encode("ascii"))


def refusal(problem: Problem) -> Answer:
    """Return the answer that a problem becomes: JSON like all of Pendo's errors, or an empty body."""
    if problem.empty:
        return Answer(problem.status)
    return json_answer({"code": problem.status, "message": problem.message}, status=problem.status)


def see_other(location: str) -> Answer:
    """Return the answer to a form: go and look at the page."""
    return Answer(303, location=location)
