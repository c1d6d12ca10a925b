"""The demo's people must not outlive the demo."""

import pytest
from django.core.checks import Tags, run_checks

from compliance.demo.checks import nobody_of_the_demo_is_here
from compliance.demo.people import PASSWORD, PEOPLE
from compliance.people.models import Person


@pytest.fixture
def left_over(make_person):
    """One of the demo's people, as the demo left them."""
    person = make_person(PEOPLE[-1].role, email=PEOPLE[-1].email)
    person.set_password(PASSWORD)
    person.save()
    return person


def errors():
    return [error.id for error in nobody_of_the_demo_is_here(databases=["default"])]


def test_once_the_demo_is_off_its_people_stop_the_migration(left_over):
    found = run_checks(tags=[Tags.database], databases=["default"])

    assert "erasure_desk.E004" in {error.id for error in found}


def test_within_the_demo_they_are_at_home(left_over, settings):
    settings.DEMO = True

    assert errors() == []


@pytest.mark.parametrize("mended", ["deactivated", "another password"])
def test_nobody_is_a_danger_who_cannot_log_in_with_the_known_password(left_over, mended):
    if mended == "deactivated":
        Person.objects.update(is_active=False)
    else:
        left_over.set_password("another long password")
        left_over.save()

    assert errors() == []


def test_without_them_or_without_a_database_there_is_nothing_to_say(make_person):
    make_person()

    assert errors() == []
    assert nobody_of_the_demo_is_here(databases=None) == []
