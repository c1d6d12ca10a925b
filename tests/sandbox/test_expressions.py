import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.sandbox.expressions import holds, parse
from compliance.sandbox.problems import Problem

ROW = {"id": "m", "n": 5, "list": ["a", "b"], "deep": {"er": "x"}, "flag": True}


@given(st.text())
def test_any_text_as_a_json_string_is_found_and_nothing_else(text):
    expression = parse(f"id == {json.dumps(text)}")

    assert holds(expression, {"id": text})
    assert not holds(expression, {"id": text + "x"})


@given(st.text(), st.text())
def test_comparison_of_texts_is_that_of_code_points(one, two):
    assert holds(parse(f"id > {json.dumps(one)}"), {"id": two}) == (two > one)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('id == "m"', True),
        ('id != "m"', False),
        ('id >= "m" && n <= 5', True),
        ("n < 5", False),
        ("n == 5.0", True),
        ('n > "4"', False),
        ('missing > "a"', False),
        ("missing == null", True),
        ("flag == true", True),
        ('deep.er == "x"', True),
        ('contains(list, "b")', True),
        ('contains(list, "bb")', False),
        ('contains(deep.er, "x")', True),
        ('startsWith(id, "m") && id == "n"', False),
        ('id == "n" || id == "m"', True),
        ('id=="n"||n==5&&flag==false', False),
    ],
)
def test_an_expression_holds_or_not(text, expected):
    assert holds(parse(text), ROW) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "id",
        "id ==",
        'id == "a',
        "id == `a`",
        'id == "a" &&',
        'id == "a" b',
        "id , 1",
        r'id == "\q"',
        "contains(id)",
    ],
)
def test_what_is_not_an_expression_is_refused(text):
    with pytest.raises(Problem) as refused:
        parse(text)

    assert refused.value.status == 422
