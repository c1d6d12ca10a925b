"""What the API takes in and gives out about subscriptions and their lanes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from compliance.core.schemas import Taken

from .models import KeyVerdict, LaneKind, PauseReason, Purpose
from .stopping import MOST_REASON_CHARACTERS


class StopIn(Taken):
    """Why all sending is stopped."""

    reason: Annotated[
        str, StringConstraints(min_length=1, max_length=MOST_REASON_CHARACTERS, pattern=r"^[^\x00]+$")
    ] = Field(description="An officer has to know when it may go on. Kept under seal.")


class KeyOut(BaseModel):
    """A Pendo key in use: its age, never itself."""

    purpose: Purpose
    fingerprint: str = Field(description="Tells two keys apart without showing either.")
    made_on: dt.date
    rotate_by: dt.date
    verdict: KeyVerdict | None = Field(description="What Pendo said of it when it was last asked.")
    checked_at: dt.datetime | None


class SubscriptionOut(BaseModel):
    """A Pendo subscription."""

    number: int = Field(description="By it the subscription is called.")
    name: str
    region: str
    production: bool
    email_field: str = Field(description="Where its visitors' e-mail addresses stand in Pendo's metadata.")
    works: bool = Field(description="Whether calls can be made now.")
    paused_because: PauseReason | None
    paused_at: dt.datetime | None
    silent_since: dt.datetime | None = Field(description="Since when Pendo gives no usable answer.")
    keys: list[KeyOut]


class SubscriptionsOut(BaseModel):
    """All subscriptions, by name."""

    subscriptions: list[SubscriptionOut]


class LaneOut(BaseModel):
    """The pace of a kind of call to a subscription."""

    kind: LaneKind
    waits_until: dt.datetime | None = Field(description="Null where it may send now.")
    failures: int = Field(description="Calls that Pendo has put off one after the other.")
    rate: float | None = Field(description="Calls a second, where the lane finds that out.")
    held: bool = Field(description="Whether somebody sends in it at this moment.")


class SubscriptionWithLanes(SubscriptionOut):
    """A Pendo subscription, and how its lanes stand."""

    lanes: list[LaneOut]


class SendingOut(BaseModel):
    """Whether anything is sent at all."""

    stopped: bool
    stopped_at: dt.datetime | None
    stopped_by: str | None


class SendingWithReason(SendingOut):
    """Whether anything is sent at all, and why not."""

    reason: str = Field(description="Empty where nothing is stopped.")
