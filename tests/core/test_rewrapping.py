"""Everything that ENCRYPTION_KEYS wrap, wrapped under the first of them."""

import ast
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.conf import settings as all_settings
from django.db import models

from compliance.core import keyring, rewrapping
from compliance.core.fields import WrappedKeyField
from compliance.core.rewrapping import rewrap_column, wrapped_fields
from compliance.subscriptions.models import Subscription
from compliance.workflow.models import Request

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def subscriptions(db, settings):
    """Five subscriptions under the old key, which now stands behind a new one."""
    settings.ENCRYPTION_KEYS = OLD
    for number in range(5):
        wrapped = keyring.wrap(f"data key {number}".encode())
        Subscription.objects.create(name=f"Subscription {number}", region="us", data_key=wrapped)
    settings.ENCRYPTION_KEYS = f"{NEW},{OLD}"


def current():
    wrapped = Subscription.objects.order_by("pk").values_list("data_key", flat=True)
    return [keyring.is_current(bytes(each)) for each in wrapped]


def rewrap():
    return list(rewrap_column(Subscription, "data_key"))


# -- which -------------------------------------------------------------------------------------------------


def test_wrapped_keys_of_every_room_are_found():
    assert {f"{model._meta.label}.{column}" for model, column in wrapped_fields()} >= {
        "intake.Draft.data_key",
        "subscriptions.Subscription.data_key",
        "workflow.Request.correspondence_key",
        "workflow.Request.targets_key",
    }


def test_no_column_that_is_called_a_key_holds_it_as_plain_bytes():
    columns = [column for model in apps.get_models() for column in model._meta.get_fields()]
    keys = [each for each in columns if isinstance(each, models.BinaryField) and each.name.endswith("_key")]

    assert keys
    assert [each for each in keys if not isinstance(each, WrappedKeyField)] == []


def test_whatever_is_wrapped_goes_into_such_a_column():
    names = {column for _, column in wrapped_fields()}
    # What django-allauth keeps is wrapped anew by `people.second_factors`.
    elsewhere = {"adapter.py", "keyring.py"}

    into = {
        (path.name, name)
        for path in Path(all_settings.BASE_DIR, "compliance").rglob("*.py")
        for name in wrapped_into(ast.parse(path.read_text()))
    }

    assert {name for _, name in into} >= names
    assert [each for each in into if each[1] not in names and each[0] not in elsewhere] == []


def wrapped_into(node, name=None):
    """For each `keyring.wrap(...)`, the name of the keyword, entry of a dict, or variable that it is for."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "keyring.wrap":
        yield name
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            yield from wrapped_into(value, getattr(key, "value", None))
        return
    if isinstance(node, ast.keyword):
        name = node.arg
    if isinstance(node, ast.Assign):
        name = ast.unparse(node.targets[0]).split(".")[-1]
    for child in ast.iter_child_nodes(node):
        yield from wrapped_into(child, name)


# -- how ---------------------------------------------------------------------------------------------------


def test_every_value_needs_only_the_new_key_afterwards(subscriptions, settings):
    (tally,) = rewrap()

    settings.ENCRYPTION_KEYS = NEW
    opened = [each.unwrapped_key() for each in Subscription.objects.order_by("pk")]
    assert opened == [f"data key {number}".encode() for number in range(5)]
    assert (tally.seen, tally.rewrapped, tally.unreadable) == (5, 5, [])


def test_what_is_under_the_new_key_already_is_left_as_it_is(subscriptions):
    rewrap()
    before = list(Subscription.objects.values_list("pk", "data_key"))

    (tally,) = rewrap()

    assert (tally.seen, tally.rewrapped) == (5, 0)
    assert list(Subscription.objects.values_list("pk", "data_key")) == before


def test_killed_in_between_it_goes_on_where_it_was(subscriptions, monkeypatch):
    monkeypatch.setattr(rewrapping, "SLICE", 2)
    slices = rewrap_column(Subscription, "data_key")
    next(slices)
    slices.close()
    assert current() == [True, True, False, False, False]

    *_, tally = rewrap()

    assert current() == [True] * 5
    assert (tally.seen, tally.rewrapped) == (5, 3)


def test_a_value_that_no_key_opens_is_named_and_left(subscriptions):
    lost = Subscription.objects.order_by("pk")[2]
    Subscription.objects.filter(pk=lost.pk).update(data_key=b"of a key that is lost")

    (tally,) = rewrap()

    assert tally.unreadable == [f"subscriptions.Subscription.data_key of row {lost.pk}"]
    assert bytes(Subscription.objects.get(pk=lost.pk).data_key) == b"of a key that is lost"


def test_a_key_destroyed_meanwhile_does_not_come_back(previewed_request, settings, monkeypatch):
    settings.ENCRYPTION_KEYS += f",{OLD}"
    request = previewed_request()
    settings.ENCRYPTION_KEYS = ",".join([NEW, *settings.ENCRYPTION_KEYS.split(",")])
    rewrap_it = keyring.rewrap

    def forgotten_in_between(wrapped):
        Request.objects.update(targets_key=None)
        return rewrap_it(wrapped)

    monkeypatch.setattr(keyring, "rewrap", forgotten_in_between)

    list(rewrap_column(Request, "targets_key"))

    request.refresh_from_db()
    assert request.targets_key is None
