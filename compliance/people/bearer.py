"""Who makes a call of the API: a token, with its scope, and the person behind it, with the roles of now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from compliance.core import problems
from compliance.core.problems import CallRefused

from .access import NEVER_BY_A_SERVICE, Act, can
from .idempotency import PARAMETER, refuse_bad_key
from .rate import count_call
from .tokens import note_use, token_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from compliance.core.problems import Problem

    from .models import Token
    from .scopes import Scope


#: Every call may end in one of these, ...
ALWAYS = (
    problems.NOT_AUTHENTICATED,
    problems.TOKEN_WAITS,
    problems.TOKEN_EXPIRED,
    problems.TOKEN_REVOKED,
    problems.SCOPE_MISSING,
    problems.ROLE_MISSING,
    problems.INVALID,
    problems.TOO_MANY_CALLS,
    problems.OUR_FAULT,
    problems.BUSY,
)
#: ... and one that is sent a body in one of these, too; ...
OF_A_BODY = (problems.MALFORMED, problems.TOO_LARGE, problems.NOT_JSON, problems.REFUSED)
#: ... and one that takes an idempotency key in one of these.
OF_A_POST = (*OF_A_BODY, problems.KEY_MISSING, problems.KEY_INVALID, problems.KEY_REUSED)


class Called(HttpRequest):
    """A request that `Bearer` has let through."""

    auth: Token
    act: Act


class Bearer(HttpBearer):
    """Lets past whoever shows a working token with the scope, whose owner may do the act now."""

    openapi_description = (
        "An API token: made at “API tokens” in the menu under one's name, or by `manage.py add_token`. It "
        "never can more than its owner's roles."
    )

    def __init__(self, scope: Scope | None, act: Act, *, keyed: bool = True) -> None:
        """The scope and the act of one call: None opens to any. `keyed`: a POST takes an idempotency key."""
        super().__init__()
        self.scope, self.act, self.keyed = scope, act, keyed

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        """The token; None for one that there isn't. Raises `CallRefused` for one that doesn't open this."""
        found = token_for(token.strip())
        if found is None or not found.person.is_active:
            return None
        refuse_unusable(found)
        count_call(found)
        note_use(found)
        self._refuse_unfit(found)
        if request.method == "POST" and self.keyed:
            refuse_bad_key(request)
        request.act = self.act  # type: ignore[attr-defined] # as `may` does for pages
        return found

    def _refuse_unfit(self, token: Token) -> None:
        if self.scope and self.scope not in token.scopes:
            raise CallRefused(problems.SCOPE_MISSING, f"This call needs the scope {self.scope.value}.")
        if token.person.is_service and self.act in NEVER_BY_A_SERVICE:
            raise CallRefused(
                problems.NOT_FOR_SERVICES, "A person does this, with their own token or on screen."
            )
        if not can(token.person, self.act):
            raise CallRefused(
                problems.ROLE_MISSING, f"The token's owner may not {self.act.value}: ask an administrator."
            )


def refuse_unusable(token: Token) -> None:
    """Raises `CallRefused` for a token that doesn't work: whoever holds its secret may know why."""
    if token.revoked_at:
        raise CallRefused(problems.TOKEN_REVOKED, "This token is revoked. Make another one.")
    if token.is_expired:
        raise CallRefused(problems.TOKEN_EXPIRED, "This token has expired. Make another one.")
    if not token.allowed_at:
        raise CallRefused(
            problems.TOKEN_WAITS, "An administrator has to allow this token before it works: ask one."
        )


def read(scope: Scope | None, act: Act, *more: Problem) -> dict[str, Any]:
    """What the router is told of a GET: who may make it, and each way in which it says no."""
    return _told(scope, act, (*ALWAYS, *more))


def write(scope: Scope, act: Act, *more: Problem) -> dict[str, Any]:
    """What the router is told of a POST: as `read`, and that it takes an idempotency key."""
    of_services = (problems.NOT_FOR_SERVICES,) if act in NEVER_BY_A_SERVICE else ()
    told = _told(scope, act, (*ALWAYS, *OF_A_POST, *of_services, *more))
    told["openapi_extra"]["parameters"] = [PARAMETER]
    return told


def repeatable(scope: Scope, act: Act, *more: Problem) -> dict[str, Any]:
    """What the router is told of a POST or DELETE that does no harm when repeated: it takes no key."""
    return _told(scope, act, (*ALWAYS, *OF_A_BODY, *more), keyed=False)


def _told(scope: Scope | None, act: Act, ways: Iterable[Problem], *, keyed: bool = True) -> dict[str, Any]:
    extra = {"x-scope": scope.value if scope else None, "responses": problems.documented(ways)}
    return {"auth": Bearer(scope, act, keyed=keyed), "openapi_extra": extra}
