"""Reading visitor ids, one a line."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.workflow.ids import MOST_ID_BYTES, read_lines
from compliance.workflow.states import AskedKind

read_ids, read_accounts, read_emails, read_guides = (
    partial(read_lines, kind)
    for kind in (AskedKind.VISITOR, AskedKind.ACCOUNT, AskedKind.EMAIL, AskedKind.GUIDE)
)

#: Ends of lines to str.splitlines, but not here.
NO_ENDS = ["\u2028", "\u2029"]
#: What nobody sees, and an id may hold.
UNSEEN = ["\u200b", "\u200d", "\u200e", "\u200f", "\u202e", "\u2060", "\ufeff"]
ONE_LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co"]), min_size=1, max_size=40)


@given(st.lists(ONE_LINE.map(str.strip).filter(bool), unique=True), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_id_comes_back_byte_for_byte(ids, end):
    ids = [visitor_id for visitor_id in ids if not visitor_id.startswith("\ufeff")]

    assert read_ids(end.join(ids)).ids == ids


@given(st.text())
def test_whatever_is_pasted_is_read_or_named_and_never_raises(text):
    read = read_ids(text)

    assert all(visitor_id and visitor_id == visitor_id.strip() for visitor_id in read.ids)
    assert len(set(read.ids)) == len(read.ids)


@pytest.mark.parametrize("character", NO_ENDS + UNSEEN, ids=ascii)
def test_an_odd_character_inside_does_not_split_or_change_an_id(character):
    read = read_ids(f"one{character}two")

    assert read.ids == [f"one{character}two"]
    assert read.invisible == 1


def test_white_space_around_an_id_and_empty_lines_do_not_count():
    assert read_ids("  one \n\n \t\ntwo\u00a0\n").ids == ["one", "two"]


def test_white_space_inside_an_id_counts():
    assert read_ids("jane  doe").ids == ["jane  doe"]


def test_the_mark_that_some_editors_write_in_front_is_no_part_of_the_first_id():
    read = read_ids("\ufeffone\ntwo")

    assert (read.ids, read.invisible) == (["one", "two"], 0)


def test_lines_of_windows_unix_and_old_spreadsheets_end_alike():
    assert read_ids("one\r\ntwo\nthree\rfour").ids == ["one", "two", "three", "four"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("one\ttwo", "tab"),
        ("one\x00", "control character"),
        ("one\x0btwo", "control character"),
        ("one\x85two", "control character"),
        ("one\ud800", "control character"),
        ("x" * (MOST_ID_BYTES + 1), "longer than"),
        ("ß" * MOST_ID_BYTES, "longer than"),
    ],
    ids=ascii,
)
def test_a_bad_line_is_named_with_its_number_and_the_good_ones_are_kept(line, words):
    read = read_ids(f"good\n{line}\nbetter")

    assert read.ids == ["good", "better"]
    ((number, reason),) = read.problems
    assert number == 2
    assert words in reason
    assert line not in reason


def test_the_longest_id_is_still_one():
    assert read_ids("x" * MOST_ID_BYTES).problems == []


def test_duplicates_are_folded_and_counted():
    read = read_ids("one\ntwo\none\n one ")

    assert (read.ids, read.duplicates) == (["one", "two"], 2)


def test_twins_by_letter_case_are_both_kept_and_counted():
    read = read_ids("Anna\nanna\nANNA\nben")

    assert (read.ids, read.twins) == (["Anna", "anna", "ANNA", "ben"], 2)


def test_two_ways_to_write_the_same_letter_are_two_ids():
    assert len(read_ids("n\u00e4me\nna\u0308me").ids) == 2


def test_what_was_read_shows_nobody_in_its_representation():
    assert "jane" not in repr(read_ids("jane\njane\nJane"))


# -- Accounts, e-mail addresses, guides ----------------------------------------------------------------------


def test_account_ids_are_as_exact_as_visitor_ids():
    assert read_accounts(" Harbour Ltd \nharbour ltd\nHarbour Ltd").ids == ["Harbour Ltd", "harbour ltd"]
    assert "an account id" in read_accounts("x" * (MOST_ID_BYTES + 1)).problems[0][1]


def test_an_address_in_other_letters_is_the_same_address():
    read = read_emails("Jane@Person.example\njane@person.example\njoe@person.example")

    assert (read.ids, read.duplicates, read.twins) == (["Jane@Person.example", "joe@person.example"], 1, 0)


def test_what_is_no_address_or_no_guide_is_named_with_its_line():
    emails, guides = read_emails("jane@person.example\njane"), read_guides("guide-one\n\nstaged")

    assert [number for number, _ in emails.problems] == [2]
    assert "e-mail address" in emails.problems[0][1]
    assert [number for number, _ in guides.problems] == [3]
    assert "guide id" in guides.problems[0][1]
