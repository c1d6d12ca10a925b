"""Addresses that leave the application."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from compliance.core import clock
from compliance.people.links import password_link, public_address
from compliance.people.models import Person
from compliance.people.roles import Role

NEW = {"password1": "a brand new long password", "password2": "a brand new long password"}


@pytest.mark.parametrize("base", ["https://desk.example.com", "https://desk.example.com/"])
def test_a_public_address_is_under_the_public_url(settings, base):
    settings.PUBLIC_URL = base

    assert public_address("/people/") == "https://desk.example.com/people/"


def path_of(link, settings):
    return link.removeprefix(settings.PUBLIC_URL)


@pytest.mark.django_db
def test_the_link_lets_a_person_set_a_password_once(make_person, settings):
    person = make_person(Role.ANALYST)
    person.set_unusable_password()
    person.save()
    path = path_of(password_link(person), settings)
    client = Client()

    form_page = client.get(path).url
    assert client.post(form_page, NEW).url == "/account/password/reset/key/done/"

    assert Person.objects.get(pk=person.pk).check_password(NEW["password1"])
    assert "no longer works" in Client().get(path).content.decode()


@pytest.mark.django_db
def test_the_link_runs_out_after_three_days(make_person, settings):
    path = path_of(password_link(make_person(Role.ANALYST)), settings)

    with time_machine.travel(clock.now() + dt.timedelta(days=3, hours=1)):
        assert "no longer works" in Client().get(path).content.decode()


@pytest.mark.django_db
def test_the_link_of_a_deactivated_person_opens_nothing(make_person, settings):
    person = make_person(Role.ANALYST)
    path = path_of(password_link(person), settings)
    person.is_active = False
    person.save()
    client = Client()

    answer = client.get(path, follow=True)
    client.post(answer.request["PATH_INFO"], NEW)

    assert not client.login(email=person.email, password=NEW["password1"])


@pytest.mark.django_db
def test_a_weak_password_is_refused_with_the_reason(make_person, settings):
    path = path_of(password_link(make_person(Role.ANALYST)), settings)
    client = Client()
    form_page = client.get(path).url

    answer = client.post(form_page, {"password1": "password", "password2": "password"})

    assert "too short" in answer.content.decode()
