"""How the numbers of the policy read, and what may be typed for each."""

from __future__ import annotations

from typing import NamedTuple

from compliance.core.errors import Refused

from .policy import NAMES, Numbers, Policy, type_of_number
from .states import Kind


class Words(NamedTuple):
    """A number of the policy: its name for people, its unit, the least and most that may be typed, help."""

    label: str
    unit: str = ""
    least: int = 0
    most: int = 0
    help: str = ""

    @property
    def bounds(self) -> str:
        """What may be typed, in words."""
        return f"Choose {self.least} to {self.most} {self.unit}."


#: Three days: the law's clock goes on while a request waits.
MOST_MINUTES = 3 * 24 * 60
MOST_TARGETS = 1_000_000
#: What Pendo takes in one call.
MOST_IN_A_CALL = 500

WORDS: dict[str, Words] = {
    "two_people_over": Words(
        "Two people over", "targets", 0, MOST_TARGETS, "0: every request wants two people."
    ),
    "two_people_for_accounts": Words("Any account"),
    "two_people_for_wipes": Words("Resetting a guide for everybody"),
    "grace_minutes": Words(
        "Grace",
        "minutes",
        0,
        MOST_MINUTES,
        "How long anyone may cancel after the approval; up to three days.",
    ),
    "canary_over": Words(
        "Canary over", "targets", 0, MOST_TARGETS, "A larger request begins with one call of a few targets."
    ),
    "canary_size": Words("Canary size", "targets", 1, MOST_IN_A_CALL),
}


def shown(name: str, value: type_of_number) -> str:
    """A value as people read it."""
    if value is None:
        return "never"
    if isinstance(value, bool):
        return "two people" if value else "one person"
    unit = WORDS[name].unit
    return f"{value} {unit[:-1] if value == 1 else unit}"


def sentence(numbers: Numbers) -> str:
    """What a line says, in a few words."""
    said = [
        f"{WORDS[name].label.lower()}: {shown(name, getattr(numbers, name))}"
        for name in NAMES
        if getattr(numbers, name) is not None
    ]
    return ", ".join(said) or "nothing of its own"


def labels(names: list[str]) -> str:
    """Names of numbers as people read them."""
    return ", ".join(WORDS[name].label.lower() for name in names)


def kind_label(kind: str) -> str:
    """A kind of request as people read it."""
    return Kind(kind).label if kind else "every kind"


def seasoned_hours(policy: Policy) -> int:
    """For how many hours an officer holds the role before approving alone."""
    return int(policy.seasoned_after.total_seconds() // 3600)


def refuse_out_of_range(numbers: Numbers) -> None:
    """Raises `Refused` for a number that can't be meant."""
    for name, words in WORDS.items():
        value = getattr(numbers, name)
        bounded = value is not None and not isinstance(value, bool)
        if bounded and not words.least <= value <= words.most:
            raise Refused(f"{words.label}: {words.bounds}")
