"""Reasons that are written out: specific to one request, or sent back to be written again."""

from __future__ import annotations

import re

from compliance.core.errors import Refused

#: Words that say something about this request; fewer say nothing.
FEWEST_WORDS = 5
#: How a company that is busy begins a word: none of these concerns the person who waits.
#: Reference: IMY DI-2021-10488 (Klarna), where a holiday's staffing was no reason.
NOT_THEIR_CONCERN = (
    "absen",
    "backlog",
    "busy",
    "capacit",
    "christmas",
    "colleague",
    "department",
    "employ",
    "holiday",
    "illness",
    "office",
    "personnel",
    "resourc",
    "season",
    "shortage",
    "sick",
    "staff",
    "summer",
    "team",
    "understaff",
    "vacation",
    "winter",
    "workload",
)
#: They carry no reason by themselves.
_FILLERS = frozenset(
    re.findall(
        r"\w+",
        """the and our are was were has have had with for from that this these those due because currently
        very too many much more most lot lots need needs needed time some any all not now but will can cannot
        its during high long short months month weeks week days day period requests request answer law legal
        company reasons reason please people person complex complexity necessary reasonably number there their
        they your you into than then also being been over under about which who takes take""",
    )
)


def refuse_vague(text: str, *, instead: str) -> None:
    """Raises `Refused`, with what to write instead, for an empty reason and one that fits every request."""
    words = {word for word in re.findall(r"[^\W_]{3,}", text.lower()) if word not in _FILLERS}
    generic = {word for word in words if word.startswith(NOT_THEIR_CONCERN)}
    if len(words - generic) >= FEWEST_WORDS:
        return
    if generic:
        raise Refused(f"Holidays, staff and workload are no reason towards the person. {instead}")
    if text.strip():
        raise Refused(f"This would fit any request. {instead}")
    raise Refused(f"Give a reason. {instead}")
