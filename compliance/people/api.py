"""Who a token is, over REST: what programs ask to see whether it works."""

from __future__ import annotations

import datetime as dt

from ninja import Router
from pydantic import BaseModel, Field

from .access import Act
from .bearer import Called, read
from .roles import Role
from .scopes import Scope

router = Router(tags=["The token"])


class MeOut(BaseModel):
    """The token that makes this call, and who is behind it."""

    name: str = Field(description="Of its owner: a colleague, or a service.")
    service: bool = Field(description="Whether the owner is a program.")
    roles: list[Role] = Field(description="Held now: a token never can more than its owner's roles.")
    token: str = Field(description="The token's own name.")
    scopes: list[Scope]
    expires_at: dt.datetime


@router.get("", summary="See whose token this is", response=MeOut, **read(None, Act.BE_HERE))
def me(request: Called) -> MeOut:
    """Who the token's owner is, what it may be used for, and until when."""
    token, person = request.auth, request.auth.person
    return MeOut(
        name=person.name,
        service=person.is_service,
        roles=[role for role in Role if role in person.roles],
        token=token.name,
        scopes=[scope for scope in Scope if scope in token.scopes],
        expires_at=token.expires_at,
    )
