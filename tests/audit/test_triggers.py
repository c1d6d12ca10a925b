"""The database itself refuses to change the ledger."""

import pytest
from django.db import DatabaseError, connection, transaction

from compliance.audit import ledger, triggers
from compliance.audit.events import Event


@pytest.fixture
def guarded_entry(db):
    triggers.install(connection)
    entry = ledger.record(Event.PERSON_DEACTIVATED, chain="person/7", actor="person/1", person="person/7")
    # PostgreSQL empties no table whose deferred foreign keys still wait to be checked.
    connection.check_constraints()
    return entry


def ask(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET text = '{}' WHERE id = %s",
        "UPDATE audit_entry SET event = event WHERE id = %s",
        "DELETE FROM audit_entry WHERE id = %s",
    ],
)
def test_changing_or_deleting_an_entry_is_refused_by_the_database(guarded_entry, sql):
    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        ask(sql, guarded_entry.pk)


def test_emptying_the_table_is_refused_by_the_database(guarded_entry):
    empty = "TRUNCATE audit_entry CASCADE" if connection.vendor == "postgresql" else "DELETE FROM audit_entry"

    with pytest.raises(DatabaseError, match=triggers.REFUSAL):
        ask(empty)


def test_adding_an_entry_is_allowed(guarded_entry):
    another = ledger.record(Event.PERSON_DEACTIVATED, chain="person/7", actor="person/1", person="person/7")

    assert another.number == 2


def test_removed_triggers_refuse_nothing(guarded_entry):
    triggers.remove(connection)

    ask("DELETE FROM audit_entry WHERE id = %s", guarded_entry.pk)
