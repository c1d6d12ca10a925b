import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.connectors.answers import Answer, Verdict
from compliance.connectors.pendo.records import (
    Deletion,
    Lookup,
    Visitor,
    account_from,
    deletion_from,
    deletions_from,
    guide_from,
    list_in,
    text_fields_from,
    visitor_from,
    visitor_in_row,
    without_other_ids,
)

FIELDS = ["id", "visitorId", "requestId", "status", "state", "metadata", "auto", "agent", "pendo", "email"]
FIELDS += ["accountIds", "accountids", "firstvisit", "lastvisit", "visitors", "donotprocess"]
names = st.sampled_from(FIELDS) | st.text(max_size=5)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=25,
)


def texts_directly_in_lists(data):
    if isinstance(data, dict):
        return [text for value in data.values() for text in texts_directly_in_lists(value)]
    if isinstance(data, list):
        deeper = [text for item in data for text in texts_directly_in_lists(item)]
        return [item for item in data if isinstance(item, str)] + deeper
    return []


# -- visitors ----------------------------------------------------------------------------------------------


@given(data=json)
def test_any_json_is_a_visitor_or_none(data):
    for read in (visitor_from, visitor_in_row):
        visitor = read(data)
        assert visitor is None or (isinstance(visitor.id, str) and isinstance(visitor.email, str))


@given(data=json)
def test_any_json_is_an_account_a_guide_and_a_schema_or_none(data):
    account, guide, fields = account_from(data), guide_from(data), text_fields_from(data)

    assert account is None or all(isinstance(text, str) for text in (account.id, *account.parents))
    assert guide is None or isinstance(guide.state, str)
    assert fields is None or all(isinstance(path, str) for path in fields)


def test_visitor_as_the_documentation_prints_it_is_read():
    data = {
        "id": "ana",
        "accountIds": ["Acme Rail 1", "acct-2"],
        "metadata": {
            "agent": {"email": "ana@mail.example"},
            "auto": {"firstvisit": 1_700_000_000_000, "lastvisit": 1_700_000_060_000},
            "pendo": {"donotprocess": True},
        },
    }

    visitor = visitor_from(data)

    assert visitor == Visitor(
        id="ana",
        accounts=("Acme Rail 1", "acct-2"),
        email="ana@mail.example",
        first_visit=dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC),
        last_visit=dt.datetime(2023, 11, 14, 22, 14, 20, tzinfo=dt.UTC),
        do_not_process=True,
    )


def test_visitor_as_a_row_of_an_aggregation_is_read():
    visitor = visitor_from({"visitorId": "0", "metadata": {"auto": {"accountids": ["acct-2"]}}})

    assert (visitor.id, visitor.accounts) == ("0", ("acct-2",))


@pytest.mark.parametrize("moment", [None, 0, -1, True, "1700000000000", 10**40, float("nan"), float("inf")])
def test_moment_that_is_none_is_left_out(moment):
    visitor = visitor_from({"id": "ana", "metadata": {"auto": {"lastvisit": moment}}})

    assert visitor.last_visit is None


def test_representations_show_no_personal_data():
    visitor = Visitor("ana", ("Acme Rail 1",), "ana@mail.example")
    shown = (
        repr(visitor)
        + repr(Lookup(Answer(Verdict.OK, 200), visitor))
        + repr(Deletion("r1", visitors=frozenset({"ana"})))
    )

    assert "ana" not in shown
    assert "Acme" not in shown


# -- deletions ---------------------------------------------------------------------------------------------


@given(data=json)
def test_any_json_is_a_deletion_or_none(data):
    deletion = deletion_from(data)

    assert deletion is None or (0 < len(deletion.id) <= 200 and deletion.word.isprintable())


@given(data=json)
def test_any_json_is_a_list_of_deletions_or_none(data):
    deletions = deletions_from(data)

    assert deletions is None or all(isinstance(deletion, Deletion) for deletion in deletions)


@pytest.mark.parametrize(
    "data",
    [{"id": "r1"}, {"requestId": "r1"}, {"id": None, "requestID": "r1"}, {"id": "r1", "requestId": "x"}],
)
def test_deletion_is_known_by_its_id_under_either_name(data):
    assert deletion_from(data).id == "r1"


@pytest.mark.parametrize("identifier", ["", ".", "..", True, 1.5, ["r1"], {"id": "r1"}, "a\nb", "x" * 201])
def test_deletion_that_could_not_be_asked_for_again_is_none(identifier):
    assert deletion_from({"id": identifier}) is None


@pytest.mark.parametrize("status", [["ana"], {"ana": "done"}, "line\nbreak", True, 0.5])
def test_status_that_is_no_word_is_not_kept(status):
    assert deletion_from({"id": 7, "status": status}).word == ""


@pytest.mark.parametrize("word", ["completed", "Done", "SUCCESS"])
def test_word_for_done_says_so(word):
    deletion = Deletion("r1", word)

    assert (deletion.says_done, deletion.says_nothing_unknown) == (True, True)


@pytest.mark.parametrize("word", ["queued", "Processing", ""])
def test_word_for_open_or_none_says_nothing_unknown(word):
    deletion = Deletion("r1", word)

    assert (deletion.says_done, deletion.says_nothing_unknown) == (False, True)


def test_word_never_seen_is_unknown():
    deletion = Deletion("r1", "partially_shredded")

    assert (deletion.says_done, deletion.says_nothing_unknown) == (False, False)


def test_deletion_names_the_texts_in_its_lists():
    deletion = deletion_from({"id": "r1", "visitors": ["ana", "ben"], "more": {"ids": [["carla"]]}})

    assert deletion.ids("visitor") == {"ana", "ben", "carla"}


def test_deletion_of_accounts_names_no_visitor_with_the_same_id():
    deletion = deletion_from({"id": "r1", "accounts": ["acme"], "ids": ["both"]})

    assert (deletion.ids("visitor"), deletion.ids("account")) == ({"both"}, {"acme", "both"})


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        ([{"id": "r1"}, {"id": "r2"}], ["r1", "r2"]),
        ({"total": 1, "requests": [{"id": "r1"}]}, ["r1"]),
        ([], []),
        (None, []),
    ],
)
def test_deletions_are_read_from_a_list_or_from_the_list_in_an_object(data, ids):
    assert [deletion.id for deletion in deletions_from(data)] == ids


@pytest.mark.parametrize("data", [{}, "r1", 7, {"id": "r1"}, [{"id": "r1"}, {}], ["r1"]])
def test_what_is_no_list_of_deletions_is_none(data):
    assert deletions_from(data) is None


def test_null_is_an_empty_list_and_anything_else_none():
    assert (list_in(None), list_in([1]), list_in({}), list_in("ab")) == ([], [1], None, None)


# -- other people's ids ------------------------------------------------------------------------------------


@given(data=json, keep=st.frozensets(st.text(max_size=3)))
def test_no_text_of_others_is_left_in_a_list(data, keep):
    left = without_other_ids(data, keep)

    assert set(texts_directly_in_lists(left)) <= keep


@given(data=json)
def test_nothing_is_cut_where_every_text_is_kept(data):
    assert repr(without_other_ids(data, frozenset(_texts(data)))) == repr(data)


def test_objects_in_a_list_that_are_about_others_are_cut_whole():
    data = {
        "id": "r1",
        "visitors": [{"id": "ana", "status": "done"}, {"id": "ben", "status": "done"}],
        "steps": [{"at": 1}],
    }

    left = without_other_ids(data, frozenset({"ana"}))

    assert left == {"id": "r1", "visitors": [{"id": "ana", "status": "done"}], "steps": [{"at": 1}]}


def _texts(data):
    if isinstance(data, str):
        return [data]
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for item in inner for text in _texts(item)]
