"""The pages of API tokens."""

import re

import pytest
from django.contrib.sessions.models import Session

from compliance.people.models import Token
from compliance.people.roles import Role
from compliance.people.scopes import Scope
from compliance.people.tokens import make_token, token_for

pytestmark = pytest.mark.django_db

FORM = {"name": "Nightly", "scopes": ["requests:read", "requests:write"], "days": "30"}


@pytest.fixture
def administrator(make_person):
    return make_person(Role.ADMINISTRATOR)


@pytest.fixture
def token(analyst):
    return make_token(person=analyst, name="Nightly", scopes=[Scope.READ], by=analyst).token


def test_a_token_is_made_and_shown_once(client_of, analyst):
    browser = client_of(analyst)

    page = browser.post("/people/tokens/make/", FORM)

    secret = re.search(r"edt_[0-9a-f]{72}", page.content.decode())[0]
    assert token_for(secret) == Token.objects.get()
    assert page["Cache-Control"] == "private, no-store"
    assert secret not in browser.get("/people/tokens/").content.decode()
    assert secret not in str([session.get_decoded() for session in Session.objects.all()])


def test_the_new_token_waits_and_says_so(client_of, analyst):
    browser = client_of(analyst)
    browser.post("/people/tokens/make/", FORM)

    assert "waits for an administrator" in browser.get("/people/tokens/").content.decode()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": ""}, "This field is required"),
        ({"scopes": []}, "Choose at least one"),
        ({"scopes": ["everything"]}, "not one of the available choices"),
        ({"days": "367"}, "366"),
    ],
)
def test_a_wrong_form_comes_back_with_what_to_mend(client_of, analyst, changes, why):
    page = client_of(analyst).post("/people/tokens/make/", FORM | changes)

    assert page.status_code == 422
    assert why in page.content.decode()
    assert not Token.objects.exists()


def test_a_name_in_use_comes_back(client_of, analyst, token):
    page = client_of(analyst).post("/people/tokens/make/", FORM)

    assert page.status_code == 422
    assert "already" in page.content.decode()


def test_an_administrator_sees_and_allows_what_waits(client_of, administrator, token):
    browser = client_of(administrator)
    assert "Waiting to be allowed" in browser.get("/people/tokens/all/").content.decode()

    page = browser.post(f"/people/tokens/{token.pk}/allow/", follow=True)

    token.refresh_from_db()
    assert token.allowed_by == administrator
    assert "works now" in page.content.decode()
    assert "Waiting to be allowed" not in page.content.decode()


def test_an_administrator_does_not_allow_their_own(client_of, make_person):
    both = make_person(Role.ADMINISTRATOR, Role.ANALYST)
    own = make_token(person=both, name="Own", scopes=[Scope.READ], by=both).token
    browser = client_of(both)

    assert "another administrator allows it" in browser.get("/people/tokens/all/").content.decode()
    browser.post(f"/people/tokens/{own.pk}/allow/")

    own.refresh_from_db()
    assert own.allowed_at is None


def test_the_owner_revokes_and_stays_on_their_page(client_of, analyst, token):
    page = client_of(analyst).post(f"/people/tokens/{token.pk}/revoke/", follow=True)

    token.refresh_from_db()
    assert token.revoked_by == analyst
    assert page.redirect_chain == [("/people/tokens/", 302)]
    assert "revoked" in page.content.decode()


def test_an_administrator_revokes_anybodys(client_of, administrator, token):
    page = client_of(administrator).post(f"/people/tokens/{token.pk}/revoke/", follow=True)

    assert page.redirect_chain == [("/people/tokens/all/", 302)]
    assert "works no more" in page.content.decode()


def test_somebody_else_revokes_nothing(client_of, officer, token):
    client_of(officer).post(f"/people/tokens/{token.pk}/revoke/")

    token.refresh_from_db()
    assert token.revoked_at is None


def test_one_sees_only_ones_own(client_of, officer, token):
    assert "Nightly" not in client_of(officer).get("/people/tokens/").content.decode()


def test_lists_take_as_many_queries_for_many_as_for_one(
    client_of, administrator, analyst, token, django_assert_num_queries
):
    browser = client_of(administrator)
    browser.get("/people/tokens/all/")
    with django_assert_num_queries(14, exact=False) as one:
        browser.get("/people/tokens/all/")
    for number in range(3):
        make_token(person=analyst, name=f"Token {number}", scopes=[Scope.READ], by=analyst)

    with django_assert_num_queries(len(one.captured_queries)):
        browser.get("/people/tokens/all/")
