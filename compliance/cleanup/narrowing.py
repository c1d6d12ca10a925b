"""Narrowing one run: to visitors named in a file, to one guide. A rule is never widened by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance.core import keyring
from compliance.core.errors import Refused
from compliance.workflow.ids import lines_of, problem_of, words_of
from compliance.workflow.opening import MOST_ASKED
from compliance.workflow.patterns import matches
from compliance.workflow.states import AskedKind
from compliance.workflow.things import Thing, is_guide_id

from .choices import ASKED, FOR_EVERYBODY, SHOWN_BY_THE_ID, RuleAction, Source
from .definition import ids_of, lines_in_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .models import Version


@dataclass(frozen=True)
class Narrowed:
    """What a run is narrowed to: a guide, and visitors by the line that names them (None: all of them)."""

    visitors: Mapping[str, int] | None = field(default=None, repr=False)
    guide: str = ""

    @property
    def digest(self) -> bytes:
        """What two runs that are narrowed alike share; empty where nothing is narrowed."""
        if self.visitors is None and not self.guide:
            return b""
        return keyring.lookup_digest("narrowing", "\n".join([self.guide, *sorted(self.visitors or ())])).value


def read_visitors(text: str) -> dict[str, int]:
    """The ids in the text, one a line, with their lines. Raises `Refused` that names the wrong lines."""
    read: dict[str, int] = {}
    wrong: list[str] = []
    for number, line in enumerate(lines_of(text), start=1):
        if not (name := line.strip()):
            continue
        if problem := problem_of(AskedKind.VISITOR, name):
            wrong.append(f"Line {number} {words_of(problem, AskedKind.VISITOR)}.")
        read.setdefault(name, number)
    if wrong:
        raise Refused(" ".join(wrong[:10]))
    if not read:
        raise Refused("No visitor is named: give one id a line, or run the rule as it is.")
    if len(read) > MOST_ASKED:
        raise Refused(f"{len(read):,} visitors are named; a run is narrowed to at most {MOST_ASKED:,}.")
    return read


def refuse_wider(version: Version, narrowed: Narrowed) -> None:
    """Raises `Refused` for whatever lies outside the rule as far as that shows; ids are named by their lines.

    Of an id that doesn't show whether it belongs, only Pendo can say: it isn't touched unless it does.
    """
    _refuse_other_guide(version, narrowed.guide)
    if narrowed.visitors is None:
        return
    if version.action in FOR_EVERYBODY:
        raise Refused("This rule resets guides for everybody: it can't be narrowed to visitors.")
    outside = sorted(line for name, line in narrowed.visitors.items() if not matches(version.pattern, name))
    if outside:
        raise Refused(f"The guard pattern {version.pattern} doesn't cover {lines_in_words(outside)}.")
    outside = sorted(narrowed.visitors[name] for name in _not_of_source(version, narrowed.visitors))
    if outside:
        raise Refused(f"The rule isn't about {lines_in_words(outside)}: a run is narrowed, never widened.")


def things_of(version: Version, narrowed: Narrowed) -> list[Thing]:
    """What a run asks."""
    return [*_guides(version, narrowed), *_visitors(version, narrowed)]


def _not_of_source(version: Version, names: Iterable[str]) -> Iterable[str]:
    source = Source(version.source)
    if source == Source.LIST:
        return set(names) - set(ids_of(version))
    if source == Source.PREFIX:
        return [name for name in names if not name.startswith(version.value)]
    if source == Source.SUFFIX:
        return [name for name in names if not name.endswith(version.value)]
    return ()


def _refuse_other_guide(version: Version, guide: str) -> None:
    if not guide:
        return
    if version.action not in {*_NARROWED_TO_GUIDE, RuleAction.RESET_GUIDE, RuleAction.RESET_STAGED}:
        raise Refused("This rule resets no guides, so it can't be narrowed to one.")
    if not is_guide_id(guide):
        raise Refused("Give the id of one guide, as in its address in Pendo.")
    if version.guide and guide != version.guide:
        raise Refused(f"This rule resets the guide {version.guide}, and no other.")


def _guides(version: Version, narrowed: Narrowed) -> list[Thing]:
    guide = version.guide or narrowed.guide
    if guide:
        return [Thing(AskedKind.GUIDE, guide)]
    return [Thing(AskedKind.STAGED, "")] if version.action in FOR_EVERYBODY else []


def _visitors(version: Version, narrowed: Narrowed) -> list[Thing]:
    if not version.source:
        return []
    source = Source(version.source)
    if narrowed.visitors is not None and source in SHOWN_BY_THE_ID:
        return [Thing(AskedKind.VISITOR, name) for name in narrowed.visitors]
    values = ids_of(version) if source == Source.LIST else [version.value]
    return [Thing(ASKED[source], value) for value in values]


#: They reset several guides, of which a run may take one.
_NARROWED_TO_GUIDE = frozenset({RuleAction.RESET_GUIDES, RuleAction.RESET_ALL_STAGED})
