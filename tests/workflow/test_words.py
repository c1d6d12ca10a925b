"""Plain words for what a request does."""

import pytest

from compliance.workflow.kinds import Action
from compliance.workflow.states import Kind, TargetKind
from compliance.workflow.words import ACTIONS, KINDS, Group, deed, one_of, total, what

ACCOUNTS = Group(TargetKind.ACCOUNT, False, True, 3)
VISITORS = Group(TargetKind.VISITOR, False, True, 3000)


def test_every_kind_and_every_action_has_its_words():
    assert set(KINDS) == set(Kind)
    assert set(ACTIONS) == set(Action)


@pytest.mark.parametrize(
    ("kind", "groups", "words"),
    [
        (Kind.OFFBOARDING, [ACCOUNTS, VISITORS], "delete 3 accounts and 3,000 visitors"),
        (Kind.ERASURE, [Group(TargetKind.VISITOR, False, True, 1)], "delete 1 visitor"),
        (
            Kind.GUIDE_RESET,
            [Group(TargetKind.GUIDE, False, False, 2000)],
            "reset 2,000 guides, each for one visitor",
        ),
        (Kind.GUIDE_RESET, [Group(TargetKind.GUIDE, False, True, 12)], "reset all guides of 12 visitors"),
        (Kind.GUIDE_RESET, [Group(TargetKind.GUIDE, True, False, 1)], "reset 1 guide for everybody"),
        (Kind.GUIDE_RESET, [Group(TargetKind.GUIDE, True, True, 2)], "reset all staged guides for everybody"),
        (
            Kind.READMISSION,
            [Group(TargetKind.VISITOR, False, True, 2)],
            "lift Do Not Process for 2 visitors",
        ),
    ],
)
def test_a_deed_says_what_is_done_to_how_many(kind, groups, words):
    assert deed(kind, groups) == words


def test_the_groups_of_several_subscriptions_are_added_up():
    assert what(total([VISITORS, ACCOUNTS, VISITORS])) == "6,000 visitors and 3 accounts"


def test_where_nothing_is_done_it_says_so():
    assert what([]) == "nothing"


def test_a_choice_of_one_is_no_choice():
    assert one_of(["visitor id"]) == "visitor id"
    assert one_of(["guide id", "visitor id", "e-mail address"]) == "guide id, visitor id or e-mail address"
