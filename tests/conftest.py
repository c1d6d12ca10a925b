"""What tests of every room share: a database that can be emptied, people, and their browsers."""

import datetime as dt
import itertools
import time
from collections import Counter

import hypothesis
import pytest
from allauth.account.internal.userkit import user_id_to_str
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.core.management.commands import flush
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client
from xdist.scheduler import LoadScopeScheduling

from compliance.audit import triggers
from compliance.core import clock
from compliance.people.models import Grant, Person
from tests import databases

pytest_plugins = [
    "tests.api_fixtures",
    "tests.cleanup_fixtures",
    "tests.hold_fixtures",
    "tests.hook_fixtures",
    "tests.request_fixtures",
    "tests.sandbox_fixtures",
    "tests.upload_fixtures",
    "tests.watch_fixtures",
    "tests.workflow_fixtures",
]

#: `--hypothesis-profile long`: for tests that tell longer stories then.
hypothesis.settings.register_profile("long")
PASSWORD = "correct horse battery staple"


def pytest_configure():
    """Slow hashes and collected static files are for production."""
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


class OneProduct(LoadScopeScheduling):
    """Whatever shares the running product runs in one process of pytest; any other test goes by itself.

    xdist's own groups don't reach the scheduler with this version of pytest.
    """

    def _split_scope(self, nodeid):
        alone = "/e2e/" not in nodeid or "/test_kills.py" in nodeid
        return nodeid if alone else "the running product"


def pytest_xdist_make_scheduler(config, log):
    """How the tests are shared out."""
    return OneProduct(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """First what mostly waits for processes of its own: other tests run meanwhile, and none comes last."""
    names = Counter(item.nodeid for item in items)
    if namesakes := [name for name, count in names.items() if count > 1]:
        raise pytest.UsageError(f"of tests with one name, xdist would run only one: {namesakes}")
    items.sort(key=lambda item: "e2e" not in item.path.parts)


@pytest.fixture(scope="session", autouse=True)
def quick_emptying():
    """After a transactional test the tables are empty, and nothing is made anew.

    Django would make the content types and permissions of every model again, which takes longer than most
    tests. What needs a content type makes it; nobody's permissions are looked at here: see people/access.py.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: ContentType.objects.clear_cache())
        if connection.vendor == "postgresql":
            patch.setattr(connection.ops, "sql_flush", deletions)
        yield


def deletions(style, tables, **_):
    """One trip for all tables: TRUNCATE makes new files for each, also where a table holds nothing.

    The order doesn't matter, for foreign keys are compared at the end of the transaction.
    """
    names = map(connection.ops.quote_name, tables)
    return ["; ".join(f"DELETE FROM {name}" for name in names)]  # noqa: S608 -- our own tables


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings):
    """The tables are copied, where there is something to copy; what remains to migrate is nothing."""
    if not (template := databases.migrated()):
        return
    if connection.vendor == "postgresql":
        connection.settings_dict["TEST"]["TEMPLATE"] = databases.name_in(template)
    else:
        connection_created.connect(fill_if_empty)


def fill_if_empty(connection, **_):
    if not connection.introspection.table_names():
        databases.fill(connection.connection)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A database without the ledger's triggers: emptying it after a transactional test deletes entries."""
    with django_db_blocker.unblock():
        triggers.remove(connection)


@pytest.fixture
def make_person(db):
    """`make_person(*roles, name=..., email=...)`: a person who has held the roles for two days.

    Their rows only: what is written down when somebody adds a person is for the tests of that, and takes ten
    times as long. Nearly every test needs somebody.
    """
    numbers = itertools.count(1)

    def make(*roles, name=None, email=None):
        number, two_days_ago = next(numbers), clock.now() - dt.timedelta(days=2)
        person = Person(
            name=name or f"Person Number{number}",
            email=email or f"person{number}@colleagues.example",
            password=make_password(PASSWORD),
        )
        Person.objects.bulk_create([person])
        EmailAddress.objects.bulk_create(
            [EmailAddress(user=person, email=person.email, primary=True, verified=True)]
        )
        Grant.objects.bulk_create(
            Grant(person=person, role=role, proposed_at=two_days_ago, granted_at=two_days_ago)
            for role in roles
        )
        return person

    return make


@pytest.fixture
def stale_client_of():
    """`stale_client_of(person)`: a browser logged in, with the second factor that the roles demand."""

    def client_of(person):
        if person.needs_second_factor and not is_mfa_enabled(person):
            TOTP.activate(person, generate_totp_secret())
        client = Client()
        client.force_login(person)
        return client

    return client_of


@pytest.fixture
def client_of(stale_client_of):
    """`client_of(person)`: as `stale_client_of`, and re-authenticated a moment ago."""

    def fresh(person):
        client = stale_client_of(person)
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": time.time(), "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = user_id_to_str(person)
        session.save()
        return client

    return fresh
