"""What a request names."""

import pytest

from compliance.workflow.states import AskedKind
from compliance.workflow.things import MOST_GUIDE_LETTERS, Thing, is_email, is_guide_id, mailbox, named


def test_named_things_keep_their_order_and_letter_case():
    assert named(AskedKind.VISITOR, ["b", "A"]) == [
        Thing(AskedKind.VISITOR, "b"),
        Thing(AskedKind.VISITOR, "A"),
    ]


def test_a_thing_does_not_show_its_value():
    assert "jane" not in repr(Thing(AskedKind.EMAIL, "jane@person.example"))


@pytest.mark.parametrize(
    ("email", "box"),
    [
        ("jane@person.example", "jane@person.example"),
        ("jane+shop@person.example", "jane@person.example"),
        ("jane+a+b@person.example", "jane@person.example"),
        ("jane@a+b.example", "jane@a+b.example"),
        ('"a@b"+x@person.example', '"a@b"@person.example'),
        ("no address", "no address"),
        ("@person.example", "@person.example"),
    ],
)
def test_the_tag_after_a_plus_is_no_part_of_the_mailbox(email, box):
    assert mailbox(email) == box


@pytest.mark.parametrize(
    "value", ["jane@person.example", "jane+x@person.example", '"j.d"@localhost', "ü@ä.de"]
)
def test_an_address_has_one_at_sign_with_something_on_both_sides(value):
    assert is_email(value)


@pytest.mark.parametrize("value", ["", "jane", "@b", "a@", "a@b@c", "a b@c", "a@b\n", "a" * 250 + "@b.de"])
def test_anything_else_is_no_address(value):
    assert not is_email(value)


@pytest.mark.parametrize("value", ["g0123456789abcdef", "Zx1-y_9", "x" * MOST_GUIDE_LETTERS])
def test_a_guide_id_is_plain(value):
    assert is_guide_id(value)


@pytest.mark.parametrize("value", ["", "a/b", "..", "a b", "a%2Fb", "x" * (MOST_GUIDE_LETTERS + 1)])
def test_what_would_leave_its_place_in_an_address_is_no_guide_id(value):
    assert not is_guide_id(value)


@pytest.mark.parametrize("value", ["all", "staged", "ALL", "Staged"])
def test_the_words_by_which_pendo_means_many_guides_are_no_guide_ids(value):
    assert not is_guide_id(value)
