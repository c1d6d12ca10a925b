from hypothesis import given
from hypothesis import strategies as st

from compliance.sandbox.shelf import Marks, Shelf

IDS = st.sampled_from(["", "a", "A", "aa", "b", "z", "é", "山", "🎉", "a/b"])
MOVES = st.lists(st.tuples(st.sampled_from(["add", "remove", "walk"]), IDS))


@given(MOVES, IDS)
def test_a_shelf_walks_its_ids_in_order_whatever_came_and_went(moves, after):
    shelf, expected = Shelf(invent=lambda record_id, number: (record_id, number)), set()

    for move, record_id in moves:
        if move == "add":
            shelf.add({record_id: (record_id, 0)})
            expected.add(record_id)
        elif move == "remove":
            shelf.remove(record_id)
            expected.discard(record_id)
        else:
            list(shelf.in_order())

    assert list(shelf.in_order()) == sorted(expected)
    assert list(shelf.in_order(after=after)) == sorted(each for each in expected if each > after)
    assert list(shelf.in_order(at_least=after)) == sorted(each for each in expected if each >= after)


def test_an_invented_record_is_made_when_it_is_asked_for():
    shelf = Shelf({"a": 7}, invent=lambda record_id, number: (record_id, number))

    assert shelf.get("a") == ("a", 7)
    assert shelf.get("A") is None


def test_an_added_record_takes_the_place_of_an_invented_one():
    shelf = Shelf({"a": 7}, invent=lambda record_id, number: (record_id, number))

    shelf.add({"a": ("a", "changed")})

    assert shelf.get("a") == ("a", "changed")
    assert len(shelf) == 1


def test_marks_are_kept_in_order():
    marks = Marks()
    marks.add(["b", "a"])
    list(marks.in_order())
    marks.add(["aa"])
    marks.remove("b")

    assert list(marks.in_order()) == ["a", "aa"]
    assert "b" not in marks
