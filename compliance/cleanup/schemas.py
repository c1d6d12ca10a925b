"""What the API takes in and gives out about clean-up rules."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints

from compliance.core.schemas import PageOut, Taken
from compliance.workflow.ids import MOST_ID_BYTES
from compliance.workflow.opening import MOST_ASKED
from compliance.workflow.patterns import MOST_LETTERS

from .choices import Result, RuleAction, Source, Trigger
from .definition import MOST_A_RUN

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
RuleName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Named = Annotated[str, StringConstraints(min_length=1, max_length=MOST_ID_BYTES)]
Guide = Annotated[str, StringConstraints(max_length=200)]
Percent = Annotated[StrictInt, Field(ge=1, le=100)]
Most = Annotated[StrictInt, Field(ge=1, le=MOST_A_RUN)]


# -- In ------------------------------------------------------------------------------------------------------


class RuleSaid(Taken):
    """What a rule says."""

    action: RuleAction
    reused: StrictBool = Field(description="Whether tests use the same ids again. Decides what may be done.")
    source: Source | None = Field(default=None, description="Left out only for staged guides.")
    value: Annotated[str, StringConstraints(max_length=1024)] = Field(
        default="", description="A prefix, a domain, `custom.environment=qa`, the id of a segment or report."
    )
    visitors: list[Named] = Field(
        default_factory=list, max_length=MOST_ASKED, description="Only for the source `list`: exactly these."
    )
    guide: Guide = ""
    pattern: Annotated[str, StringConstraints(max_length=MOST_LETTERS)] = Field(
        default="", description="Every id has to match it as a whole; `*` stands for any text."
    )
    most: Most = Field(description="More than so many stop a run before the first call.")
    share: Percent = Field(description="A larger share of all visitors, in percent, stops it, too.")
    cron: Annotated[str, StringConstraints(max_length=100)] = ""
    zone: Annotated[str, StringConstraints(max_length=60)] = Field(
        default="", description="The schedule's time zone, such as Europe/Berlin."
    )


class RuleIn(RuleSaid):
    """A rule to be written."""

    name: RuleName
    subscription: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(
        description="By its name or its reference (`subscription/3`)."
    )


class RunIn(Taken):
    """How a rule is run. Visitors and a guide narrow it; they never widen it."""

    dry_run: StrictBool = Field(default=False, description="Show what it would do; nothing is sent.")
    visitors: list[Named] | None = Field(default=None, min_length=1, max_length=MOST_ASKED)
    guide: Guide = ""


class StandingIn(Taken):
    """A standing approval of exactly what the digest stands for."""

    digest: Digest
    ends_on: dt.date


class AllowanceIn(Taken):
    """Which ids are test data in a production subscription, and how many a run may touch."""

    subscription: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    pattern: Annotated[str, StringConstraints(min_length=1, max_length=MOST_LETTERS)]
    most: Most


# -- Out -----------------------------------------------------------------------------------------------------


class StandingOut(BaseModel):
    """Who lets a rule run by itself, and until when."""

    approver: str
    given_at: dt.datetime
    ends_on: dt.date


class RuleOut(BaseModel):
    """A rule: what it says now, and whether it may run by itself."""

    name: str
    subscription: str
    owner: str
    version: int
    digest: str = Field(description="Of exactly what it says: what a standing approval binds.")
    action: RuleAction
    reused: bool
    source: Source | None
    value: str
    visitors: int = Field(description="How many a list names; the ids themselves are shown on screen alone.")
    guide: str
    pattern: str
    most: int
    share: int
    cron: str
    zone: str
    paused: bool
    retired: bool
    next_run_at: dt.datetime | None
    standing_approval: StandingOut | None
    never: str = Field(description="Why it can't have a standing approval; empty where it can.")


class RuleList(BaseModel):
    """Every rule that is used."""

    rules: list[RuleOut]


class RunOut(BaseModel):
    """A run, in counts and codes. Its targets stand with its request."""

    run: int
    rule: str
    version: int
    request: str
    dry_run: bool
    trigger: Trigger
    phase: str
    result: Result | None = Field(description="Null while it is under way.")
    why: str | None
    accepted: bool = Field(description="Whether Pendo has accepted all of it, or it has ended.")
    matched: int | None
    new: int | None = Field(description="How many the run before it hadn't matched; null for the first.")
    gone: int | None
    young: int = Field(description="First seen less than 15 minutes before: Pendo may not show them whole.")
    outcomes: dict[str, int]
    not_matched_lines: list[int] = Field(
        description="Visitors named for it, by their place, and not matched."
    )
    waits_for_approval: bool
    worker_alive: bool
    started_at: dt.datetime
    ended_at: dt.datetime | None
    url: str


class RunStarted(RunOut):
    """A run that was started, or joined."""

    joined: bool


class RunPage(PageOut):
    """Some runs of a rule, the last first."""

    runs: list[RunOut]


class AllowanceOut(BaseModel):
    """A pattern of test ids that counts in a production subscription."""

    number: int
    subscription: str
    pattern: str
    most: int
    set_by: str
    set_at: dt.datetime


class AllowanceList(BaseModel):
    """Every one that counts."""

    test_ids: list[AllowanceOut]


class Done(BaseModel):
    """It was done."""

    done: Literal[True] = True
