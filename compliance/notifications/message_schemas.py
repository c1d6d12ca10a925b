"""What a message says, for each type of event: its form is part of the interface, and none names a person."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from compliance.workflow.states import Kind, State

from .event_types import TEST, EventType


class RequestData(BaseModel):
    """The request that an event is about, as it stood right after it."""

    reference: str = Field(description="Ours: by it the request is called.", examples=["ED-7Q2M9XKD"])
    external_reference: str = Field(
        description="Yours; empty if you gave none.", examples=["TICKET-1042"], max_length=80
    )
    kind: Kind = Field(examples=["erasure"])
    state: State = Field(examples=["previewing"])
    law: str | None = Field(
        description="Null where none is known yet, or none applies.", examples=["EU_GDPR"]
    )
    received_on: dt.date = Field(examples=["2026-11-02"])
    send_by: dt.date = Field(
        description="By when the order must reach Pendo to be in time.", examples=["2026-11-08"]
    )
    url: str = Field(
        description="Its page here, for people.", examples=["https://desk.example.com/requests/ED-7Q2M9XKD/"]
    )


class ApprovedData(RequestData):
    """An approved request."""

    state: State = Field(examples=["approved"])
    grace_until: dt.datetime = Field(
        description="Until then anyone may cancel; then sending begins.", examples=["2026-11-04T10:00:00Z"]
    )


class RefusedData(RequestData):
    """A refused request."""

    state: State = Field(examples=["refused"])
    code: str = Field(description="The reason code of its law.", examples=["X_A_EXPRESSION"])


class OrderedData(RequestData):
    """A request that Pendo has accepted as a whole."""

    state: State = Field(examples=["confirming"])
    ordered_on: dt.date = Field(examples=["2026-11-04"])
    completes_by: dt.date = Field(
        description="By when Pendo says to be done; we look for ourselves.", examples=["2026-11-25"]
    )


class ClosedData(RequestData):
    """A closed request."""

    state: State = Field(examples=["closed"])
    ending: Literal["carried_out", "nothing_found", "everything_held"] = Field(
        description="How it ended: its targets were acted on, none existed, or all are held by legal."
    )
    outcomes: dict[str, int] = Field(
        description="How many targets have which outcome; those that none has are left out.",
        examples=[{"erased": 2, "not_found": 1}],
    )


class EndedData(RequestData):
    """A request that ended before anything was sent."""

    state: State = Field(examples=["cancelled"])


class ReopenedData(RequestData):
    """A request that had ended, and something of it has to be done again."""

    state: State = Field(examples=["closed"])
    why: Literal["reappeared", "held_again", "appeal_granted"] = Field(
        description="What it had erased is there again; what a hold had kept back is looked at again; or an "
        "appeal or complaint about it was granted."
    )
    followed_by: str | None = Field(
        description="The request that does it, where there is one already.", examples=["ED-1K4W8N2C"]
    )


class DateNearData(RequestData):
    """A request whose day is near."""

    state: State = Field(examples=["previewed"])
    days_left: int = Field(description="Negative once the day has passed.", examples=[3])


class KeyData(BaseModel):
    """A Pendo key that has to be replaced."""

    subscription: str = Field(examples=["Product EU"])
    key: str = Field(description="By which two keys are told apart; it isn't the key.", examples=["5f2c91ab"])
    rotate_by: dt.date = Field(examples=["2026-12-01"])
    days_left: int = Field(description="Negative once the day has passed.", examples=[14])
    url: str = Field(description="The page here.", examples=["https://desk.example.com/subscriptions/1/"])


Stopped = Literal["request", "rest_of_request", "subscription", "everything", "cleanup_run"]


class StoppedData(BaseModel):
    """What was stopped. What was sent before is followed to its end."""

    what: Stopped = Field(
        description="A request until it is resumed; what isn't sent yet of one, for good; all calls to a "
        "subscription; the sending to all of them; or the run of a clean-up rule."
    )
    name: str = Field(
        description="Of the request (its reference), the subscription or the rule; empty for everything.",
        examples=["ED-7Q2M9XKD"],
    )
    external_reference: str = Field(
        description="Of a request: yours, if you gave one.", examples=["TICKET-1042"]
    )
    by_itself: bool = Field(description="Whether no person stopped it.")
    url: str = Field(
        description="The page here.", examples=["https://desk.example.com/requests/ED-7Q2M9XKD/"]
    )


class TestData(BaseModel):
    """Nothing has happened."""

    webhook: str = Field(examples=["webhook/1"])


#: By type.
SHAPES: dict[str, type[BaseModel]] = {
    EventType.REQUEST_OPENED: RequestData,
    EventType.REQUEST_APPROVED: ApprovedData,
    EventType.REQUEST_REFUSED: RefusedData,
    EventType.REQUEST_ORDERED: OrderedData,
    EventType.REQUEST_CLOSED: ClosedData,
    EventType.REQUEST_CANCELLED: EndedData,
    EventType.REQUEST_WITHDRAWN: EndedData,
    EventType.REQUEST_REOPENED: ReopenedData,
    EventType.REQUEST_DATE_NEAR: DateNearData,
    EventType.KEY_TO_ROTATE: KeyData,
    EventType.RUN_STOPPED: StoppedData,
    TEST: TestData,
}
