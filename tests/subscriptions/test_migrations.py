"""Keys that were kept before one key was one row."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from compliance.subscriptions.models import Key


@pytest.mark.django_db(transaction=True)
def test_key_that_was_entered_again_becomes_one_row_as_old_as_the_first(make_person):
    person = make_person()
    apps = migrated("0004_key_care")
    subscription = apps.get_model("subscriptions", "Subscription").objects.create(
        name="Shop", region="us", data_key=b""
    )

    def key(fingerprint, day, replaced=None):
        apps.get_model("subscriptions", "Key").objects.create(
            subscription=subscription,
            sealed=b"",
            fingerprint=fingerprint,
            entered_by_id=person.pk,
            entered_at=noon(day),
            replaced_at=noon(replaced) if replaced else None,
        )

    key("0123abcd", 1, replaced=5)
    key("89abcdef", 5, replaced=9)
    key("0123abcd", 9)

    migrated("0005_one_row_for_each_key")

    rows = Key.objects.order_by("pk").values_list("fingerprint", "made_on", "replaced_at", "owner")
    assert list(rows) == [
        ("89abcdef", dt.date(2026, 3, 5), noon(9), person.pk),
        ("0123abcd", dt.date(2026, 3, 1), None, person.pk),
    ]


def noon(day):
    return dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)


def migrated(name):
    """The models as they were after a migration, which the database is brought to."""
    executor = MigrationExecutor(connection)
    target = [("subscriptions", name)]
    executor.migrate(target)
    return executor.loader.project_state(target).apps
