"""The one way to write the ledger."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError

from compliance.audit import chain, ledger
from compliance.audit.events import Event
from compliance.audit.models import Chain, Entry, LedgerIsAppendOnly
from compliance.audit.queries import entries_of

FACTS = {"person": "person/7"}


def record(name="person/7", **changed):
    return ledger.record(Event.PERSON_DEACTIVATED, chain=name, actor="person/1", **(FACTS | changed))


@pytest.mark.django_db
def test_entries_are_numbered_and_chained():
    entries = [record(), record(), record()]

    assert [entry.number for entry in entries] == [1, 2, 3]
    assert [entry.body["previous"] for entry in entries] == [chain.START, entries[0].hash, entries[1].hash]
    assert chain.first_fault([entry.text for entry in entries_of("person/7")]) is None


@pytest.mark.django_db
def test_each_chain_is_numbered_by_itself():
    record("person/7")

    assert record("person/8").number == 1


@pytest.mark.django_db
def test_the_head_of_a_chain_is_its_last_entry():
    record()
    last = record()

    head = Chain.objects.get(name="person/7")
    assert (head.length, head.head) == (2, last.hash)


@pytest.mark.django_db
def test_the_body_says_who_did_what_when():
    body = record().body

    assert body["version"] == 1
    assert (body["event"], body["actor"], body["facts"]) == ("person:deactivated", "person/1", FACTS)
    assert dt.datetime.fromisoformat(body["at"]).utcoffset() == dt.timedelta(0)


@pytest.mark.django_db
def test_the_columns_say_the_same_as_the_body():
    entry = Entry.objects.get(pk=record().pk)

    assert entry.event == entry.body["event"]
    assert entry.number == entry.body["number"]
    assert entry.at == dt.datetime.fromisoformat(entry.body["at"])
    assert entry.hash == chain.entry_hash(entry.text)


@pytest.mark.django_db
@pytest.mark.parametrize("facts", [{}, {"person": "person/7", "more": 1}, {"other": 1}], ids=repr)
def test_other_facts_than_the_event_names_are_refused(facts):
    with pytest.raises(ledger.FactsDoNotFit):
        ledger.record(Event.PERSON_DEACTIVATED, chain="person/7", actor="person/1", **facts)

    assert not Entry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("value", [0.5, ["a"], {"a": 1}, b"a", dt.date(2026, 1, 1)], ids=repr)
def test_facts_that_are_not_text_numbers_or_truth_values_are_refused(value):
    with pytest.raises(ledger.FactsDoNotFit):
        record(person=value)


@pytest.mark.django_db
def test_the_message_about_misfits_names_no_values():
    with pytest.raises(ledger.FactsDoNotFit) as caught:
        record(person=["jane@example.com"])

    assert "jane" not in str(caught.value)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_recorded():
    with pytest.raises(TransactionManagementError):
        record()

    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_an_entry_goes_when_its_transaction_is_rolled_back():
    with transaction.atomic():
        record()
    with transaction.atomic():
        record()
        transaction.set_rollback(True)

    with transaction.atomic():
        assert record().number == 2
    assert chain.first_fault([entry.text for entry in entries_of("person/7")]) is None


@pytest.mark.django_db
def test_a_number_is_given_once_in_a_chain():
    entry = record()

    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(
            chain=entry.chain, number=1, event=entry.event, at=entry.at, text="{}", hash="0" * 64
        )


@pytest.mark.django_db
def test_an_entry_is_not_saved_again():
    entry = record()

    with pytest.raises(LedgerIsAppendOnly):
        entry.save()


@pytest.mark.django_db
def test_an_entry_is_not_deleted():
    entry = record()

    with pytest.raises(LedgerIsAppendOnly):
        entry.delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "ask", [lambda rows: rows.delete(), lambda rows: rows.update(event="x")], ids=["delete", "update"]
)
def test_entries_are_not_changed_in_bulk(ask):
    record()

    with pytest.raises(LedgerIsAppendOnly):
        ask(Entry.objects.all())


@pytest.mark.django_db
def test_the_sentence_names_the_actor_and_the_facts():
    assert record().sentence("Ada") == "Ada deactivated person/7."


@pytest.mark.django_db
def test_dates_and_moments_are_written_as_iso_8601():
    assert ledger.as_fact(dt.date(2026, 2, 3)) == "2026-02-03"
    assert ledger.as_fact(dt.datetime(2026, 2, 3, 4, 5, tzinfo=dt.UTC)) == "2026-02-03T04:05:00+00:00"


@pytest.mark.django_db
def test_recording_takes_few_queries(django_assert_max_num_queries):
    record()

    with django_assert_max_num_queries(4):
        record()
