"""`manage.py add_person`: a person with roles, given by whoever owns the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from compliance.core.errors import Refused
from compliance.people.links import password_link
from compliance.people.roles import Role
from compliance.subscriptions.limits import add_person
from compliance.subscriptions.queries import subscriptions_named

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Adds a person who holds the roles at once, and prints a one-time password link as the last line.

    A service gets no link: it holds tokens.
    """

    help = "Add a person with roles; the last line printed is a one-time link to set the password."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, e-mail address, one or more roles."""
        parser.add_argument("name")
        parser.add_argument("--email", required=True)
        parser.add_argument("--role", action="append", required=True, choices=Role.values, dest="roles")
        parser.add_argument(
            "--subscription",
            action="append",
            default=[],
            dest="subscriptions",
            metavar="NAME",
            help="the roles reach this subscription only, and others named likewise; left out: all of them",
        )
        parser.add_argument(
            "--service",
            action="store_true",
            help="a program: holds API tokens (add_token), never logs in, never approves",
        )

    def handle(
        self, *, name: str, email: str, roles: list[str], subscriptions: list[str], service: bool, **_: Any
    ) -> None:
        """Add the person, or say why not."""
        once_each = [Role(role) for role in dict.fromkeys(roles)]
        try:
            person = add_person(
                name=name,
                email=email,
                roles=once_each,
                within=subscriptions_named(subscriptions),
                is_service=service,
                by=None,
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        where = f" for {', '.join(dict.fromkeys(subscriptions))} only" if subscriptions else ""
        self.stdout.write(f"{person.name} is added with: {', '.join(person.role_labels)}{where}.")
        if person.is_service:
            self.stdout.write(f"It never logs in. Its tokens: manage.py add_token {person.email} --scope …")
            return
        self.stdout.write("The password is set at this address. It works once, for three days:")
        self.stdout.write(password_link(person))
