"""What an officer types before a weighty approval: a click is quickly made, a number has to be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .queries import wipes

if TYPE_CHECKING:
    from .models import Preview

#: From so many targets on, their number is typed.
TYPED_FROM = 10
#: Typed where several guides are wiped for everybody, and no single id names them.
WIPE = "WIPE"
_SEPARATORS = re.compile(r"[\s.,'\u2019]")


@dataclass(frozen=True)
class Typed:
    """What has to be typed, and what it is called."""

    text: str
    name: str
    is_number: bool = False

    @property
    def shown(self) -> str:
        """The text as it is easily read."""
        return f"{int(self.text):,}" if self.is_number else self.text

    def is_met_by(self, typed: str) -> bool:
        """Whether this was typed. Separators of thousands are as one likes."""
        if self.is_number:
            return _SEPARATORS.sub("", typed) == self.text
        return typed.strip() == self.text


def to_be_typed(preview: Preview) -> Typed | None:
    """What has to be typed to approve this preview; None where a click is enough."""
    guides = set(wipes(preview.request).values_list("guide", flat=True))
    if guides:
        only = len(guides) == 1
        return Typed(guides.pop(), "the id of the guide") if only else Typed(WIPE, f"the word {WIPE}")
    if preview.found >= TYPED_FROM:
        return Typed(str(preview.found), "the number of targets", is_number=True)
    return None
