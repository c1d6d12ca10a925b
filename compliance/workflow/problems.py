"""What the workflow's refusals are to a program: each with a type of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.core.problems import REFUSED, Problem

from .errors import NoFurtherApproval, NotThisPerson, SetHasChanged, StateChanged

if TYPE_CHECKING:
    from compliance.core.errors import Refused

SET_HAS_CHANGED = Problem("set-has-changed", 409, "This is not the preview that was looked at")
NO_FURTHER_APPROVAL = Problem("no-further-approval", 409, "No approval is wanted")
STATE_CHANGED = Problem("state-changed", 409, "The request is in another state")
NOT_THIS_PERSON = Problem("not-this-person", 403, "Somebody else has to do this")
FORGOTTEN = Problem("forgotten", 410, "What was asked is forgotten")

PROBLEMS: dict[type[Refused], Problem] = {
    SetHasChanged: SET_HAS_CHANGED,
    NoFurtherApproval: NO_FURTHER_APPROVAL,
    StateChanged: STATE_CHANGED,
    NotThisPerson: NOT_THIS_PERSON,
}


def problem_of(refusal: Refused) -> Problem:
    """The problem that a refusal is; the general one for a refusal that callers needn't tell apart."""
    return next((PROBLEMS[kind] for kind in type(refusal).__mro__ if kind in PROBLEMS), REFUSED)
