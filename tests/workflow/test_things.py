"""What a request names."""

import pytest

from compliance.workflow.states import AskedKind
from compliance.workflow.things import Thing, mailbox, named


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
