"""How django-allauth is bent to this application."""

import pytest
from allauth.mfa.adapter import get_adapter as get_second_factor_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.urls import NoReverseMatch, reverse

from compliance.people.models import Person
from compliance.people.roles import Role

pytestmark = pytest.mark.django_db
WRONG = "not the password"


def try_to_log_in(client, email, **headers):
    return client.post("/account/login/", {"login": email, "password": WRONG}, headers=headers)


# -- Nobody signs up ---------------------------------------------------------------------------------------


def test_signing_up_makes_no_person(client):
    new = {"email": "mallory@elsewhere.example", "password1": "a brand new long password"}

    answer = client.post("/account/signup/", new)

    assert "Nobody signs up here" in answer.content.decode()
    assert not Person.objects.exists()


def test_the_log_in_page_does_not_lead_to_a_sign_up(client):
    assert "signup" not in client.get("/account/login/").content.decode()


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_confirm_login_code",
        "account_email_verification_sent",
        "account_request_login_code",
    ],
)
def test_pages_that_nobody_wants_have_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


# -- Log-in ------------------------------------------------------------------------------------------------


def test_log_in_says_who_one_is_by_name(make_person, client):
    person = make_person(Role.ANALYST, name="Ada O'Byron")
    right = {"login": person.email.upper(), "password": "correct horse battery staple"}

    answer = client.post("/account/login/", right, follow=True)

    assert "You are logged in as Ada O&#x27;Byron." in answer.content.decode()


def test_a_stranger_and_a_wrong_password_get_the_same_answer(make_person, client):
    known = make_person(Role.ANALYST, email="ada@colleagues.example")

    answers = [try_to_log_in(client, email) for email in (known.email, "bo@colleagues.example")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert {"not correct" in answer.content.decode() for answer in answers} == {True}


def test_too_many_tries_are_stopped_whatever_address_is_forged(make_person, client):
    person = make_person(Role.ANALYST)

    answers = [
        try_to_log_in(client, person.email, **{"X-Forwarded-For": f"6.6.6.{number}"}) for number in range(12)
    ]

    assert "Too many failed login attempts" in answers[-1].content.decode()


def test_a_flood_from_one_address_is_stopped_whatever_address_is_forged(client):
    answers = [
        client.post(
            "/account/login/",
            {"login": f"person{number}@colleagues.example", "password": WRONG},
            headers={"X-Forwarded-For": f"6.6.6.{number}"},
        )
        for number in range(35)
    ]

    assert answers[-1].status_code == 429
    assert "Too many tries" in answers[-1].content.decode()


def test_the_second_factor_is_asked_for_at_log_in(make_person, client):
    person = make_person(Role.OFFICER)
    TOTP.activate(person, generate_totp_secret())

    answer = client.post(
        "/account/login/", {"login": person.email, "password": "correct horse battery staple"}
    )

    assert answer.url == "/account/second-factor/authenticate/"
    assert client.get("/").url.startswith("/account/login/")


# -- Forgotten passwords -----------------------------------------------------------------------------------


def test_a_forgotten_password_is_answered_under_the_public_url(make_person, client, settings):
    settings.PUBLIC_URL = "https://desk.example.com"
    person = make_person(Role.ANALYST, name="Ada O'Byron")

    client.post("/account/password/reset/", {"email": person.email})

    (message,) = mail.outbox
    assert message.subject == "Erasure Desk: A link to set a new password"
    assert message.to == [person.email]
    assert "Hello Ada O'Byron," in message.body
    assert "https://desk.example.com/account/password/reset/key/" in message.body
    assert "testserver" not in message.body


def test_nothing_is_sent_to_addresses_of_nobody_here_and_the_page_looks_the_same(make_person, client):
    known = make_person(Role.ANALYST)

    answers = [
        client.post("/account/password/reset/", {"email": email}, follow=True)
        for email in (known.email, "mallory@elsewhere.example")
    ]

    assert [message.to for message in mail.outbox] == [[known.email]]
    assert answers[0].redirect_chain == answers[1].redirect_chain
    assert "If this address belongs to somebody here" in answers[1].content.decode()


def test_nothing_is_sent_to_a_deactivated_person(make_person, client):
    person = make_person(Role.ANALYST)
    person.is_active = False
    person.save()

    client.post("/account/password/reset/", {"email": person.email})

    assert mail.outbox == []


def test_a_failing_mail_server_is_not_shown_and_logged_without_the_address(
    make_person, client, settings, caplog
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    person = make_person(Role.ANALYST)

    answer = client.post("/account/password/reset/", {"email": person.email})

    assert answer.url == "/account/password/reset/done/"
    assert "could not be sent: ConnectionRefusedError" in caplog.text
    assert person.email not in caplog.text


# -- Second factors ----------------------------------------------------------------------------------------


def test_the_secret_of_a_second_factor_is_encrypted_in_the_database(make_person):
    secret = generate_totp_secret()

    TOTP.activate(make_person(Role.OFFICER), secret)

    stored = Authenticator.objects.get().data["secret"]
    assert secret not in stored
    assert get_second_factor_adapter().decrypt(stored) == secret
