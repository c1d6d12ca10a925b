"""API tokens: made by their owner, allowed by an administrator, revoked by either."""

from __future__ import annotations

import binascii
import datetime as dt
import hashlib
import re
import secrets
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from compliance.audit import ledger
from compliance.audit.events import Event
from compliance.core import clock
from compliance.core.errors import Refused

from .access import Act, can
from .models import Person, Token
from .scopes import NEVER_FOR_A_SERVICE, Scope

if TYPE_CHECKING:
    from collections.abc import Collection

#: Whoever finds one in a file knows what it is; scanners for leaked secrets find it.
PREFIX = "edt_"
SECRET_BYTES = 32
FORM = re.compile(rf"{PREFIX}[0-9a-f]{{{2 * SECRET_BYTES}}}[0-9a-f]{{8}}")
DEFAULT_DAYS, MOST_DAYS = 90, 366
MOST_NAME_CHARACTERS = Token._meta.get_field("name").max_length or 0
MOST_STANDING = 20


class NewToken(NamedTuple):
    """A token with its secret, which nobody can read again."""

    token: Token
    secret: str


@transaction.atomic
def make_token(
    *, person: Person, name: str, scopes: Collection[Scope], days: int = DEFAULT_DAYS, by: Person | None
) -> NewToken:
    """The person has a token that works once an administrator has allowed it.

    `by` is None for the command line, which belongs to whoever owns the machine: then it works at once.
    Raises `Refused` for a name in use, a scope that the person can't hold, too many days, and for another
    maker than its owner.
    """
    name = " ".join(name.split())
    _refuse_another(person, by)
    _refuse_bad_scopes(person, scopes)
    _refuse_bad_days(days)
    _refuse_bad_name(person, name)
    now, secret = clock.now(), new_secret()
    token = Token.objects.create(
        person=person,
        name=name,
        scopes=[scope.value for scope in Scope if scope in scopes],
        digest=digest_of(secret),
        expires_at=now + dt.timedelta(days=days),
        allowed_at=None if by else now,
    )
    ledger.record(
        Event.TOKEN_MADE,
        chain=person.reference,
        actor=_name(by),
        person=person.reference,
        token=token.reference,
        scopes=", ".join(token.scopes),
        expires_at=ledger.as_fact(token.expires_at.replace(microsecond=0)),
        standing="waits for an administrator" if by else "works at once",
    )
    return NewToken(token, secret)


@transaction.atomic
def allow_token(*, token: Token, by: Person) -> None:
    """The token works from now on. Raises `Refused` for its owner, and if it isn't waiting any more."""
    token = _locked(token)
    if not can(by, Act.MANAGE_TOKENS) or by == token.person:
        raise Refused("Another person allows a token than its owner: ask a second administrator.")
    if token.allowed_at or not token.is_standing:
        raise Refused("This token isn't waiting to be allowed any more. Reload the page.")
    token.allowed_by, token.allowed_at = by, clock.now()
    token.save(update_fields=["allowed_by", "allowed_at"])
    _record(Event.TOKEN_ALLOWED, token, by)


@transaction.atomic
def revoke_token(*, token: Token, by: Person) -> None:
    """The token works no more, for good. Raises `Refused` for whoever neither owns nor manages it."""
    token = _locked(token)
    if by != token.person and not can(by, Act.MANAGE_TOKENS):
        raise Refused("This is somebody else's token: its owner or an administrator revokes it.")
    if token.revoked_at:
        raise Refused("This token is revoked already.")
    _revoke(token, by)


def revoke_all_tokens(*, person: Person, by: Person) -> None:
    """No token of the person works any more: with the person, all of them leave. Inside a transaction."""
    for token in Token.objects.select_for_update().filter(person=person, revoked_at=None).order_by("pk"):
        _revoke(token, by)


def token_for(secret: str) -> Token | None:
    """The token with this secret, whatever it is worth now."""
    if not FORM.fullmatch(secret) or not secret.endswith(_checksum(secret[:-8])):
        return None
    return Token.objects.select_related("person").filter(digest=digest_of(secret)).first()


def note_use(token: Token) -> None:
    """The token was used today. One write a day."""
    if token.last_used_on != clock.today():
        token.last_used_on = clock.today()
        token.save(update_fields=["last_used_on"])


def new_secret() -> str:
    """A secret that nobody guesses, with a checksum by which a mistyped one is told without a look-up."""
    body = f"{PREFIX}{secrets.token_hex(SECRET_BYTES)}"
    return body + _checksum(body)


def digest_of(secret: str) -> bytes:
    """What is kept of a secret. Of 256 random bits a plain digest is enough: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


def _checksum(body: str) -> str:
    return f"{binascii.crc32(body.encode()):08x}"


def _locked(token: Token) -> Token:
    return Token.objects.select_for_update(of=("self",)).select_related("person").get(pk=token.pk)


def _revoke(token: Token, by: Person) -> None:
    token.revoked_by, token.revoked_at = by, clock.now()
    token.save(update_fields=["revoked_by", "revoked_at"])
    _record(Event.TOKEN_REVOKED, token, by)


def _record(event: Event, token: Token, by: Person) -> None:
    owner = token.person.reference
    ledger.record(event, chain=owner, actor=by.reference, person=owner, token=token.reference)


def _refuse_another(person: Person, by: Person | None) -> None:
    if by and by != person:
        raise Refused("Only the owner makes a token: nobody else may know its secret.")
    if not person.is_active:
        raise Refused("This person is deactivated, so can't have a token.")


def _refuse_bad_scopes(person: Person, scopes: Collection[Scope]) -> None:
    if not scopes:
        raise Refused("Choose at least one scope: what the token is for.")
    if person.is_service and NEVER_FOR_A_SERVICE & set(scopes):
        raise Refused("A service can't approve: a person approves what they have looked at.")


def _refuse_bad_days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise Refused(f"A token lasts 1 to {MOST_DAYS} days.")


def _refuse_bad_name(person: Person, name: str) -> None:
    if not 0 < len(name) <= MOST_NAME_CHARACTERS or not name.isprintable():
        raise Refused(f"The name of a token has 1 to {MOST_NAME_CHARACTERS} characters: say what it is for.")
    standing = Token.objects.standing().filter(person=person)
    if standing.filter(name=name).exists():
        raise Refused("There is a token of this name already. Revoke it, or choose another name.")
    if standing.count() >= MOST_STANDING:
        raise Refused(f"These are {MOST_STANDING} tokens already. Revoke those that aren't used any more.")


def _name(by: Person | None) -> str:
    return by.reference if by else ledger.COMMAND_LINE
