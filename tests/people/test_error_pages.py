"""What people read when something goes wrong."""

import re

import pytest
from django.test import Client
from django.urls import get_resolver, path
from django.views.defaults import server_error

from compliance.people.roles import Role


def broken(request):
    raise RuntimeError("jane@example.com")


class WithBrokenPage:
    """The addresses of the application, and one more."""

    urlpatterns = [*get_resolver().url_patterns, path("broken/", broken, name="broken")]


@pytest.fixture
def with_broken_page(settings):
    settings.ROOT_URLCONF = WithBrokenPage


def says(answer, status, heading):
    page = answer.content.decode()
    return answer.status_code == status and f"<h1>{heading}</h1>" in page and 'href="/"' in page


@pytest.mark.django_db
def test_an_unknown_address(client):
    assert says(client.get("/nothing/"), 404, "There is nothing here")


@pytest.mark.django_db
def test_a_page_for_other_roles(make_person, client_of):
    assert says(client_of(make_person(Role.ANALYST)).get("/people/"), 403, "Not with your roles")


@pytest.mark.django_db
def test_a_form_that_is_not_understood(make_person, client_of):
    client, person = client_of(make_person(Role.ADMINISTRATOR)), make_person(Role.ANALYST)

    answer = client.post(f"/people/{person.pk}/roles/give/", {"role": "king"})

    assert says(answer, 400, "This can't be understood")


@pytest.mark.django_db
def test_a_form_that_has_run_out():
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/account/login/", {"login": "a@b.example"})

    assert says(answer, 403, "This form has run out")


@pytest.mark.django_db
def test_a_page_that_breaks(client, with_broken_page):
    client.raise_request_exception = False

    answer = client.get("/broken/")

    assert says(answer, 500, "Something went wrong on our side")
    assert "jane" not in answer.content.decode()


def test_the_page_for_breakage_needs_no_database(rf):
    # This test has no access to the database: a query would fail it.
    assert says(server_error(rf.get("/")), 500, "Something went wrong on our side")


def test_the_page_for_breakage_has_nothing_inline(rf):
    assert not re.search(r"<script|<style|\sstyle=", server_error(rf.get("/")).content.decode())
