"""Tables of members, in whatever pieces they come."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.connectors.pendo.tables import MOST_ROW_LETTERS, NO_TABLE, CsvRows, JsonRows

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
sizes = st.integers(1, 9)


def read(rows, body, size):
    found = []
    for start in range(0, len(body), size):
        found += rows.feed(body[start : start + size])
    return [*found, *rows.end()]


@given(table=st.lists(st.lists(texts.filter(bool), min_size=2, max_size=3), min_size=1), size=sizes)
def test_csv_is_read_whatever_stands_in_its_cells_and_wherever_it_is_cut(table, size):
    table = [["visitorId", "name"], *table]
    text = io.StringIO()
    csv.writer(text).writerows(table)

    assert read(CsvRows(), text.getvalue().encode(), size) == table


def test_csv_may_begin_with_a_mark_and_end_without_a_line_end():
    assert read(CsvRows(), b"\xef\xbb\xbfvisitorId\na\nb", 4) == [["visitorId"], ["a"], ["b"]]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"<!doctype html><html>",
        b'{"id": "9f3',
        b'id\n"a',
        b"id\n\xff\xfe\n",
        b'id\n"' + b"a" * 2_000_000,
    ],
    ids=["empty", "blank", "html", "json", "cut off", "no utf-8", "endless"],
)
def test_what_is_no_csv_is_refused(body):
    with pytest.raises(NO_TABLE):
        read(CsvRows(), body, 65_536)


values = st.recursive(st.none() | st.booleans() | st.integers() | texts, st.lists, max_leaves=3)


@given(table=st.lists(st.dictionaries(texts, values, max_size=3), max_size=6), size=sizes)
def test_json_array_is_read_whatever_stands_in_it_and_wherever_it_is_cut(table, size):
    for text in (json.dumps(table), json.dumps(table, indent=2, ensure_ascii=False)):
        assert read(JsonRows(), text.encode(), size) == table


def test_null_is_an_empty_array():
    assert read(JsonRows(), b" null\n", 2) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"a": 1}',
        b'[{"a": 1}',
        b'[{"a": 1}, {"b"',
        b"nul",
        b'[{"a": "' + b"a" * MOST_ROW_LETTERS,
    ],
    ids=["empty", "html", "object", "not closed", "half a row", "half a word", "endless"],
)
def test_what_is_no_array_is_refused(body):
    with pytest.raises(NO_TABLE):
        read(JsonRows(), body, 65_536)
