"""Sealing, lookup digests, commitments and set digests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core import crypto

KEY, OTHER_KEY = bytes(range(32)), bytes(range(1, 33))
KINDS = st.sampled_from(["visitor", "account", "guide"])
TEXTS = st.text(max_size=60)


@given(plain=st.binary(max_size=200), purpose=TEXTS)
def test_what_is_sealed_opens_for_the_same_purpose(plain, purpose):
    sealed = crypto.seal(KEY, plain, purpose=purpose)

    assert crypto.open_sealed(KEY, sealed, purpose=purpose) == plain


@given(plain=st.binary(max_size=60), place=st.integers(min_value=0), flip=st.integers(1, 255))
def test_a_flipped_byte_anywhere_breaks_the_seal(plain, place, flip):
    sealed = bytearray(crypto.seal(KEY, plain, purpose="target"))
    sealed[place % len(sealed)] ^= flip

    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(KEY, bytes(sealed), purpose="target")


@given(length=st.integers(0, 40))
def test_a_cut_value_breaks_the_seal(length):
    sealed = crypto.seal(KEY, b"a visitor id", purpose="target")

    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(KEY, sealed[:length], purpose="target")


def test_another_purpose_breaks_the_seal():
    sealed = crypto.seal(KEY, b"a visitor id", purpose="target")

    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(KEY, sealed, purpose="note")


def test_another_key_breaks_the_seal():
    sealed = crypto.seal(KEY, b"a visitor id", purpose="target")

    with pytest.raises(crypto.SealBroken):
        crypto.open_sealed(OTHER_KEY, sealed, purpose="target")


def test_a_broken_seal_does_not_tell_what_was_in_it():
    sealed = crypto.seal(KEY, b"jane@example.com", purpose="target")

    with pytest.raises(crypto.SealBroken) as caught:
        crypto.open_sealed(OTHER_KEY, sealed, purpose="target")

    assert "jane" not in str(caught.value)


def test_the_same_value_sealed_twice_looks_different():
    assert crypto.seal(KEY, b"same", purpose="p") != crypto.seal(KEY, b"same", purpose="p")


def test_new_data_keys_are_32_bytes_and_differ():
    keys = {crypto.new_data_key() for _ in range(10)}

    assert {len(key) for key in keys} == {32}
    assert len(keys) == 10


@given(one=st.lists(st.binary(max_size=8), max_size=4), other=st.lists(st.binary(max_size=8), max_size=4))
def test_framing_is_different_for_different_lists(one, other):
    assert (crypto.framed(*one) == crypto.framed(*other)) == (one == other)


@given(one=st.tuples(KINDS, TEXTS), other=st.tuples(KINDS, TEXTS))
def test_lookup_digests_are_equal_only_for_the_same_kind_and_value(one, other):
    digests = [crypto.lookup_digest({1: KEY}, kind, value) for kind, value in (one, other)]

    assert (digests[0] == digests[1]) == (one == other)


def test_moving_a_letter_from_kind_to_value_changes_the_digest():
    assert crypto.lookup_digest({1: KEY}, "visitor", "1a") != crypto.lookup_digest({1: KEY}, "visitor1", "a")


@pytest.mark.parametrize("typed", ["Jane@Example.com", "  jane@example.com\n", "JANE@EXAMPLE.COM"])
def test_email_addresses_count_without_case_and_surrounding_space(typed):
    assert crypto.lookup_digest({1: KEY}, "email", typed) == crypto.lookup_digest(
        {1: KEY}, "email", "jane@example.com"
    )


@pytest.mark.parametrize("other", ["Visitor-1", "visitor-1 ", " visitor-1", "visitor-1\n", "visitor‐1"])
def test_visitor_ids_count_byte_for_byte(other):
    assert crypto.lookup_digest({1: KEY}, "visitor", "visitor-1") != crypto.lookup_digest(
        {1: KEY}, "visitor", other
    )


def test_the_newest_digest_key_makes_what_is_stored():
    assert crypto.lookup_digest({2: OTHER_KEY, 1: KEY}, "visitor", "a").key_number == 2


def test_a_search_covers_every_digest_key():
    stored_long_ago = crypto.lookup_digest({1: KEY}, "visitor", "a")

    searched = crypto.lookup_digests({1: KEY, 2: OTHER_KEY}, "visitor", "a")

    assert [digest.key_number for digest in searched] == [1, 2]
    assert stored_long_ago in searched


@given(one=st.lists(TEXTS, max_size=3), other=st.lists(TEXTS, max_size=3))
def test_commitments_are_equal_only_for_the_same_parts(one, other):
    assert (crypto.commitment(KEY, *one) == crypto.commitment(KEY, *other)) == (one == other)


@given(part=TEXTS)
def test_a_commitment_under_another_key_has_nothing_in_common(part):
    assert crypto.commitment(KEY, part) != crypto.commitment(OTHER_KEY, part)


@given(part=TEXTS)
def test_a_commitment_is_not_the_lookup_digest_under_the_same_key(part):
    assert crypto.commitment(KEY, "visitor", part) != crypto.lookup_digest({1: KEY}, "visitor", part).value


COMMITMENTS = st.lists(st.binary(min_size=32, max_size=32), max_size=6)


@given(commitments=COMMITMENTS, randomly=st.randoms())
def test_a_set_digest_does_not_depend_on_the_order(commitments, randomly):
    shuffled = list(commitments)
    randomly.shuffle(shuffled)

    assert crypto.set_digest(commitments, action="erase") == crypto.set_digest(shuffled, action="erase")


@given(commitments=COMMITMENTS, extra=st.binary(min_size=32, max_size=32))
def test_a_set_digest_changes_with_one_more_member(commitments, extra):
    longer = [*commitments, extra]

    assert crypto.set_digest(commitments, action="erase") != crypto.set_digest(longer, action="erase")


@given(commitments=COMMITMENTS.filter(bool), flip=st.integers(0, 255))
def test_a_set_digest_changes_with_one_changed_member(commitments, flip):
    first = bytes([commitments[0][0] ^ (flip or 1)]) + commitments[0][1:]
    changed = [first, *commitments[1:]]

    assert crypto.set_digest(commitments, action="erase") != crypto.set_digest(changed, action="erase")


def test_a_set_digest_changes_with_action_and_options():
    digests = {
        crypto.set_digest([b"c"], action="erase"),
        crypto.set_digest([b"c"], action="reset"),
        crypto.set_digest([b"c"], action="erase", options=["a"]),
        crypto.set_digest([b"c"], action="erase", options=["a", "b"]),
        crypto.set_digest([b"c"], action="erase", options=["ab"]),
    }

    assert len(digests) == 5
