"""Reading visitor ids, one a line."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

#: No page of Pendo's names a limit; nothing seen is near this.
MOST_ID_BYTES = 1024


@dataclass(frozen=True)
class ReadIds:
    """What was understood of the lines: distinct ids in order, duplicates folded, and what is wrong with a line."""

    ids: list[str] = field(default_factory=list, repr=False)
    duplicates: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)
    #: Ids that differ from another one only in upper and lower case: to Pendo, different visitors.
    twins: int = 0


def read_ids(text: str) -> ReadIds:
    """The ids in `text`. White space around an id is cut off; inside, and letter case, it counts."""
    ids: dict[str, None] = {}
    duplicates, problems = 0, []
    for number, line in enumerate(text.splitlines(), start=1):
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
    return ReadIds(list(ids), duplicates, problems, twins=len(ids) - len({name.lower() for name in ids}))


def _problem_of(visitor_id: str) -> str:
    if any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in visitor_id):
        return "holds an invisible control character; type it again instead of pasting it"
    if len(visitor_id.encode()) > MOST_ID_BYTES:
        return f"is longer than {MOST_ID_BYTES} bytes; is it a visitor id?"
    return ""
