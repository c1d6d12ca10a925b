"""Guard patterns: what matches, what covers what, and what guards nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core.errors import Refused
from compliance.workflow.patterns import covers, matches, refuse_bad_pattern

FEW = st.text("ab*", max_size=7)
TEXTS = st.text("ab", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "text", "does"),
    [
        ("qa-*", "qa-1", True),
        ("qa-*", "qa-", True),
        ("qa-*", "xqa-1", False),
        ("qa-*", "QA-1", False),
        ("*@test.example", "a@test.example", True),
        ("*@test.example", "a@test.example.com", False),
        ("qa-*-bot", "qa-bot", False),
        ("qa-*-bot", "qa-1-bot", True),
        ("aba*aba", "aba", False),
        ("qa-1", "qa-1", True),
        ("qa-1", "qa-12", False),
        ("qa-?", "qa-1", False),
        ("qa-[0-9]", "qa-1", False),
        ("a*b*c", "a1b2c", True),
        ("a*b*c", "acb", False),
        ("a**c", "abc", True),
    ],
)
def test_a_pattern_matches_whole_ids_and_nothing_but_a_star_is_special(pattern, text, does):
    assert matches(pattern, text) == does


@given(pattern=FEW, text=TEXTS)
def test_it_means_what_a_regular_expression_would(pattern, text):
    expression = ".*".join(re.escape(part) for part in pattern.split("*"))

    assert matches(pattern, text) == bool(re.fullmatch(expression, text))


@given(wider=FEW, pattern=FEW, text=TEXTS)
def test_whatever_matches_a_covered_pattern_matches_the_wider_one(wider, pattern, text):
    if covers(wider, pattern) and matches(pattern, text):
        assert matches(wider, text)


def test_a_long_pattern_of_stars_takes_no_long_time():
    assert not matches("*".join("a" * 100), "a" * 90 + "b" * 20_000)


@pytest.mark.parametrize("pattern", ["", "*", "**", "a*", "*b*", "qa-*\n", " qa-*", "q" * 201])
def test_what_guards_nothing_or_can_not_be_a_pattern_is_refused(pattern):
    with pytest.raises(Refused):
        refuse_bad_pattern(pattern)
