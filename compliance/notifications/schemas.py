"""What the API takes in and gives out about webhooks and events."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from compliance.connectors.targets import LONGEST_URL
from compliance.core.schemas import Moment, PageAsked, PageOut, Taken

from .event_types import EventType

MOST_EVENTS = 100


class SubscribeIn(Taken):
    """What is sent where."""

    target_url: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_URL)] = Field(
        description="Where messages are posted to: https, and reachable from the internet."
    )
    event: EventType = Field(description="The type of event.")
    expiration_date: Moment | None = Field(
        default=None, description="When it ends by itself; at the latest when the token expires."
    )


class HookOut(BaseModel):
    """A subscription."""

    id: int
    event: EventType
    host: str = Field(description="Of the address; the rest of it is told to nobody.")
    added_at: dt.datetime
    expiration_date: dt.datetime = Field(description="Subscribe again before: it stays the same one.")
    paused: bool = Field(description="An administrator has paused it: messages wait.")


class NewHookOut(HookOut):
    """A subscription with its secret."""

    secret: str = Field(description="Messages are signed with it. Told here only.")


class HookList(BaseModel):
    """Subscriptions, the newest first."""

    hooks: list[HookOut]


class MessageOut(BaseModel):
    """An event, in exactly the form of a message."""

    id: str = Field(description="The message's id: the same in each repetition, and in every list.")
    type: EventType
    timestamp: dt.datetime = Field(description="When it happened.")
    data: dict[str, Any] = Field(description="By its type: see the webhooks of this document.")


class EventsAsked(PageAsked):
    """Which events, and which page of them."""

    type: EventType | None = None
    reference: Annotated[str, StringConstraints(pattern=r"^(ED-[0-9A-Z]{8})?$")] = Field(
        default="", description="Of a request: ours."
    )


class EventPage(PageOut):
    """Some events, the newest first."""

    events: list[MessageOut]
