"""How the API says no: problem documents (RFC 9457), each cause with a type of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """One cause for a no."""

    code: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """What callers tell causes apart by. Stable; the title and the detail are for people."""
        return f"urn:erasure-desk:problem:{self.code}"


class FieldProblem(BaseModel):
    """What is wrong with one part of a call."""

    pointer: str = Field(description="JSON pointer into the body, or the name of a parameter.")
    detail: str


class ProblemDocument(BaseModel):
    """Why a call isn't served: a problem document as in RFC 9457."""

    type: str = Field(description="What tells causes apart; stable.")
    title: str
    status: int
    detail: str = Field(description="For people: what happened, what to do. Never what was sent.")
    errors: list[FieldProblem] = Field(
        default_factory=list, description="Each wrong field, where fields are what is wrong."
    )


class CallRefused(Exception):
    """A call isn't served. `detail` says why and what to do, and repeats nothing of what was sent."""

    def __init__(
        self,
        problem: Problem,
        detail: str,
        errors: Sequence[FieldProblem] = (),
        *,
        retry_after: int | None = None,
    ) -> None:
        """`errors` name wrong fields, where those are what is wrong; `retry_after` says when, in seconds."""
        super().__init__(problem.code)
        self.problem, self.detail, self.errors, self.retry_after = problem, detail, errors, retry_after


# -- Causes that have nothing to do with what a call is about ----------------------------------------------

MALFORMED = Problem("malformed", 400, "The body is not JSON")
KEY_MISSING = Problem("idempotency-key-missing", 400, "A POST needs an Idempotency-Key")
KEY_INVALID = Problem("idempotency-key-invalid", 400, "The Idempotency-Key can't be used")
NOT_AUTHENTICATED = Problem("not-authenticated", 401, "A token is needed")
TOKEN_WAITS = Problem("token-not-allowed-yet", 401, "The token waits for an administrator")
TOKEN_EXPIRED = Problem("token-expired", 401, "The token has expired")
TOKEN_REVOKED = Problem("token-revoked", 401, "The token is revoked")
SCOPE_MISSING = Problem("scope-missing", 403, "The token lacks a scope")
ROLE_MISSING = Problem("role-missing", 403, "The token's owner lacks a role")
NOT_FOR_SERVICES = Problem("not-for-services", 403, "A service can't do this")
NOT_FOUND = Problem("not-found", 404, "There is nothing here")
METHOD_NOT_ALLOWED = Problem("method-not-allowed", 405, "This address doesn't take this method")
TOO_LARGE = Problem("too-large", 413, "The body is too large")
NOT_JSON = Problem("not-json", 415, "The body must be application/json")
INVALID = Problem("invalid", 422, "Some fields are wrong")
REFUSED = Problem("refused", 422, "What was asked isn't done")
TOO_MANY_CALLS = Problem("too-many-calls", 429, "Too many calls in a minute")
KEY_REUSED = Problem("idempotency-key-reused", 422, "The Idempotency-Key stands for another call")
OUR_FAULT = Problem("our-fault", 500, "Something went wrong here")
BUSY = Problem("busy", 503, "The database is busy")


#: With one of these, `Retry-After` says in how many seconds the same call may be sent again.
SAID_WHEN = frozenset({429, 503})
_RETRY_AFTER = {
    "Retry-After": {
        "description": "In how many seconds the same call may be sent again.",
        "schema": {"type": "integer", "minimum": 1},
    }
}


def problem_answer(problem: Problem, detail: str, errors: Sequence[FieldProblem] = ()) -> JsonResponse:
    """The problem as an answer."""
    body = ProblemDocument(
        type=problem.type, title=problem.title, status=problem.status, detail=detail, errors=list(errors)
    )
    return JsonResponse(body.model_dump(), status=problem.status, content_type=MEDIA_TYPE)


def documented(problems: Iterable[Problem]) -> dict[int, dict[str, Any]]:
    """The problems as the answers of an OpenAPI document, by status."""
    by_status: dict[int, list[Problem]] = {}
    for problem in sorted(problems, key=lambda problem: (problem.status, problem.code)):
        by_status.setdefault(problem.status, []).append(problem)
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {
        status: {
            "description": "\n".join(f"{problem.title}: `{problem.type}`." for problem in causes),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        | ({"headers": _RETRY_AFTER} if status in SAID_WHEN else {})
        for status, causes in by_status.items()
    }
