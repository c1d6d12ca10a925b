"""What the API takes in and gives out about holds: for legal only."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from compliance.core.schemas import Day, Name, PageOut, Taken, Text

from .hold_reasons import HoldReason
from .hold_things import MOST_HELD
from .states import HeldKind

Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^\x00]+$")]


class HoldIn(Taken):
    """Why the targets of a request are held. Its owner is the token's."""

    reason: HoldReason
    matter: Name = Field(description="Its name or number, for legal's eyes only; kept under seal.")
    review_on: Day = Field(description="By when legal asks whether it is still wanted: within a year.")
    do_not_process: StrictBool = Field(
        default=False,
        description="Whether Pendo is told to collect nothing more about the visitors whom it keeps back.",
    )


class HeldIn(Taken):
    """One thing that is held."""

    kind: HeldKind = Field(
        description=(
            "`visitor` and `account`: the exact id, an account with all its visitors. `email`: an address, "
            "with any +tag. `domain`: an e-mail domain, with what lies below it."
        )
    )
    value: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class HoldByListIn(HoldIn):
    """Why something is held, and what."""

    things: list[HeldIn] = Field(min_length=1, max_length=MOST_HELD)
    subscriptions: list[Annotated[str, StringConstraints(min_length=1, max_length=80)]] = Field(
        default_factory=list,
        max_length=100,
        description="Only in these, by name or reference. None: in all of them, and in those to come.",
    )


class ReviewIn(Taken):
    """Who looks at a hold next, and by when."""

    review_on: Day
    owner: Email | None = Field(
        default=None, description="The e-mail address of a colleague in legal. Left out: the token's owner."
    )


class ResumeIn(Taken):
    """What becomes of Do Not Process where it was set because of a hold."""

    leave_do_not_process: StrictBool = Field(
        default=False, description="Whether it stays set, for the erasure goes on."
    )


class LiftIn(ResumeIn):
    """Why a hold is wanted no more, and what becomes of Do Not Process where it was set because of it."""

    reason: Text = Field(description="Kept under seal, for legal's eyes only.")


class HoldWhere(BaseModel):
    """Where a hold stands, without what it is about."""

    number: int = Field(description="By it the hold is called.")
    reason: HoldReason
    count: int = Field(description="How many things it names.")
    review_on: dt.date
    stands: bool
    do_not_process: bool = Field(description="Whether Do Not Process is set for whom it keeps back.")


class HoldOut(HoldWhere):
    """A hold."""

    matter: str
    kinds: list[HeldKind]
    everywhere: bool = Field(description="Whether it reaches every subscription, those to come as well.")
    request: str | None = Field(description="The request on whose targets it was placed, if it was.")
    owner: str
    placed_at: dt.datetime
    lifted_at: dt.datetime | None
    held: int = Field(description="How many targets it keeps back.")


class ThingOut(BaseModel):
    """One thing that a hold names."""

    kind: HeldKind
    value: str


class ReachedOut(BaseModel):
    """A request, and how many of its targets."""

    reference: str
    targets: int


class HoldWithThings(HoldOut):
    """A hold, with the first things that it names, and the requests that it reaches."""

    things: list[ThingOut] = Field(description="Up to fifty; none once it is lifted.")
    lift_reason: str = Field(description="Why it was lifted; empty while it stands.")
    kept_back: list[ReachedOut] = Field(description="Requests of which it keeps something back, or kept.")
    ordered_before: list[ReachedOut] = Field(
        description="Requests that had ordered the deletion before: no hold calls that back."
    )


class HoldPage(PageOut):
    """Some holds."""

    holds: list[HoldOut]


class HoldsFound(BaseModel):
    """Holds that name what was looked for, standing or lifted."""

    holds: list[HoldOut]
