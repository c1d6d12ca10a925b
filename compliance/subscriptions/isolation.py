"""One key or subscription that fails holds up no other."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)


def for_each(pks: Iterable[int], act: Callable[[int], object], *, what: str) -> None:
    """It is done for each, or the log says for which it couldn't be; the next time, it is tried again."""
    for pk in pks:
        try:
            act(pk)
        except Exception:
            log.exception("%s/%s could not be looked after", what, pk)
