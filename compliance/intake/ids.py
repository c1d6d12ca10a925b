"""Reading visitor ids, one a line."""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass, field

#: No page of Pendo's names a limit; nothing seen is near this.
MOST_ID_BYTES = 1024
LINE_END = re.compile(r"\r\n|\n|\r")
#: Some editors write it in front of a file, so it comes along with what is pasted.
BYTE_ORDER_MARK = "\ufeff"


class Problem(enum.Enum):
    """What an id can't hold."""

    TAB = "holds a tab; paste only the column of the ids"
    CONTROL = "holds an invisible control character; type it again instead of pasting it"
    TOO_LONG = f"is longer than {MOST_ID_BYTES} bytes; is it a visitor id?"


@dataclass(frozen=True)
class ReadIds:
    """What was understood of the lines: distinct ids in order, and what is wrong with which line."""

    ids: list[str] = field(default_factory=list, repr=False)
    duplicates: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)
    #: Ids with characters that nobody sees, such as zero-width spaces and marks of direction.
    invisible: int = 0
    #: Ids that differ from another one only in upper and lower case: to Pendo, different visitors.
    twins: int = 0


def read_ids(text: str) -> ReadIds:
    """The ids in `text`. White space around an id is cut off; inside, and letter case, it counts."""
    ids: dict[str, None] = {}
    duplicates, problems = 0, []
    for number, line in enumerate(_lines(text), start=1):
        visitor_id = line.strip()
        if not visitor_id:
            continue
        problem = problem_of(visitor_id)
        if problem:
            problems.append((number, problem.value))
        elif visitor_id in ids:
            duplicates += 1
        else:
            ids[visitor_id] = None
    return ReadIds(
        list(ids),
        duplicates,
        problems,
        invisible=sum(map(holds_unseen, ids)),
        twins=len(ids) - len({name.lower() for name in ids}),
    )


def _lines(text: str) -> list[str]:
    # Not str.splitlines: it ends a line at nine more characters, some of which may stand inside an id.
    return LINE_END.split(text.removeprefix(BYTE_ORDER_MARK))


def holds_unseen(visitor_id: str) -> bool:
    """Whether a character of it is one that nobody sees, such as a zero-width space."""
    return not visitor_id.isprintable() and any(map(_is_unseen, visitor_id))


def problem_of(visitor_id: str) -> Problem | None:
    """Why this can't be an id."""
    if visitor_id.isprintable() and len(visitor_id) <= MOST_ID_BYTES // 4:
        return None
    if "\t" in visitor_id:
        return Problem.TAB
    if any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in visitor_id):
        return Problem.CONTROL
    return Problem.TOO_LONG if len(visitor_id.encode()) > MOST_ID_BYTES else None


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Zl", "Zp"}
