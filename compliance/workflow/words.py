"""Plain words for what a request does, by its kind and by what it acts on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from .kinds import Action, traits_of
from .states import Kind, TargetKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class KindWords(NamedTuple):
    """How a kind of request is offered."""

    name: str
    about: str


KINDS: dict[Kind, KindWords] = {
    Kind.ERASURE: KindWords("Erasure", "A person claims a right under a law."),
    Kind.OFFBOARDING: KindWords("Offboarding", "A customer leaves: accounts, with their visitors."),
    Kind.RETENTION: KindWords("Retention", "Our own policy: purge what is old."),
    Kind.TEST_DATA: KindWords("Test data", "What was made for testing goes."),
    Kind.GUIDE_RESET: KindWords("Guide reset", "Guides are shown afresh. Nobody is deleted."),
    Kind.READMISSION: KindWords("Readmission", "Somebody came back: lift Do Not Process."),
}


class ActionWords(NamedTuple):
    """How an action is spoken of."""

    verb: str
    done: str
    #: What whoever approves it has to know.
    weight: str


ACTIONS: dict[Action, ActionWords] = {
    Action.ERASE: ActionWords("delete", "deleted", "A deletion in Pendo can't be undone."),
    Action.RESET: ActionWords(
        "reset", "reset", "A reset can't be undone: Pendo forgets who has seen the guides."
    ),
    Action.READMIT: ActionWords(
        "lift Do Not Process for", "readmitted", "From then on, Pendo collects data about them again."
    ),
}


@dataclass(frozen=True)
class Group:
    """Targets of one sort, and how many they are."""

    kind: TargetKind
    everybody: bool
    #: Whether no single guide is named: all guides of a visitor, or, until Pendo names them, all staged ones.
    every_guide: bool
    count: int


def action_words(kind: str) -> ActionWords:
    """How the action of this kind of request is spoken of."""
    return ACTIONS[traits_of(kind).action]


def total(groups: Iterable[Group]) -> list[Group]:
    """The groups of all subscriptions together."""
    together: dict[Group, int] = {}
    for group in groups:
        sort = replace(group, count=0)
        together[sort] = together.get(sort, 0) + group.count
    return [replace(sort, count=count) for sort, count in together.items()]


def counted(count: int, singular: str) -> str:
    """A number with its noun: "1 visitor", "3,000 visitors"."""
    return f"{count:,} {singular}{'' if count == 1 else 's'}"


def what(groups: Iterable[Group]) -> str:
    """What is acted on, counted: "3 accounts and 3,000 visitors"."""
    return _and([_of_group(group) for group in groups if group.count]) or "nothing"


def deed(kind: str, groups: Iterable[Group]) -> str:
    """What a request of this kind does to them: "delete 3 accounts and 3,000 visitors"."""
    return f"{action_words(kind).verb} {what(groups)}"


def one_of(names: Sequence[str]) -> str:
    """The names as a choice: "visitor id, e-mail address or account id"."""
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _of_group(group: Group) -> str:
    if group.kind != TargetKind.GUIDE:
        return counted(group.count, TargetKind(group.kind).label.lower())
    if group.everybody:
        return "all staged guides for everybody" if group.every_guide else f"{_guides(group)} for everybody"
    if group.every_guide:
        return f"all guides of {counted(group.count, 'visitor')}"
    return f"{_guides(group)}, each for one visitor"


def _guides(group: Group) -> str:
    return counted(group.count, "guide")


def _and(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
