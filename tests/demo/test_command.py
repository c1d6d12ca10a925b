"""`manage.py demo`."""

import io
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command

from compliance.demo.people import PASSWORD, PEOPLE
from compliance.people.models import Person


@pytest.mark.django_db
def test_outside_the_demo_nobody_is_invented(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("demo")
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_it_says_how_to_log_in(settings, sandbox):
    settings.DEMO = settings.PENDO_ALLOW_CUSTOM_URL = True
    said = io.StringIO()

    call_command("demo", sandbox_port=urlsplit(sandbox.url).port, stdout=said)

    assert PASSWORD in said.getvalue()
    assert all(person.email in said.getvalue() for person in PEOPLE)
