"""What the API takes in and gives out about requests."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, create_model

from compliance.core.schemas import Day, DayOrMoment, Number, PageAsked, PageOut, Taken, Text
from compliance.workflow.hold_reasons import HoldReason
from compliance.workflow.ids import MOST_ID_BYTES
from compliance.workflow.opening import MOST_ASKED
from compliance.workflow.schemas import ExternalReference, Where
from compliance.workflow.states import (
    AskedKind,
    Channel,
    CompanyRole,
    Identity,
    Kind,
    Outcome,
    Spared,
    State,
    TargetKind,
    Why,
)

#: In the place of a guide's id: all staged ones.
STAGED = "staged"
MOST_TARGETS = 1000

Named = Annotated[str, StringConstraints(min_length=1, max_length=MOST_ID_BYTES)]
SubscriptionName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
SubscriptionNames = Annotated[list[SubscriptionName], Field(min_length=1, max_length=100)]
PolicyReference = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00]+$")]


# -- In ------------------------------------------------------------------------------------------------------


class TargetIn(Taken):
    """One thing that the request names, as `id` or as `value`: the two mean the same."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["id"]}, {"required": ["value"]}]},
    )

    type: Literal[
        "visitor",
        "account",
        "email",
        "guide",
        "prefix",
        "suffix",
        "email_domain",
        "metadata",
        "segment",
        "report",
    ] = Field(
        description=(
            "`visitor` and `account`: the exact id. `email`: an address to be looked for. `guide`: only for "
            "the kind guide_reset; the id of a guide, which is reset for the visitors named beside it. With "
            "the id `staged`: all staged guides. The others are for test_data, guide_reset and retention, "
            "and mean every visitor who fits when it is looked at: `prefix` and `suffix` of an id (at least "
            "3 characters, letter case counts), `email_domain` (`qa.example.com`), `metadata` "
            "(`custom.environment=qa`), and the id of a shared `segment` or a public `report` in Pendo."
        )
    )
    id: Named = Field(default="", description="Byte for byte as in Pendo: letter case counts.")
    value: Named = Field(default="", description="For an e-mail address, for instance.")

    @property
    def kind(self) -> AskedKind:
        """What kind of thing it is."""
        is_staged = (self.type, self.name) == ("guide", STAGED)
        return AskedKind.STAGED if is_staged else AskedKind(self.type)

    @property
    def name(self) -> str:
        """By whichever of its two fields it was named."""
        return self.id or self.value


class SubjectIn(Taken):
    """The person concerned. Kept under seal."""

    name: Annotated[str, StringConstraints(max_length=200)] = ""
    email: Annotated[str, StringConstraints(max_length=254)] = ""


class SetIn(Taken):
    """What is asked, and where."""

    targets: list[TargetIn] = Field(min_length=1, max_length=MOST_ASKED)
    subscription: SubscriptionName | None = Field(
        default=None, description="One subscription, by its name or its reference (`subscription/3`)."
    )
    subscriptions: SubscriptionNames | None = Field(default=None, description="Several.")
    for_everybody: StrictBool = Field(
        default=False,
        description=(
            "Only for guide_reset, and wanted there where no visitor is named: the guides are reset "
            "for everybody."
        ),
    )


class ReviseIn(SetIn):
    """What a request asks from now on. Without subscriptions, they stay as they are."""

    with_visitors: StrictBool | None = Field(
        default=None, description="Whether the visitors of an account go with it. Left out: as before."
    )
    seen_before: Day | None = Field(
        default=None,
        description="Only for retention: who was seen on this day or later. Left out: as before.",
    )


class RequestIn(SetIn):
    """A request to be opened. An erasure that names no subscription reaches every production one."""

    kind: Kind
    law: Annotated[str, StringConstraints(max_length=20)] | None = Field(
        default=None,
        description=(
            "Only for an erasure: the code of a law, such as EU_GDPR. Left out: not known yet, so of each "
            "clock the strictest of all laws runs."
        ),
    )
    calendar: Annotated[str, StringConstraints(max_length=10)] | None = Field(
        default=None, description="Whose public holidays move a last day, such as DE. Left out: none do."
    )
    received_at: DayOrMoment | None = Field(
        default=None,
        description="The day or moment at which the company received it: clocks run. Left out: today.",
    )
    reference: ExternalReference | None = Field(
        default=None,
        description=(
            "What your own system calls it, such as a ticket's number; several requests may share one. It is "
            "kept in clear: put nothing about a person into it."
        ),
    )
    subject: SubjectIn | None = Field(default=None, description="Only for an erasure: the person concerned.")
    channel: Channel | None = Field(
        default=None, description="Only for an erasure: how it reached the company. Left out: `api`."
    )
    identity: Identity | None = Field(
        default=None,
        description=(
            "Only for an erasure: how you know that it is this person. Left out: `vouched`, so the owner of "
            "the token vouches for it."
        ),
    )
    role: CompanyRole | None = Field(
        default=None,
        description=(
            "Only for an erasure: what the company is for this person. Left out: `controller`. A `processor` "
            "acts on the customer's recorded instruction only."
        ),
    )
    note: Text | None = Field(
        default=None, description="Free text, kept under seal. For a readmission it is wanted: why."
    )
    policy_reference: PolicyReference | None = Field(
        default=None, description="Only for retention, and wanted there: the policy that it carries out."
    )
    seen_before: Day | None = Field(
        default=None, description="Only for retention: who was seen on this day or later is spared."
    )
    with_visitors: StrictBool = Field(
        default=True, description="Whether the visitors of an account go with it."
    )
    access_asked: StrictBool = Field(
        default=False,
        description="Only for an erasure: whether the same message asks for access, which comes first.",
    )
    repeated: StrictBool = Field(
        default=False,
        description=(
            "Only for an erasure: whether it becomes a request of its own although an open one, of the same "
            "person or with the same identifiers, asks all of it already. Otherwise it is linked to that."
        ),
    )
    finding: Number | None = Field(
        default=None,
        description=(
            "The number of a finding of the watch, where the request is about records that are there again: "
            "those of them that it names by id are its business then, and it is a request of its own."
        ),
    )


class RequestsAsked(PageAsked):
    """Which requests, and which page of them."""

    state: State | None = None
    kind: Kind | None = None
    reference: ExternalReference | None = Field(default=None, description="Your own reference.")


class TargetsAsked(PageAsked):
    """Which targets, and which page of them."""

    outcome: Outcome | None = None
    limit: int = Field(default=100, ge=1, le=MOST_TARGETS)


# -- Out -----------------------------------------------------------------------------------------------------


class Opened(Where):
    """Where the request stands that was opened, or that asks the same already."""

    linked: bool = Field(
        description="Whether it stood before: what was sent is noted with it as a later message."
    )


class PreviewOut(BaseModel):
    """What was found. Whoever approves says its digest and count."""

    number: int
    digest: str
    count: int = Field(description="Targets that would be acted on.")
    not_found: int
    spared: int
    held: int = Field(description="Targets that a hold keeps back: nothing is sent for them.")
    contradicting: int = Field(description="Targets that may be somebody else: look at them.")
    ready_at: dt.datetime


_COUNTS: dict[str, Any] = {
    "targets": (int, Field(description="All of them.")),
    "sent": (int, Field(description="Those that Pendo was sent.")),
    **{outcome.value: (int, Field(description=outcome.label)) for outcome in Outcome},
}
Progress: Any = create_model("Progress", __doc__="How many targets have which outcome.", **_COUNTS)


class RequestOut(Where):
    """One request."""

    kind: Kind
    external_reference: str = Field(description="Yours; empty if you gave none.")
    law: str | None
    calendar: str = Field(description="Whose public holidays move a last day; empty if none do.")
    role: CompanyRole = Field(description="What the company is for the person concerned.")
    received_on: dt.date
    identity_asked_on: dt.date | None
    identity_proven_on: dt.date | None
    access_asked: bool = Field(description="Whether the message asks for access to the data, too.")
    elsewhere_case: str = Field(description="The other system's case; empty where the letters are ours.")
    elsewhere_due_on: dt.date | None
    send_by: dt.date
    subscriptions: list[str]
    preview: PreviewOut | None = Field(description="Null until it is ready.")
    troubles: list[str] = Field(
        description="Why a segment or report that it names can't be read now, and what to do about it."
    )
    progress: Progress
    paused: bool
    opened_at: dt.datetime
    grace_until: dt.datetime | None
    closed_at: dt.datetime | None


class RequestPage(PageOut):
    """Some requests, the newest first."""

    requests: list[RequestOut]


class AskedOut(BaseModel):
    """One thing that a request names."""

    type: AskedKind
    value: str = Field(description="As it was written; empty for all staged guides.")


class AskedPage(PageOut):
    """Some of what a request names, in the order in which it was named."""

    asked: list[AskedOut]


class CallOut(BaseModel):
    """One call to Pendo."""

    id: int
    endpoint: str
    batch: int
    sent_at: dt.datetime
    answered_at: dt.datetime | None
    status: int | None = Field(description="Pendo's HTTP status; null where no answer came.")
    verdict: str = Field(description="What the answer means here; empty as long as there is none.")
    receipts: list[str] = Field(description="Pendo's ids of the queued work.")


class TargetOut(BaseModel):
    """One thing to act on in one subscription."""

    number: int = Field(description="Ours: by it the target is chosen, refused, or reported as wrong.")
    type: TargetKind
    id: str = Field(description="Empty where a guide is reset for everybody.")
    guide: str = Field(description="Of a guide reset: the guide; empty for all of them.")
    subscription: str
    outcome: Outcome
    why: Why
    spared_because: Spared | None
    held_because: HoldReason | None
    looked_up_at: dt.datetime | None
    call: CallOut | None = Field(description="The call that led to the outcome; null before there is one.")


class TargetPage(PageOut):
    """Some targets, in the order in which they were named."""

    targets: list[TargetOut]
