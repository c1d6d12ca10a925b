"""Reading visitor ids, one a line."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

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
        problem = _problem_of(visitor_id)
        if problem:
            problems.append((number, problem))
        elif visitor_id in ids:
            duplicates += 1
        else:
            ids[visitor_id] = None
    return ReadIds(
        list(ids),
        duplicates,
        problems,
        invisible=sum(any(map(_is_unseen, name)) for name in ids),
        twins=len(ids) - len({name.lower() for name in ids}),
    )


def _lines(text: str) -> list[str]:
    # Not str.splitlines: it ends a line at nine more characters, some of which may stand inside an id.
    return LINE_END.split(text.removeprefix(BYTE_ORDER_MARK))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cf", "Zl", "Zp"}


def _problem_of(visitor_id: str) -> str:
    if "\t" in visitor_id:
        return "holds a tab; paste only the column of the ids"
    if any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in visitor_id):
        return "holds an invisible control character; type it again instead of pasting it"
    if len(visitor_id.encode()) > MOST_ID_BYTES:
        return f"is longer than {MOST_ID_BYTES} bytes; is it a visitor id?"
    return ""
