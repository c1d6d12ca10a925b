"""What distinguishes the kinds of request: one table. Nothing else asks which kind a request is."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from .states import AskedKind, Kind


class Action(enum.Enum):
    """What is done to the targets of a request, as its digests name it."""

    ERASE = "erase"
    RESET = "reset guides"
    READMIT = "lift Do Not Process"


@dataclass(frozen=True)
class Traits:
    """What holds for every request of a kind."""

    action: Action
    #: What may be asked by name.
    asks: frozenset[AskedKind]
    #: Whether a law gives it clocks, and it has a person concerned, a channel, an identity and letters.
    has_law: bool = False
    #: Whether it names the policy that it carries out.
    has_policy: bool = False
    #: Whether it says why it is wanted.
    has_reason: bool = False
    #: Whether one approval is enough, however many targets it has: what it does can be undone.
    one_approval: bool = False
    #: Whether it is mostly about what was made for testing: other subscriptions than the production ones.
    for_tests: bool = False
    #: Whether it is noticed when what it erased is there again.
    watched: bool = False
    #: Whether other systems that hold the same data are told of it, as far as the register says so.
    tells_recipients: bool = False
    #: What is mostly named.
    first: AskedKind = AskedKind.VISITOR
    #: Days after receipt by which it is to be sent, where no law says so and nobody named a day.
    days: int = 30

    @property
    def rank(self) -> int:
        """The place of its requests in every queue of work, before any date: the law's, ours, tests."""
        if self.has_law:
            return 0
        return 2 if self.for_tests else 1


_RECORDS = frozenset({AskedKind.VISITOR, AskedKind.ACCOUNT, AskedKind.EMAIL})

TRAITS: dict[Kind, Traits] = {
    Kind.ERASURE: Traits(Action.ERASE, _RECORDS, has_law=True, watched=True, tells_recipients=True),
    Kind.OFFBOARDING: Traits(
        Action.ERASE, _RECORDS, first=AskedKind.ACCOUNT, watched=True, tells_recipients=True
    ),
    Kind.RETENTION: Traits(Action.ERASE, _RECORDS, has_policy=True),
    Kind.TEST_DATA: Traits(Action.ERASE, _RECORDS, for_tests=True),
    Kind.GUIDE_RESET: Traits(
        Action.RESET,
        frozenset({AskedKind.GUIDE, AskedKind.STAGED, AskedKind.VISITOR, AskedKind.EMAIL}),
        for_tests=True,
        first=AskedKind.GUIDE,
    ),
    Kind.READMISSION: Traits(
        Action.READMIT, frozenset({AskedKind.VISITOR}), has_reason=True, one_approval=True
    ),
}
#: Of these a request has a law, known or not yet.
KINDS_WITH_LAW = tuple(kind for kind, traits in TRAITS.items() if traits.has_law)
#: What a request of these has erased is looked for again and again.
KINDS_WATCHED = tuple(kind for kind, traits in TRAITS.items() if traits.watched)
#: These are about what was made for testing.
KINDS_FOR_TESTS = frozenset(kind for kind, traits in TRAITS.items() if traits.for_tests)
#: Of these other systems may have to be told.
KINDS_WITH_RECIPIENTS = tuple(kind for kind, traits in TRAITS.items() if traits.tells_recipients)


def traits_of(kind: str) -> Traits:
    """What holds for a request of this kind."""
    return TRAITS[Kind(kind)]
