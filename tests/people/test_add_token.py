"""`manage.py add_token`."""

import io

import pytest
from django.core.management import CommandError, call_command

from compliance.audit.queries import entries_of
from compliance.people.models import Token
from compliance.people.roles import Role
from compliance.people.tokens import token_for
from tests.api_fixtures import Program

pytestmark = pytest.mark.django_db


def run(*arguments):
    printed = io.StringIO()
    call_command("add_token", *arguments, stdout=printed)
    return printed.getvalue()


def test_the_last_word_is_a_token_that_works(make_person):
    person = make_person(Role.ANALYST, email="ana@colleagues.example")

    word = run("Ana@colleagues.example", "--scope", "requests:read", "--scope", "requests:write").split()[-1]

    token = token_for(word)
    assert (token.person, token.scopes) == (person, ["requests:read", "requests:write"])
    assert Program(word).get("/requests").status_code == 200


def test_the_ledger_says_that_it_came_from_the_command_line(make_person):
    person = make_person(Role.ANALYST, email="ana@colleagues.example")

    word = run("ana@colleagues.example", "--scope", "requests:read", "--days", "7").split()[-1]

    entry = entries_of(person.reference).last()
    assert (entry.event, entry.body["actor"]) == ("token:made", "command line")
    assert word not in entry.text


def test_a_person_is_named_by_a_name_that_nobody_else_has(make_person):
    make_person(Role.ANALYST, name="Ana")

    assert token_for(run("Ana", "--scope", "requests:read").split()[-1])

    make_person(Role.ANALYST, name="Ana")
    with pytest.raises(CommandError, match="e-mail address"):
        run("Ana", "--scope", "requests:read")


def test_nobody_is_made_up(db):
    with pytest.raises(CommandError, match="nobody"):
        run("ana@colleagues.example", "--scope", "requests:read")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "--scope"),
        (["--scope", "everything"], "requests:read"),
        (["--scope", "requests:read", "--days", "367"], "1 to 366"),
    ],
)
def test_what_is_wrong_is_said(make_person, arguments, why):
    make_person(Role.ANALYST, email="ana@colleagues.example")

    with pytest.raises(CommandError, match=why):
        run("ana@colleagues.example", *arguments)
    assert not Token.objects.exists()


def test_several_tokens_have_names_of_their_own(make_person):
    make_person(Role.ANALYST, name="Ana")

    run("Ana", "--scope", "requests:read")
    run("Ana", "--scope", "requests:read")
    run("Ana", "--scope", "requests:read", "--name", "Nightly")

    assert set(Token.objects.values_list("name", flat=True)) == {
        "Command line 1",
        "Command line 2",
        "Nightly",
    }
