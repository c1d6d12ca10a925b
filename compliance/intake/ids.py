"""Reading what is named, one a line: ids of visitors, accounts and guides, and e-mail addresses."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from compliance.workflow.states import AskedKind
from compliance.workflow.things import is_email, is_guide_id

if TYPE_CHECKING:
    from collections.abc import Callable

#: No page of Pendo's names a limit; nothing seen is near this.
MOST_ID_BYTES = 1024
LINE_END = re.compile(r"\r\n|\n|\r")
#: Some editors write it in front of a file, so it comes along with what is pasted.
BYTE_ORDER_MARK = "\ufeff"


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


def read_ids(text: str) -> ReadIds:
    """The visitor ids in `text`. White space around an id is cut off; inside, and letter case, it counts."""
    return read_lines(AskedKind.VISITOR, text)


def read_accounts(text: str) -> ReadIds:
    """The account ids in `text`, as exact as visitor ids."""
    return read_lines(AskedKind.ACCOUNT, text)


def read_emails(text: str) -> ReadIds:
    """The e-mail addresses in `text`. Letter case doesn't tell two of them apart."""
    return read_lines(AskedKind.EMAIL, text)


def read_guides(text: str) -> ReadIds:
    """The guide ids in `text`."""
    return read_lines(AskedKind.GUIDE, text)


def read_lines(kind: AskedKind, text: str) -> ReadIds:
    """What stands in `text`, a thing of this kind on each line."""
    named: dict[str, str] = {}
    duplicates, problems = 0, []
    for number, line in enumerate(_lines(text), start=1):
        value = line.strip()
        if not value:
            continue
        same = value.lower() if kind is AskedKind.EMAIL else value
        problem = problem_of(kind, value)
        if problem:
            problems.append((number, problem))
        elif same in named:
            duplicates += 1
        else:
            named[same] = value
    return ReadIds(
        list(named.values()),
        duplicates,
        problems,
        invisible=sum(any(map(_is_unseen, name)) for name in named.values()),
        twins=len(named) - len({name.lower() for name in named}),
    )


def problem_of(kind: AskedKind, value: str) -> str:
    """Why this can't be a thing of the kind, as words that go on from its line's number; empty if it can."""
    if "\t" in value:
        return "holds a tab; paste only the column of the ids"
    if any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in value):
        return "holds an invisible control character; type it again instead of pasting it"
    return _PROBLEMS[kind](value)


def _lines(text: str) -> list[str]:
    # Not str.splitlines: it ends a line at nine more characters, some of which may stand inside an id.
    return LINE_END.split(text.removeprefix(BYTE_ORDER_MARK))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Zl", "Zp"}


def _too_long_for(what: str) -> Callable[[str], str]:
    def problem(value: str) -> str:
        too_long = len(value.encode()) > MOST_ID_BYTES
        return f"is longer than {MOST_ID_BYTES} bytes; is it {what}?" if too_long else ""

    return problem


def _problem_of_email(value: str) -> str:
    if is_email(value):
        return ""
    return "is no e-mail address: it wants one @, with something before and after it, and no space"


def _problem_of_guide(value: str) -> str:
    if is_guide_id(value):
        return ""
    return "is no guide id: that is letters, digits, - and _, as in the guide's address in Pendo"


_PROBLEMS: dict[AskedKind, Callable[[str], str]] = {
    AskedKind.VISITOR: _too_long_for("a visitor id"),
    AskedKind.ACCOUNT: _too_long_for("an account id"),
    AskedKind.EMAIL: _problem_of_email,
    AskedKind.GUIDE: _problem_of_guide,
}
