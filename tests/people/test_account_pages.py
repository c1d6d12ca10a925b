"""The pages about one's own account keep to the strict content policy and lead somewhere."""

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import is_mfa_enabled

from compliance.core import clock
from compliance.people.links import password_link
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db

FOR_STRANGERS = [
    "/account/login/",
    "/account/signup/",
    "/account/inactive/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/done/",
    "/account/password/reset/key/1-nonsense/",
]
FOR_COLLEAGUES = [
    "/account/logout/",
    "/account/reauthenticate/",
    "/account/password/change/",
    "/account/second-factor/",
    "/account/second-factor/totp/activate/",
]
WITH_SECOND_FACTOR = [
    "/account/second-factor/",
    "/account/second-factor/reauthenticate/",
    "/account/second-factor/totp/deactivate/",
    "/account/second-factor/recovery-codes/",
    "/account/second-factor/recovery-codes/generate/",
]


def keeps_to_the_policy(answer):
    page = answer.content.decode()
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", page)
    return (
        answer.status_code == 200
        and not scripts
        and not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
        and "'unsafe" not in answer.headers["Content-Security-Policy"]
        and page.count("<h1>") == 1
    )


@pytest.fixture
def person(make_person):
    return make_person(Role.ANALYST)


@pytest.fixture
def person_with_second_factor(person):
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    return person


@pytest.mark.parametrize("page", FOR_STRANGERS)
def test_pages_for_strangers(client, page):
    assert keeps_to_the_policy(client.get(page))


@pytest.mark.parametrize("page", FOR_COLLEAGUES)
def test_pages_for_colleagues(client_of, person, page):
    assert keeps_to_the_policy(client_of(person).get(page))


@pytest.mark.parametrize("page", WITH_SECOND_FACTOR)
def test_pages_for_colleagues_with_a_second_factor(client_of, person_with_second_factor, page):
    assert keeps_to_the_policy(client_of(person_with_second_factor).get(page))


def test_the_page_for_a_first_password(client, person, settings):
    answer = client.get(password_link(person).removeprefix(settings.PUBLIC_URL), follow=True)

    assert keeps_to_the_policy(answer)
    assert "Set your password" in answer.content.decode()


def test_the_page_that_asks_for_the_code_at_log_in(client, person_with_second_factor):
    answer = client.post(
        "/account/login/",
        {"login": person_with_second_factor.email, "password": "correct horse battery staple"},
        follow=True,
    )

    assert keeps_to_the_policy(answer)
    assert 'autocomplete="one-time-code"' in answer.content.decode()


def test_a_second_factor_is_set_up_with_the_code_that_the_app_shows(client_of, person, time_machine):
    time_machine.move_to(clock.now(), tick=False)
    client = client_of(person)
    page = client.get("/account/second-factor/totp/activate/").content.decode()
    secret = client.session["mfa.totp.secret"]
    assert secret in page
    assert 'src="data:image/svg+xml;base64,' in page

    code = f"{hotp_value(secret, next(yield_hotp_counters_from_time())):06}"
    answer = client.post("/account/second-factor/totp/activate/", {"code": code}, follow=True)

    assert answer.redirect_chain == [("/account/second-factor/recovery-codes/", 302)]
    assert is_mfa_enabled(person)


def test_a_wrong_code_is_refused_beside_its_field(client_of, person):
    answer = client_of(person).post("/account/second-factor/totp/activate/", {"code": "000000"})

    page = answer.content.decode()
    assert 'class="field-error" id="id_code_error"' in page
    assert 'aria-describedby="id_code_error"' in page


def test_recovery_codes_can_be_taken_along(client_of, person_with_second_factor):
    client = client_of(person_with_second_factor)

    codes = client.get("/account/second-factor/recovery-codes/download/")

    assert codes.headers["Content-Disposition"].startswith("attachment")
    assert len(codes.content.decode().split()) == 10


def test_a_password_is_changed_with_the_one_until_now(client_of, person):
    new = "a brand new long password"
    client = client_of(person)

    client.post(
        "/account/password/change/",
        {"oldpassword": "correct horse battery staple", "password1": new, "password2": new},
    )

    person.refresh_from_db()
    assert person.check_password(new)


def test_one_stays_logged_in_by_no_wish_longer_than_the_browser(client, person):
    client.post(
        "/account/login/",
        {"login": person.email, "password": "correct horse battery staple", "remember": ""},
    )

    assert client.session.get_expire_at_browser_close()
