"""`manage.py add_token`: an API token, given by whoever owns the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from compliance.core.errors import Refused
from compliance.people.models import Person, Token
from compliance.people.scopes import Scope
from compliance.people.tokens import DEFAULT_DAYS, MOST_DAYS, make_token

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

NAME = "Command line"


class Command(BaseCommand):
    """Makes a token that works at once, and prints it as the last word. Nobody can print it again."""

    help = "Make an API token for a person or a service; the last word printed is the token, shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, what for, how long."""
        parser.add_argument("person", help="e-mail address, or name if nobody else has it")
        parser.add_argument("--scope", action="append", required=True, choices=Scope.values, dest="scopes")
        parser.add_argument(
            "--days", type=int, default=DEFAULT_DAYS, help=f"1 to {MOST_DAYS} ({DEFAULT_DAYS})"
        )
        parser.add_argument("--name", default="", help="which program uses it")

    def handle(self, *, person: str, scopes: list[str], days: int, name: str, **_: Any) -> None:
        """Make the token, or say why not."""
        owner = _owner(person)
        try:
            token, secret = make_token(
                person=owner,
                name=name or _free_name(owner),
                scopes=[Scope(scope) for scope in scopes],
                days=days,
                by=None,
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{token.reference} of {owner.name} works until {token.expires_at:%d %b %Y}, for: "
            f"{', '.join(token.scopes)}. It is shown this once:"
        )
        self.stdout.write(secret)


def _owner(text: str) -> Person:
    """The person with this e-mail address, or else the only one of this name."""
    found = Person.objects.filter(email=text.strip().lower()) or Person.objects.filter(name=text.strip())
    if len(found) > 1:
        raise CommandError(f"Several people are called {text!r}. Give the e-mail address.")
    if not found:
        raise CommandError(f"There is nobody with the e-mail address or name {text!r}.")
    return found[0]


def _free_name(owner: Person) -> str:
    """The first name that no standing token of the owner has."""
    taken = set(Token.objects.filter(person=owner).values_list("name", flat=True))
    numbers = (f"{NAME} {number}" for number in range(1, len(taken) + 2))
    return next(name for name in numbers if name not in taken)
