"""The history of one request as a file."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.audit.chain import canonical, entry_hash, first_fault
from compliance.audit.queries import entries_of
from compliance.core.spreadsheets import harmless
from compliance.evidence.history import COLUMNS, WRITERS, as_csv, export_history
from compliance.people.names import actor_names
from tests.request_fixtures import events_of, give_approval

STARTS = "=+-@\t\r\n＝＋－＠"


@pytest.fixture
def request_with_history(previewed_request, officer):
    request = previewed_request()
    give_approval(request, officer)
    return request


@pytest.fixture
def exported(request_with_history, officer):
    """`exported(file_format)`: the lines of the file."""
    return lambda file_format: list(
        export_history(request=request_with_history, file_format=file_format, by=officer)
    )


def rows_of(lines):
    return list(csv.DictReader(io.StringIO("".join(lines).removeprefix("\ufeff"), newline="")))


# -- JSON lines ----------------------------------------------------------------------------------------------


def test_the_exported_entries_verify_by_themselves(exported):
    texts = [canonical(json.loads(line)["entry"]) for line in exported("jsonl")]

    assert first_fault(texts) is None
    assert [entry_hash(text) for text in texts] == [json.loads(line)["hash"] for line in exported("jsonl")][
        : len(texts)
    ]


@pytest.mark.parametrize("spoil", ["change", "drop", "swap"])
def test_a_spoiled_export_is_found_out(exported, spoil):
    texts = [canonical(json.loads(line)["entry"]) for line in exported("jsonl")]

    if spoil == "change":
        texts[1] = texts[1].replace('"targets":3', '"targets":2')
    elif spoil == "drop":
        del texts[1]
    else:
        texts[1], texts[2] = texts[2], texts[1]

    assert first_fault(texts) is not None


def test_each_entry_is_one_line_with_its_meaning_and_sentence(exported):
    lines = exported("jsonl")

    first = json.loads(lines[0])
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert first["meaning"] == "A request was recorded."
    assert first["sentence"].startswith("Ana Analyst recorded a request")
    assert first["actor_name"] == "Ana Analyst"


# -- The table -----------------------------------------------------------------------------------------------


def test_the_table_holds_every_entry_under_its_columns(exported, request_with_history):
    lines = exported("csv")

    rows = rows_of(lines)
    assert lines[0].startswith("\ufeff")
    assert list(rows[0]) == list(COLUMNS)
    assert [row["event"] for row in rows] == events_of(request_with_history)
    assert [row["number"] for row in rows] == [str(number) for number in range(1, len(rows) + 1)]


@given(st.text())
def test_no_cell_is_a_formula_and_every_other_stays_as_it_is(text):
    shown = harmless(text)

    assert not shown.startswith(tuple(STARTS))
    assert shown == (f"'{text}" if text.startswith(tuple(STARTS)) else text)


@given(st.text(), st.text())
def test_whatever_people_are_called_no_cell_of_the_table_is_a_formula(name, previous):
    row = {
        "entry": {
            "number": 1,
            "at": "2026-01-01",
            "event": "request:opened",
            "actor": "x",
            "previous": previous,
        },
        "hash": "0" * 64,
        "meaning": "A request was recorded.",
        "sentence": f"{name} recorded a request",
        "actor_name": name,
    }

    (cells,) = rows_of(as_csv(iter([row])))

    assert not any(value.startswith(tuple(STARTS)) for value in cells.values())
    assert cells["actor_name"] == harmless(name)


def test_a_colleague_called_like_a_formula_is_shown_and_not_computed(new_request, make_person, officer):
    trickster = make_person("analyst", name='=HYPERLINK("https://evil.example","x")')
    request = new_request(by=trickster)

    rows = rows_of(export_history(request=request, file_format="csv", by=officer))

    assert rows[0]["actor_name"].startswith("'=HYPERLINK")
    assert rows[0]["sentence"].startswith("'=HYPERLINK")


# -- Taking it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", WRITERS)
def test_taking_it_is_recorded_and_the_last_entry_in_it(exported, request_with_history, officer, file_format):
    lines = exported(file_format)

    last = list(entries_of(request_with_history.chain))[-1]
    assert last.event == "history:exported"
    assert last.body["actor"] == officer.reference
    assert last.hash in lines[-1]


def test_it_is_what_stood_when_it_was_taken(request_with_history, officer):
    lines = export_history(request=request_with_history, file_format="jsonl", by=officer)

    list(export_history(request=request_with_history, file_format="csv", by=officer))

    assert json.loads(list(lines)[-1])["entry"]["facts"] == {"format": "jsonl"}


def test_another_format_is_refused_and_nothing_recorded(request_with_history, officer):
    before = events_of(request_with_history)

    with pytest.raises(KeyError):
        export_history(request=request_with_history, file_format="xlsx", by=officer)

    assert events_of(request_with_history) == before


def test_actors_are_named(request_with_history):
    names = actor_names(entry.body["actor"] for entry in entries_of(request_with_history.chain))

    assert set(names.values()) == {"Ana Analyst", "Otto Officer", "Erasure Desk"}
