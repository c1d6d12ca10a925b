"""What kind of file it is."""

import pytest

from compliance.intake.csv_layout import COMMA, NONE, SEMICOLON, TAB, Failure, failure_of, understand
from compliance.workflow.states import AskedKind

V, A, E = AskedKind.VISITOR, AskedKind.ACCOUNT, AskedKind.EMAIL


@pytest.mark.parametrize(
    ("text", "delimiter", "uses", "has_heading"),
    [
        ("visitor_id,name\na,b", COMMA, (V, None), True),
        ("Name;visitorId\na;b", SEMICOLON, (None, V), True),
        ("E-Mail\tName\na@b\tc", TAB, (E, None), True),
        ("ACCOUNT ID;Konto\na;b", SEMICOLON, (A, None), True),
        # One column names each person, the visitor id before all.
        ("email,account,visitor id\na@b,c,d", COMMA, (None, None, V), True),
        ("email,account\na@b,c", COMMA, (None, A), True),
        # The surest name of a heading before the others.
        ("id,visitor_id\n1,a", COMMA, (None, V), True),
        ("visitor id\na,b\nc", NONE, (V,), True),
        ("one\ntwo", NONE, (V,), False),
        ("Doe, Jane\ntwo\nthree\nfour\nfive\nsix", NONE, (V,), False),
        ("one;two\nthree;four", SEMICOLON, (None, None), False),
        ('"a,b";c\n"d,e";f', SEMICOLON, (None, None), False),
        ("sep=;\nvisitor id;a,b\nx;y", SEMICOLON, (V, None), True),
        ('"visitor\nid";name\na;b', SEMICOLON, (V, None), True),
        ("", NONE, (V,), False),
        ("\n\nvisitor id;x\na;b", SEMICOLON, (V, None), True),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_layout_is_told_from_the_first_lines(text, delimiter, uses, has_heading, mark):
    layout = understand((mark + text).encode())

    assert (layout.delimiter, layout.uses, layout.has_heading) == (delimiter, uses, has_heading)


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("a\nb", 0),
        ("visitor id\nb", 1),
        ("sep=,\nvisitor id,x\nb,c", 2),
        ('"visitor\nid",x\nb,c', 2),
        ("\n\nvisitor id\nb", 3),
    ],
)
def test_the_lines_before_the_first_value_are_counted(text, head):
    assert understand(text.encode()).head == head


def test_damaged_lines_do_not_hide_the_separator():
    lines = [f"v{number};n" for number in range(90)] + ["damaged"] * 10

    assert understand("\n".join(lines).encode()).delimiter == SEMICOLON


def test_what_a_person_says_counts():
    layout = understand(b"visitor id,x\na,b", delimiter=NONE, has_heading=False)

    assert (layout.names, layout.uses, layout.head) == (("visitor id,x",), (V,), 0)


def test_a_line_without_end_is_looked_at_without_raising():
    assert understand(b'"' + b"x" * 300_000).width == 1


@pytest.mark.parametrize(
    ("start", "failure"),
    [
        (b"PK\x03\x04\x14\x00", Failure.WORKBOOK),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", Failure.WORKBOOK),
        ("\ufeffid\n".encode("utf-16-le"), Failure.UTF16),
        ("id\nvisitor".encode("utf-16-be"), Failure.NO_TEXT),
        (b"%PDF-1.7", Failure.NO_TEXT),
        (b"id\nvisitor\n", None),
        (b"id\nvis\x00itor-with-one-damaged-byte\n", None),
        (b"", None),
    ],
)
def test_what_is_no_text_in_utf8_is_told_by_its_first_bytes(start, failure):
    assert failure_of(start) == failure
