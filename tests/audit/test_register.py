"""Each model's changes are kept in one known way."""

import ast
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.conf import settings

from compliance.audit.register import LEFT_OUT, MASK, MASKED, MODELS, Kept
from compliance.people.membership import add_person
from compliance.people.roles import Role
from compliance.subscriptions.models import Key, Subscription

CHANGE_RECORDS = [label for label, kept in MODELS.items() if kept is Kept.CHANGE_RECORD]
IN_BULK = {"update", "bulk_create", "bulk_update", "raw"}


def test_every_installed_model_is_listed_and_no_other():
    assert {model._meta.label for model in apps.get_models()} == set(MODELS)


def test_the_change_records_are_those_that_are_watched():
    assert {model._meta.label for model in auditlog.get_models()} == set(CHANGE_RECORDS)


@pytest.mark.parametrize("label", sorted({*MASKED, *LEFT_OUT}))
def test_masked_and_left_out_fields_exist(label):
    fields = {field.name for field in apps.get_model(label)._meta.get_fields()}

    assert fields.issuperset(MASKED.get(label, []) + LEFT_OUT.get(label, []))


@pytest.mark.parametrize("label", CHANGE_RECORDS)
def test_no_secret_field_is_recorded_as_it_is(label):
    secret = {
        field.name
        for field in apps.get_model(label)._meta.get_fields()
        if any(word in field.name for word in ("password", "sealed", "data_key", "secret", "token"))
        or field.get_internal_type() == "BinaryField"
    }

    assert secret <= {*MASKED.get(label, []), *LEFT_OUT.get(label, [])}


@pytest.mark.django_db
def test_a_new_password_is_recorded_as_changed_and_not_kept(make_person):
    person = make_person(Role.ANALYST)
    old = person.password

    person.set_password("another long password")
    person.save()

    change = LogEntry.objects.get_for_object(person).first().changes_dict["password"]
    assert change == [MASK, MASK]
    assert person.password not in everything_recorded()
    assert old not in everything_recorded()


@pytest.mark.django_db
def test_the_secret_of_a_second_factor_is_not_kept(make_person):
    secret = generate_totp_secret()

    authenticator = TOTP.activate(make_person(Role.OFFICER), secret).instance

    assert LogEntry.objects.get_for_object(authenticator).exists()
    assert secret not in everything_recorded()
    assert authenticator.data["secret"] not in everything_recorded()


@pytest.mark.django_db
def test_keys_and_data_keys_are_not_kept():
    subscription = Subscription.objects.create(name="Production", region="us", data_key=b"wrapped-data-key")
    Key.objects.create(subscription=subscription, sealed=b"sealed-pendo-key")

    assert "wrapped-data-key" not in everything_recorded()
    assert "sealed-pendo-key" not in everything_recorded()


@pytest.mark.django_db
def test_the_name_of_a_changed_thing_holds_no_address():
    person = add_person(name="Jane Doe", email="jane@colleagues.example", roles=[Role.OFFICER], by=None)
    TOTP.activate(person, generate_totp_secret())

    named = " ".join(LogEntry.objects.values_list("object_repr", flat=True))

    assert "@" not in named
    assert "Jane" not in named
    assert f"person/{person.pk}" in named


def test_change_records_are_never_written_in_bulk():
    """django-auditlog sees signals, and these ways of writing send none."""
    watched = {label.partition(".")[2] for label in CHANGE_RECORDS}

    in_bulk = [
        f"{path}: {ast.unparse(call)}"
        for path in Path(settings.BASE_DIR, "compliance").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in IN_BULK
        and manager_of(call.func.value) in watched
    ]
    assert in_bulk == []


def manager_of(chain):
    """`Person` for `Person.objects.filter(...).exclude(...)`."""
    while isinstance(chain, ast.Attribute | ast.Call):
        chain = chain.func if isinstance(chain, ast.Call) else chain.value
    return chain.id if isinstance(chain, ast.Name) else ""


def everything_recorded():
    return " ".join(f"{entry.changes} {entry.object_repr}" for entry in LogEntry.objects.all())
