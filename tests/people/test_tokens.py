"""API tokens: made, allowed, revoked."""

import datetime as dt

import pytest
from auditlog.models import LogEntry

from compliance.audit.models import Entry
from compliance.audit.queries import entries_of
from compliance.core import clock
from compliance.core.errors import Refused
from compliance.people.membership import add_person, deactivate
from compliance.people.models import Token
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from compliance.people.tokens import (
    MOST_STANDING,
    allow_token,
    make_token,
    new_secret,
    note_use,
    revoke_token,
    token_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR)


def made(person, by="owner", **changes):
    values = {"name": "Pipeline", "scopes": [Scope.READ], "by": person if by == "owner" else by}
    return make_token(person=person, **(values | changes))


def history(person):
    return [entry.event for entry in entries_of(person.reference) if entry.event.startswith("token:")]


# -- Making --------------------------------------------------------------------------------------------------


def test_a_token_waits_until_an_administrator_allows_it(analyst, administrator):
    token, secret = made(analyst)

    assert token.allowed_at is None
    allow_token(token=token, by=administrator)

    token = token_for(secret)
    assert (token.person, token.allowed_by) == (analyst, administrator)
    assert history(analyst) == ["token:made", "token:allowed"]


def test_a_token_made_by_command_line_works_at_once(analyst):
    token, _ = made(analyst, by=None)

    assert token.allowed_at is not None
    assert token.allowed_by is None


def test_a_token_lasts_ninety_days_unless_it_is_said(analyst):
    short, usual = made(analyst, days=1).token, made(analyst, name="Usual").token

    assert dt.timedelta(days=89) < usual.expires_at - clock.now() <= dt.timedelta(days=90)
    assert short.expires_at - clock.now() <= dt.timedelta(days=1)


@pytest.mark.parametrize("days", [0, -1, 367])
def test_a_token_lasts_a_day_to_a_leap_year(analyst, days):
    with pytest.raises(Refused, match="1 to 366"):
        made(analyst, days=days)


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "a\x00b"])
def test_a_token_has_a_name(analyst, name):
    with pytest.raises(Refused, match="name"):
        made(analyst, name=name)


def test_a_name_stands_once_until_its_token_is_revoked(analyst):
    token, _ = made(analyst)

    with pytest.raises(Refused, match="already"):
        made(analyst, name=" Pipeline ")
    revoke_token(token=token, by=analyst)

    assert made(analyst).token.name == "Pipeline"


def test_scopes_are_kept_once_and_in_their_order(analyst):
    token, _ = made(analyst, scopes=[Scope.WRITE, Scope.READ, Scope.WRITE])

    assert token.scopes == ["requests:read", "requests:write"]


def test_a_token_without_a_scope_is_for_nothing(analyst):
    with pytest.raises(Refused, match="at least one scope"):
        made(analyst, scopes=[])


def test_only_the_owner_makes_a_token(analyst, administrator):
    with pytest.raises(Refused, match="Only the owner"):
        made(analyst, by=administrator)


def test_nobody_collects_tokens(analyst):
    for number in range(MOST_STANDING):
        made(analyst, name=f"Pipeline {number}")

    with pytest.raises(Refused, match="Revoke"):
        made(analyst)


def test_a_service_never_holds_the_scope_to_approve():
    service = add_person(name="Bot", email="bot@example.com", roles=[Role.OFFICER], by=None, is_service=True)

    with pytest.raises(Refused, match="a person approves"):
        made(service, by=None, scopes=[Scope.READ, Scope.APPROVE])


# -- Allowing and revoking -----------------------------------------------------------------------------------


def test_nobody_allows_their_own_token(make_person):
    both = make_person(Role.ANALYST, Role.ADMINISTRATOR)
    token, _ = made(both)

    with pytest.raises(Refused, match="Another person"):
        allow_token(token=token, by=both)


def test_only_an_administrator_allows(analyst, officer):
    token, _ = made(analyst)

    with pytest.raises(Refused, match="administrator"):
        allow_token(token=token, by=officer)


def test_a_token_is_allowed_once(analyst, administrator):
    token, _ = made(analyst)
    allow_token(token=token, by=administrator)

    with pytest.raises(Refused, match="isn't waiting"):
        allow_token(token=token, by=administrator)


def test_what_is_revoked_is_not_allowed_any_more(analyst, administrator):
    token, _ = made(analyst)
    revoke_token(token=token, by=analyst)

    with pytest.raises(Refused, match="isn't waiting"):
        allow_token(token=token, by=administrator)


@pytest.mark.parametrize("who", ["owner", "administrator"])
def test_owner_and_administrator_revoke(analyst, administrator, who):
    token, _ = made(analyst)

    revoke_token(token=token, by={"owner": analyst, "administrator": administrator}[who])

    assert Token.objects.get().revoked_at is not None
    assert history(analyst) == ["token:made", "token:revoked"]


def test_a_stranger_revokes_nothing(analyst, officer):
    token, _ = made(analyst)

    with pytest.raises(Refused, match="somebody else's"):
        revoke_token(token=token, by=officer)


def test_a_token_is_revoked_once(analyst):
    token, _ = made(analyst)
    revoke_token(token=token, by=analyst)

    with pytest.raises(Refused, match="already"):
        revoke_token(token=token, by=analyst)


def test_whoever_is_deactivated_leaves_without_tokens(analyst, administrator):
    made(analyst)
    made(analyst, name="Another")

    deactivate(person=analyst, by=administrator)

    assert not Token.objects.filter(revoked_at=None).exists()
    assert history(analyst) == ["token:made", "token:made", "token:revoked", "token:revoked"]


# -- The secret ----------------------------------------------------------------------------------------------


def test_a_secret_is_recognised_by_its_form_and_never_stands_anywhere(analyst):
    _, secret = made(analyst)

    kept = str(list(Token.objects.values())) + str([entry.text for entry in Entry.objects.all()])
    kept += str([f"{entry.changes}" for entry in LogEntry.objects.all()])
    assert secret.startswith("edt_")
    assert len(secret) == 76
    assert secret not in kept
    assert secret[4:20] not in kept


def test_no_two_secrets_are_alike():
    assert len({new_secret() for _ in range(50)}) == 50


def test_a_mistyped_secret_is_told_without_a_look_up(analyst, django_assert_num_queries):
    _, secret = made(analyst)
    mistyped = secret[:-1] + ("0" if secret[-1] != "0" else "1")

    with django_assert_num_queries(0):
        found = [token_for(text) for text in (mistyped, "", "edt_", secret[:-1], secret + "0", "x" * 5000)]

    assert set(found) == {None}


def test_the_day_of_the_last_use_is_written_once_a_day(analyst, django_assert_num_queries):
    token, secret = made(analyst)
    note_use(token)

    again = token_for(secret)

    assert again.last_used_on == clock.today()
    with django_assert_num_queries(0):
        note_use(again)
