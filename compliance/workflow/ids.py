"""Reading what is named, one a line: ids of visitors, accounts and guides, and e-mail addresses."""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass, field

from .sources import FEWEST_CHARACTERS, is_field_with_value, is_list_id
from .states import LISTS, AskedKind
from .things import as_domain, is_domain, is_email, is_guide_id

#: No page of Pendo's names a limit; nothing seen is near this.
MOST_ID_BYTES = 1024
LINE_END = re.compile(r"\r\n|\n|\r")
#: Some editors write it in front of a file, so it comes along with what is pasted.
BYTE_ORDER_MARK = "\ufeff"


class Problem(enum.Enum):
    """Why something can't be a thing of its kind."""

    TAB = "tab"
    CONTROL = "control"
    TOO_LONG = "too_long"
    NO_EMAIL = "no_email"
    NO_GUIDE = "no_guide"
    TOO_SHORT = "too_short"
    NO_DOMAIN = "no_domain"
    NO_FIELD = "no_field"
    NO_LIST = "no_list"


#: As words that go on from the number of its line.
WORDS = {
    Problem.TAB: "holds a tab; paste only the column of the ids",
    Problem.CONTROL: "holds an invisible control character; type it again instead of pasting it",
    Problem.TOO_LONG: f"is longer than {MOST_ID_BYTES} bytes; is it",
    Problem.NO_EMAIL: (
        "is no e-mail address: it wants one @, with something before and after it, and no space"
    ),
    Problem.NO_GUIDE: "is no guide id: that is letters, digits, - and _, as in the guide's address in Pendo",
    Problem.TOO_SHORT: (
        f"is shorter than {FEWEST_CHARACTERS} characters: so many visitor ids have it that nearly everybody "
        "would be meant"
    ),
    Problem.NO_DOMAIN: "is no e-mail domain, such as qa.example.com",
    Problem.NO_FIELD: (
        "names no metadata field with its value: write group.field=value, such as custom.environment=qa"
    ),
    Problem.NO_LIST: (
        "is no id of a segment or report: that is letters, digits, - and _, as in its address in Pendo"
    ),
}
_TOO_LONG_FOR = {
    AskedKind.VISITOR: "a visitor id",
    AskedKind.ACCOUNT: "an account id",
    AskedKind.PREFIX: "part of a visitor id",
    AskedKind.SUFFIX: "part of a visitor id",
    AskedKind.METADATA: "a metadata field",
}


@dataclass(frozen=True)
class ReadIds:
    """What was understood of the lines: distinct ids in order, and what is wrong with which line."""

    ids: list[str] = field(default_factory=list, repr=False)
    duplicates: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)
    #: Ids with characters that nobody sees, such as zero-width spaces and marks of direction.
    invisible: int = 0
    #: Ids that differ from another one only in upper and lower case: to Pendo, different ones.
    twins: int = 0


def read_lines(kind: AskedKind, text: str) -> ReadIds:
    """What stands in `text`, a thing of this kind on each line.

    White space around it is cut off; inside, it counts, and so does letter case, but for e-mail addresses.
    """
    named: dict[str, str] = {}
    duplicates, problems = 0, []
    for number, line in enumerate(lines_of(text), start=1):
        value = line.strip()
        if not value:
            continue
        value = as_asked(kind, value)
        same = value.lower() if kind is AskedKind.EMAIL else value
        problem = problem_of(kind, value)
        if problem:
            problems.append((number, words_of(problem, kind)))
        elif same in named:
            duplicates += 1
        else:
            named[same] = value
    return ReadIds(
        list(named.values()),
        duplicates,
        problems,
        invisible=sum(map(holds_unseen, named.values())),
        twins=len(named) - len({name.lower() for name in named}),
    )


def problem_of(kind: AskedKind, value: str) -> Problem | None:
    """Why this can't be a thing of the kind; None if it can."""
    if not value.isprintable():
        if "\t" in value:
            return Problem.TAB
        if any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in value):
            return Problem.CONTROL
    if kind is AskedKind.EMAIL:
        return None if is_email(value) else Problem.NO_EMAIL
    if kind is AskedKind.GUIDE:
        return None if is_guide_id(value) else Problem.NO_GUIDE
    if problem := _problem_of_source(kind, value):
        return problem
    # No character has more than four bytes.
    too_long = len(value) > MOST_ID_BYTES // 4 and len(value.encode()) > MOST_ID_BYTES
    return Problem.TOO_LONG if too_long else None


def _problem_of_source(kind: AskedKind, value: str) -> Problem | None:
    if kind in {AskedKind.PREFIX, AskedKind.SUFFIX} and len(value) < FEWEST_CHARACTERS:
        return Problem.TOO_SHORT
    if kind is AskedKind.EMAIL_DOMAIN and not is_domain(value):
        return Problem.NO_DOMAIN
    if kind is AskedKind.METADATA and not is_field_with_value(value):
        return Problem.NO_FIELD
    return Problem.NO_LIST if kind in LISTS and not is_list_id(value) else None


def as_asked(kind: AskedKind, value: str) -> str:
    """The value as it is kept: ids byte for byte; of a domain, letter case and an @ in front don't count."""
    return as_domain(value) if kind is AskedKind.EMAIL_DOMAIN else value


def holds_unseen(value: str) -> bool:
    """Whether a character of it is one that nobody sees, such as a zero-width space."""
    return not value.isprintable() and any(map(_is_unseen, value))


def words_of(problem: Problem, kind: AskedKind) -> str:
    words = WORDS[problem]
    return f"{words} {_TOO_LONG_FOR[kind]}?" if problem is Problem.TOO_LONG else words


def lines_of(text: str) -> list[str]:
    """The lines of what was typed or pasted."""
    # Not str.splitlines: it ends a line at nine more characters, some of which may stand inside an id.
    return LINE_END.split(text.removeprefix(BYTE_ORDER_MARK))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Zl", "Zp"}
