"""Canonical bytes, hashes, and finding the first fault of a chain."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from compliance.audit import chain

FACTS = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.text(max_size=12) | st.integers() | st.booleans() | st.none(),
    max_size=3,
)
HISTORIES = st.lists(FACTS, min_size=1, max_size=6)


def chained(history):
    texts, previous = [], chain.START
    for number, facts in enumerate(history, start=1):
        texts.append(chain.canonical({"number": number, "previous": previous, "facts": facts}))
        previous = chain.entry_hash(texts[-1])
    return texts


@given(facts=FACTS)
def test_the_canonical_text_reads_back_as_what_it_was_made_of(facts):
    assert json.loads(chain.canonical(facts)) == facts


@given(facts=FACTS, randomly=st.randoms())
def test_the_canonical_text_does_not_depend_on_the_order_of_keys(facts, randomly):
    items = list(facts.items())
    randomly.shuffle(items)

    assert chain.canonical(dict(items)) == chain.canonical(facts)


def test_the_canonical_text_has_no_spaces_and_keeps_letters_readable():
    assert chain.canonical({"b": "ü", "a": [1, None]}) == '{"a":[1,null],"b":"ü"}'


@pytest.mark.parametrize("value", [0.5, {"a": 1.0}, [{"a": [2.0]}], float("nan")])
def test_floating_point_numbers_are_refused(value):
    with pytest.raises(TypeError):
        chain.canonical({"fact": value})


def test_the_hash_is_over_the_leaf_prefix_and_the_text():
    # RFC 6962: SHA-256 over 0x00 and the leaf; of an empty leaf this value.
    assert chain.entry_hash("") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


@given(history=HISTORIES)
def test_a_chain_as_it_was_written_has_no_fault(history):
    assert chain.first_fault(chained(history)) is None


def test_an_empty_chain_has_no_fault():
    assert chain.first_fault([]) is None


@given(history=st.lists(FACTS, min_size=2, max_size=6), data=st.data())
def test_a_change_is_found_at_the_entry_after_it(history, data):
    texts = chained(history)
    place = data.draw(st.integers(0, len(texts) - 2))
    changed = json.loads(texts[place]) | {"facts": {"forged": True}}
    assume(history[place] != {"forged": True})
    texts[place] = chain.canonical(changed)

    assert chain.first_fault(texts).startswith(f"entry {place + 2}: expected previous hash ")


@given(history=HISTORIES, data=st.data())
def test_a_change_of_number_is_found_at_its_place(history, data):
    texts = chained(history)
    place = data.draw(st.integers(0, len(texts) - 1))
    texts[place] = chain.canonical(json.loads(texts[place]) | {"number": 99})

    assert chain.first_fault(texts) == f"expected entry {place + 1}, got entry 99"


@given(history=HISTORIES, data=st.data())
def test_an_insertion_is_found_at_its_place(history, data):
    texts = chained(history)
    place = data.draw(st.integers(0, len(texts)))
    stranger = {"number": place + 1, "previous": "f" * 64, "facts": {}}
    texts.insert(place, chain.canonical(stranger))

    assert chain.first_fault(texts).startswith(f"entry {place + 1}: expected previous hash ")


@given(history=st.lists(FACTS, min_size=2, max_size=6), data=st.data())
def test_a_removal_before_the_end_is_found_at_its_place(history, data):
    texts = chained(history)
    place = data.draw(st.integers(0, len(texts) - 2))
    del texts[place]

    assert chain.first_fault(texts) == f"expected entry {place + 1}, got entry {place + 2}"


@given(history=st.lists(FACTS, min_size=2, max_size=6), data=st.data())
def test_a_change_of_order_is_found_at_its_first_place(history, data):
    texts = chained(history)
    one, other = sorted(data.draw(st.sets(st.integers(0, len(texts) - 1), min_size=2, max_size=2)))
    texts[one], texts[other] = texts[other], texts[one]

    assert chain.first_fault(texts) == f"expected entry {one + 1}, got entry {other + 1}"


@given(history=st.lists(FACTS, min_size=2, max_size=6), data=st.data())
def test_a_renumbered_removal_is_found_at_its_place(history, data):
    texts = chained(history)
    place = data.draw(st.integers(0, len(texts) - 2))
    del texts[place]
    for later in range(place, len(texts)):
        texts[later] = chain.canonical(json.loads(texts[later]) | {"number": later + 1})

    assert chain.first_fault(texts).startswith(f"entry {place + 1}: ")
