"""Reading a file part by part."""

import csv
import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.intake.csv_layout import understand
from compliance.intake.csv_lines import MOST_LINE_BYTES, MOST_LINES_OF_ROW, Place, Reason, read_part
from compliance.workflow.states import AskedKind

#: What people and exports put into ids: slashes, plus signs, quotes, separators, emoji, line separators.
VALUE = (
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Co"]), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
    .filter(lambda text: not text.startswith("\ufeff"))
)
ODD = 'visitor id;name\nä/b+c;"one\r\ntwo"\r\n"say ""hi""";x\r🙂;"a;b"\n"bad;x\nlast;y'


def read(body, *, cuts=(), layout=None):
    """Everything that the file holds, read in parts that end at the cuts."""
    layout = layout or understand(body)
    place, parts = Place(), []
    edges = [0, *cuts, len(body)]
    for start, end in itertools.pairwise(edges):
        parts.append(read_part(body[start:end], place=place, layout=layout, last=end == len(body)))
    things = [thing.value for part in parts for thing in part.things]
    bad = [(row.number, row.reason) for part in parts for row in part.bad]
    return things, bad


@given(
    st.lists(st.tuples(VALUE, VALUE), min_size=1, max_size=20),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.booleans(),
    st.integers(0, 400),
)
def test_whatever_a_writer_of_csv_makes_comes_back_byte_for_byte(rows, delimiter, end, quoting, mark, cut):
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerows([("name", "Visitor ID"), *rows])
    body = ("\ufeff" if mark else "").encode() + file.getvalue().encode()

    things, bad = read(body, cuts=[min(cut, len(body))])

    assert things == [visitor_id for _, visitor_id in rows]
    assert not bad


@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_make_it_raise_and_no_cut_changes_what_is_read(body, cut):
    assert read(body) == read(body, cuts=[min(cut, len(body))])


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_cut_at_every_byte_reads_as_it_does_whole(mark):
    body = mark + ODD.encode()
    whole = read(body)

    assert whole == (["ä/b+c", 'say "hi"', "🙂", "last"], [(6, Reason.QUOTES)])
    assert all(read(body, cuts=[cut]) == whole for cut in range(len(body)))
    assert read(body, cuts=range(1, len(body))) == whole


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"one", Reason.CUT_OFF),
        (b"one,two,three", Reason.TOO_MANY_CELLS),
        (b",two", Reason.NOTHING),
        (b'"one,two', Reason.QUOTES),
        (b'"one"x,two', Reason.QUOTES),
        (b"o\x00ne,two", Reason.CONTROL),
        (b"o\tne,two", Reason.TAB),
        (b"M\xfcller,two", Reason.NOT_UTF8),
        (b"x" * 1025 + b",two", Reason.TOO_LONG),
        (b"x" * (MOST_LINE_BYTES + 1) + b",two", Reason.LONG_LINE),
        (b'"' + b"x" * (MOST_LINE_BYTES + 1), Reason.LONG_LINE),
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_damaged_line_is_named_and_spoils_no_other(line, reason, end):
    body = end.join([b"visitor id,name", b"before,x", line, b"after,y", b""])

    assert read(body) == (["before", "after"], [(3, reason)])
    assert read(body, cuts=[25, len(body) - 4]) == read(body)


@pytest.mark.parametrize("line", [b"one,", b"one,two,", b"one,two,,", b' one ,"t""wo"', b"one,a\xfcb"])
def test_a_line_whose_value_is_whole_is_good(line):
    things, bad = read(b"visitor id,name\n" + line + b"\n")

    assert (things, bad) == (["one"], [])


def test_empty_lines_and_lines_of_separators_only_say_nothing():
    assert read(b"visitor id,name\n\n  \n,\n,,,\none,x\n\n") == (["one"], [])


def test_a_value_that_may_be_cut_off_is_not_taken_for_another_persons():
    assert read(b"name,visitor id,seen\nJane,user-123,2020\nJoe,user-12") == (
        ["user-123"],
        [(3, Reason.CUT_OFF)],
    )


def test_of_a_mark_that_is_never_closed_only_its_own_line_is_lost():
    ids = [f"v{number}" for number in range(200)]
    lines = [*ids[:100], '"stray', *ids[100:]]

    things, bad = read("\n".join(["visitor id", *lines]).encode())

    assert things == ids
    assert bad == [(102, Reason.QUOTES)]


@pytest.mark.parametrize("apart", [1, 10, MOST_LINES_OF_ROW - 2, MOST_LINES_OF_ROW + 5])
def test_two_stray_marks_do_not_swallow_what_stands_between_them(apart):
    between = [f"v{number},x" for number in range(apart)]
    body = "\n".join(["visitor id,name", '"a,x', *between, 'b,"y', "end,z"]).encode()

    things, bad = read(body)

    assert things == [*(line[:-2] for line in between), "end"]
    assert bad == [(2, Reason.QUOTES), (apart + 3, Reason.QUOTES)]


def test_a_line_that_never_ends_takes_no_memory_and_spoils_no_other():
    body = b"visitor id\none\n" + b"x" * 10 * MOST_LINE_BYTES + b"\ntwo\n"
    layout, place, longest, things = understand(body), Place(), 0, []
    for start in range(0, len(body), 1000):
        part = read_part(
            body[start : start + 1000], place=place, layout=layout, last=start + 1000 >= len(body)
        )
        longest = max(longest, len(place.rest))
        things += [thing.value for thing in part.things]

    assert things == ["one", "two"]
    assert longest <= MOST_LINE_BYTES
    assert place.line == 5


def test_several_used_columns_name_a_thing_each():
    layout = understand(b"visitor id,account id\n")
    both = layout.__class__(**{**vars(layout), "uses": (AskedKind.VISITOR, AskedKind.ACCOUNT)})

    assert read(b"visitor id,account id\na,b\n,c\nd,\n", layout=both)[0] == ["a", "b", "c", "d"]


def test_what_is_no_e_mail_address_is_a_bad_line():
    assert read(b"e-mail\njane@person.example\nJane Doe\n") == (
        ["jane@person.example"],
        [(3, Reason.NO_EMAIL)],
    )
