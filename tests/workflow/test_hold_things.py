"""Reading what a hold names."""

import pytest

from compliance.workflow.hold_things import Named, domains_of, is_domain, read_held, read_table
from compliance.workflow.states import HeldKind


def test_lines_are_read_as_their_kind_and_bad_ones_are_named():
    read = read_held(HeldKind.DOMAIN, "Example.com\n@wombat.example.\nnot a domain\n\nexample.com\ncom")

    assert read.ids == ["example.com", "wombat.example"]
    assert read.duplicates == 1
    assert [number for number, _ in read.problems] == [3, 6]


def test_addresses_and_ids_are_read_as_for_requests():
    assert read_held(HeldKind.EMAIL, "jane@person.example\njane").problems[0][0] == 2
    assert read_held(HeldKind.VISITOR, " a \nA\na").ids == ["a", "A"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_names_things_of_all_kinds(separator):
    rows = [
        ("kind", "value"),
        ("visitor", '"a, b;\tc"' if separator != "\t" else "a"),
        ("E-Mail", "jane@person.example"),
        ("account id", "Acme"),
        ("domain", "Example.com"),
    ]

    table = read_table("\ufeff" + "\r\n".join(separator.join(row) for row in rows))

    assert table.problems == (
        [(2, "holds a tab; paste only the column of the ids")] if separator != "\t" else []
    )
    assert table.things[-3:] == [
        Named(HeldKind.EMAIL, "jane@person.example"),
        Named(HeldKind.ACCOUNT, "Acme"),
        Named(HeldKind.DOMAIN, "example.com"),
    ]


def test_each_bad_line_of_a_table_is_named_and_the_good_ones_are_read():
    table = read_table("visitor,a\nwombat,b\nvisitor\nvisitor,c,d\nemail,jane\n\nvisitor,e,\n")

    assert [number for number, _ in table.problems] == [2, 3, 4, 5]
    assert [thing.value for thing in table.things] == ["a", "e"]


def test_a_table_that_breaks_off_says_where():
    assert read_table("visitor," + "a" * 200_000).problems == [(1, "can't be read; nothing behind it was")]


def test_what_lies_below_a_domain_belongs_to_it():
    assert list(domains_of("jane@a.b.Example.com")) == ["a.b.example.com", "b.example.com", "example.com"]
    assert list(domains_of("jane@localhost")) == []


@pytest.mark.parametrize(
    "text", ["com", "jane@example.com", "https://example.com", "exam ple.com", ".com", ""]
)
def test_what_is_no_domain(text):
    assert not is_domain(text)
