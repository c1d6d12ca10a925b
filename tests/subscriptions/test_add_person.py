"""`manage.py add_person`."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from compliance.audit.queries import entries_of
from compliance.people.models import Person
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db


def run(*arguments):
    printed = io.StringIO()
    call_command("add_person", *arguments, stdout=printed)
    return printed.getvalue().splitlines()


def test_the_person_holds_every_role_at_once():
    run("Ada Byron", "--email", "Ada@colleagues.example", "--role", "officer", "--role", "administrator")

    person = Person.objects.get(email="ada@colleagues.example")
    assert person.name == "Ada Byron"
    assert person.roles == {Role.OFFICER, Role.ADMINISTRATOR}


def test_the_last_line_is_a_link_that_sets_the_password(settings):
    settings.PUBLIC_URL = "https://desk.example.com"

    link = run("Ada", "--email", "ada@colleagues.example", "--role", "analyst")[-1]

    assert link.startswith("https://desk.example.com/account/password/reset/key/")
    answer = Client().get(link.removeprefix("https://desk.example.com"), follow=True)
    assert "Set your password" in answer.content.decode()


def test_the_ledger_says_that_it_came_from_the_command_line():
    run("Ada", "--email", "ada@colleagues.example", "--role", "officer")

    entries = list(entries_of(Person.objects.get().reference))
    assert [entry.event for entry in entries] == ["person:added", "role:granted"]
    assert {entry.body["actor"] for entry in entries} == {"command line"}


def test_a_role_named_twice_is_given_once():
    run("Ada", "--email", "ada@colleagues.example", "--role", "legal", "--role", "legal")

    assert Person.objects.get().roles == {Role.LEGAL}


def test_an_unknown_role_is_refused_with_the_known_ones():
    with pytest.raises(CommandError, match=r"invalid choice: 'king'.*key_custodian"):
        run("Ada", "--email", "ada@colleagues.example", "--role", "king")


@pytest.mark.parametrize("missing", ["--email", "--role"])
def test_what_is_missing_is_named(missing):
    arguments = {"--email": "ada@colleagues.example", "--role": "analyst"}
    del arguments[missing]

    with pytest.raises(CommandError, match=missing):
        run("Ada", *(part for pair in arguments.items() for part in pair))


def test_a_taken_address_is_refused(make_person):
    make_person(Role.ANALYST, email="ada@colleagues.example")

    with pytest.raises(CommandError, match="here already"):
        run("Ada", "--email", "ADA@colleagues.example", "--role", "analyst")


def test_what_is_no_address_is_refused():
    with pytest.raises(CommandError, match="not an e-mail address"):
        run("Ada", "--email", "ada", "--role", "analyst")
