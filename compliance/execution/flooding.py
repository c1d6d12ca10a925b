"""What a person has decided about a flood of requests is carried out, request by request."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from compliance.workflow.flooding import carry_out, decided_floods, kept_back, settle_flood

from .turns import attempt, in_time

if TYPE_CHECKING:
    from compliance.workflow.models import Flood, ProgramOpening, Request


def carry_out_floods() -> None:
    """Some more of what was kept back goes on, or is cancelled, as a person has decided."""
    for flood in decided_floods():
        for opening in in_time(kept_back(flood).iterator()):
            attempt(partial(_carry_out, opening, flood), opening.request)
        settle_flood(flood)


def _carry_out(opening: ProgramOpening, flood: Flood, _: Request) -> None:
    carry_out(opening, flood)
