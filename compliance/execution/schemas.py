"""What the API takes in and gives out about what is being done, and what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints

from compliance.core.schemas import Moment, Number, PageAsked, PageOut, Taken, Text
from compliance.workflow.incidents import MOST_NAMED
from compliance.workflow.models import Attention, Risk, Told
from compliance.workflow.states import ErasedKind

from .models import BatchKind, BatchState, Cause, How, WatchResult, WatchScope, WatchStep
from .ways_out import MOST_AT_A_TIME

Email = Annotated[str, StringConstraints(min_length=3, max_length=254, pattern=r"^[^\x00]+$")]


# -- Batches -------------------------------------------------------------------------------------------------


class BatchOut(BaseModel):
    """Targets of one request that are sent together."""

    number: int
    kind: BatchKind
    state: BatchState
    subscription: str
    canary: bool = Field(description="Whether it is sent, and accepted, before the others are made.")
    resent: bool = Field(description="Whether its targets are sent again because they were still there.")
    created_at: dt.datetime
    due_at: dt.datetime = Field(description="Nothing is done about it before this.")
    sent_at: dt.datetime | None
    accepted_at: dt.datetime | None
    receipts: list[str] = Field(description="Pendo's ids of the queued work.")


class BatchPage(PageOut):
    """Some batches of a request, in the order in which they were made."""

    batches: list[BatchOut]


# -- What needs a person -------------------------------------------------------------------------------------


class AttentionOut(BaseModel):
    """Something that a person has to look at, with its ways out."""

    number: int = Field(description="By it the way out is called.")
    request: str
    subscription: str
    reason: Attention.Reason
    meaning: str
    raised_at: dt.datetime
    may_be_settled: bool = Field(description="Whether `settle` says that it is dealt with.")
    may_be_ended: bool = Field(description="Whether an officer may `end-waiting`: what is left fails.")
    first: str = Field(description="What to do before the waiting is ended; empty where it can't be.")


class AttentionPage(PageOut):
    """Some of what needs a person, the longest waiting first."""

    attention: list[AttentionOut]


class AttentionWhere(BaseModel):
    """Where it stands."""

    number: int
    request: str
    settled: bool


# -- Other systems -------------------------------------------------------------------------------------------


class TasksAsked(PageAsked):
    """Whose tasks, and which page of them."""

    mine: bool = Field(default=False, description="Only those that the token's owner looks after.")


class FinishIn(Taken):
    """How the task of telling another system ended."""

    told: Told
    evidence: Text = Field(
        description="What shows that it was told; or in detail why it isn't. Kept under seal."
    )


class HandOverIn(Taken):
    """Who looks after a task from now on."""

    owner: Email = Field(description="The e-mail address of an analyst or officer.")


class TaskWhere(BaseModel):
    """Where a task stands."""

    number: int = Field(description="By it the task is called.")
    request: str
    recipient: str
    owner: str
    due_on: dt.date
    told: Told | None = Field(description="Null while it is open.")
    done_at: dt.datetime | None


class TaskOut(TaskWhere):
    """The task of telling another system of a request."""

    holds: str = Field(description="What is held there.")
    told_by: str = Field(description="How it is told.")
    evidence: str = Field(description="Empty while it is open.")


class TaskPage(PageOut):
    """Some open tasks, the most urgent first."""

    tasks: list[TaskWhere]


# -- Wrong deletions -----------------------------------------------------------------------------------------


class WrongIn(Taken):
    """That somebody was wrongly named."""

    happened: Text = Field(description="What happened. Whoever decides about it reads this; kept under seal.")
    aware_at: Moment = Field(description="Since when somebody in the company knows: the 72 hours run.")
    targets: list[Number] = Field(
        default_factory=list,
        max_length=MOST_NAMED,
        description="The numbers of those wrongly named. None: all of the request was wrong.",
    )


class IncidentsAsked(PageAsked):
    """Which incidents, and which page of them."""

    closed: bool = Field(default=False, description="Those that are closed, the latest first.")


class AssessIn(Taken):
    """How many people are concerned, by what, and what that means for them."""

    risk: Risk
    persons: StrictInt = Field(ge=0, le=10_000_000)
    categories: Text = Field(description="What kinds of people and data. Kept under seal.")


class DecideIn(Taken):
    """Whom to notify, and why."""

    tell_authority: StrictBool
    tell_persons: StrictBool
    reason: Text = Field(description="Documented whichever way it is decided. Kept under seal.")


class NotifiedIn(Taken):
    """That somebody was notified."""

    whom: Literal["authority", "persons"]
    at: Moment


class IncidentWhere(BaseModel):
    """Where an incident stands."""

    number: int = Field(description="By it the incident is called.")
    request: str
    aware_at: dt.datetime
    notify_by: dt.datetime = Field(description="The end of the 72 hours.")
    still_to_do: str = Field(description="What it waits for; empty where it can be closed, or is.")
    risk: Risk | None
    persons: int | None
    tell_authority: bool | None = Field(description="Null until it is decided.")
    tell_persons: bool | None
    authority_told_at: dt.datetime | None
    persons_told_at: dt.datetime | None
    readmission: str | None = Field(description="The request that lifts Do Not Process.")
    closed_at: dt.datetime | None


class SupportText(BaseModel):
    """What to write to Pendo Support about one subscription: receipts and counts, nobody's id."""

    title: str
    text: str


class IncidentOut(IncidentWhere):
    """A wrong deletion, with what was written about it."""

    happened: str
    categories: str
    reason: str
    targets: int = Field(description="How many were wrongly named.")
    excluded: int = Field(description="For how many of them Pendo may have set Do Not Process.")
    for_support: list[SupportText]


class IncidentPage(PageOut):
    """Some incidents."""

    incidents: list[IncidentWhere]


# -- What is there again -------------------------------------------------------------------------------------


class WatchedOut(BaseModel):
    """How the watch over one subscription stands."""

    subscription: str
    watched: bool = Field(description="Whether anything was erased there that must not come back.")
    last_ended_at: dt.datetime | None = Field(description="Of the latest look that counts.")
    last_result: WatchResult | None
    under_way: WatchStep | None = Field(description="Where the look is that goes on now.")
    next_at: dt.datetime | None
    next_scope: WatchScope | None
    findings: list[int] = Field(description="The numbers of open findings.")


class WatchOut(BaseModel):
    """The watch over every subscription."""

    subscriptions: list[WatchedOut]


class FindingOut(BaseModel):
    """What was erased and is there again: all records of one cause in one subscription."""

    number: int = Field(description="By it the finding is called.")
    subscription: str
    cause: Cause
    meaning: str
    opened_at: dt.datetime
    left: int = Field(description="Records about which nothing was done yet.")


class FindingsOut(BaseModel):
    """Every open finding, the longest waiting first."""

    findings: list[FindingOut]


class RecordOut(BaseModel):
    """A record that was erased and is there again, as Pendo shows it."""

    number: int
    kind: ErasedKind
    id: str
    email: str
    first_visit: dt.datetime | None
    last_visit: dt.datetime | None
    erased_by: str | None = Field(
        description="The request that had erased it; null where that reaches beyond yours."
    )
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime


class WayOutTaken(BaseModel):
    """A way out that was taken for some records."""

    how: How
    records: int
    request: str | None
    reason: str
    taken_at: dt.datetime


class FindingWithRecords(FindingOut):
    """A finding, with a page of its open records, and what to do."""

    settled_at: dt.datetime | None
    reason: str = Field(description="What the records show.")
    checks: list[str]
    next_step: str
    records: list[RecordOut]
    next: str | None = Field(description="The cursor of the next page of records; null on the last one.")
    taken: list[WayOutTaken]


class WayOutIn(Taken):
    """Why records may be there."""

    reason: Text = Field(description="Kept under seal.")
    records: list[Number] = Field(
        default_factory=list, max_length=MOST_AT_A_TIME, description="Their numbers. None: all of them."
    )


class FindingWhere(BaseModel):
    """Where a finding stands."""

    number: int
    records: int = Field(description="For how many the way out was taken.")
    settled: bool


class PassWhere(BaseModel):
    """A look through a subscription."""

    subscription: str
    step: WatchStep
