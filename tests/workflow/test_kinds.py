"""What distinguishes the kinds of request."""

from compliance.workflow.kinds import TRAITS, Action, traits_of
from compliance.workflow.states import AskedKind, Kind


def test_every_kind_has_its_traits():
    assert set(TRAITS) == set(Kind)


def test_only_an_erasure_has_a_law():
    assert [kind for kind in Kind if traits_of(kind).has_law] == [Kind.ERASURE]


def test_guides_are_asked_for_by_guide_resets_only():
    asking = [kind for kind in Kind if AskedKind.GUIDE in traits_of(kind).asks]

    assert asking == [Kind.GUIDE_RESET]
    assert traits_of(Kind.GUIDE_RESET).action is Action.RESET


def test_what_is_mostly_named_may_be_asked():
    assert all(traits.first in traits.asks for traits in TRAITS.values())
