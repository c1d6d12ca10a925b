"""What the API takes in and gives out about requests."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from django.utils.timezone import localdate
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
    create_model,
)

from compliance.workflow.hold_reasons import HoldReason
from compliance.workflow.ids import MOST_ID_BYTES
from compliance.workflow.opening import EXTERNAL_REFERENCE, MOST_ASKED
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
MOST_REQUESTS, MOST_TARGETS = 200, 1000


def _day(value: object) -> object:
    """A day, written as one; a number would pass for a moment of 1970."""
    if isinstance(value, dt.date) or (isinstance(value, str) and DAY.fullmatch(value)):
        return value
    raise ValueError("Give a day, such as 2026-11-20.")


def _day_of(value: object) -> object:
    """The day at the controller's establishment on which a moment lies; a day is itself."""
    if isinstance(value, str) and not DAY.fullmatch(value):
        return localdate(_moment(value))
    return _day(value)


def _moment(text: str) -> dt.datetime:
    wrong = "Give a day, or a moment with its offset from UTC, such as 2026-11-20T09:30:00Z."
    try:
        moment = dt.datetime.fromisoformat(text)
        moment.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(wrong) from error
    if moment.tzinfo is None:
        raise ValueError(wrong)
    return moment


DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Day = Annotated[dt.date, BeforeValidator(_day)]
DayOrMoment = Annotated[
    dt.date,
    BeforeValidator(_day_of),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
    ),
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Words = Annotated[str, StringConstraints(max_length=300)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,48}$")]
Named = Annotated[str, StringConstraints(min_length=1, max_length=MOST_ID_BYTES)]
SubscriptionName = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ExternalReference = Annotated[str, StringConstraints(pattern=f"^{EXTERNAL_REFERENCE.pattern}$")]


class Taken(BaseModel):
    """What is sent to us: a field that we don't know is a slip, and a slip must not go unnoticed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


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


class RequestIn(Taken):
    """A request to be opened."""

    kind: Kind
    targets: list[TargetIn] = Field(min_length=1, max_length=MOST_ASKED)
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
    subscription: SubscriptionName | None = Field(
        default=None, description="One subscription, by its name or its reference (`subscription/3`)."
    )
    subscriptions: list[SubscriptionName] | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Several. An erasure that names none reaches every production one.",
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
    repeated: bool = Field(
        default=False,
        description=(
            "Only for an erasure: whether it becomes a request of its own although an open one, of the same "
            "person or with the same identifiers, asks all of it already. Otherwise it is linked to that."
        ),
    )
    note: Text | None = Field(
        default=None, description="Free text, kept under seal. For a readmission it is wanted: why."
    )
    policy_reference: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = Field(
        default=None, description="Only for retention, and wanted there: the policy that it carries out."
    )
    seen_before: Day | None = Field(
        default=None, description="Only for retention: who was seen on this day or later is spared."
    )
    for_everybody: StrictBool = Field(
        default=False,
        description=(
            "Only for guide_reset, and wanted there where no visitor is named: the guides are reset "
            "for everybody."
        ),
    )
    with_visitors: StrictBool = Field(
        default=True, description="Whether the visitors of an account go with it."
    )


class ApproveIn(Taken):
    """Exactly what is approved."""

    digest: Digest = Field(description="The digest of the preview that was looked at.")
    count: StrictInt = Field(ge=0, le=10_000_000, description="Its count.")
    reason: Annotated[str, StringConstraints(max_length=4000)] = Field(
        default="", description="Kept under seal."
    )
    access: Literal["", "given", "not_due"] = Field(
        default="",
        description="Wanted where the same message asked for access to the data: what became of that.",
    )


class ReasonIn(Taken):
    """Why."""

    reason: Text = Field(description="For colleagues; kept under seal.")


class HoldIn(Taken):
    """Why the targets of a request are held. Its owner is the token's."""

    reason: HoldReason
    matter: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Its name or number, for legal's eyes only; kept under seal."
    )
    review_on: Day = Field(description="By when legal asks whether it is still wanted: within a year.")
    do_not_process: bool = Field(
        default=False,
        description="Whether Pendo is told to collect nothing more about the visitors whom it keeps back.",
    )


class ReleaseIn(ReasonIn):
    """Why holds are lifted, and what becomes of Do Not Process where it was set because of them."""

    leave_do_not_process: bool = Field(
        default=False, description="Whether it stays set, for the erasure goes on."
    )


class RefuseIn(Taken):
    """Why the right is refused as a whole. What a code wants beside it, the law's page says."""

    code: Code = Field(description="A reason code of the request's law.")
    facts: Text = Field(description="From which it can be seen that the reason fits this case. Sealed.")
    statute: Words = Field(default="", description="The provision that wants the data kept.")
    evidence: Words = Field(default="", description="Where the evidence is kept.")
    kept_until: Day | None = Field(default=None, description="When the data goes after all.")


class ExtendIn(Taken):
    """On what ground more time is taken, and why for this request."""

    ground: Code = Field(description="A code of the law's grounds.")
    reason: Text = Field(description="Specific to this request: the person reads it. Sealed.")
    until: Day | None = Field(default=None, description="Only where the law names no length: the new date.")


class OptionalReasonIn(Taken):
    """Why, if it is to be said."""

    reason: Annotated[str, StringConstraints(max_length=4000)] = Field(
        default="", description="For colleagues; kept under seal."
    )


class RequestsAsked(BaseModel):
    """Which requests, and which page of them."""

    state: State | None = None
    kind: Kind | None = None
    reference: ExternalReference | None = Field(default=None, description="Your own reference.")
    limit: int = Field(default=50, ge=1, le=MOST_REQUESTS)
    cursor: str = Field(default="", max_length=400, description="`next` of the page before.")


class TargetsAsked(BaseModel):
    """Which targets, and which page of them."""

    outcome: Outcome | None = None
    limit: int = Field(default=100, ge=1, le=MOST_TARGETS)
    cursor: str = Field(default="", max_length=400, description="`next` of the page before.")


# -- Out -----------------------------------------------------------------------------------------------------


class ClockOut(BaseModel):
    """A running deadline."""

    kind: str
    legal: dt.date = Field(description="The last lawful day by the best reading of the law.")
    safe: dt.date = Field(description="By the strictest reading.")
    send_by: dt.date = Field(description="By when the order must reach Pendo to be in time.")
    article: str


class Where(BaseModel):
    """Where a request stands."""

    reference: str = Field(description="Ours: by it the request is called.")
    state: State
    clocks: list[ClockOut]


class Opened(Where):
    """Where the request stands that was opened, or that asks the same already."""

    linked: bool = Field(
        description="Whether it stood before: what was sent is noted with it as a later message."
    )


class Approvals(BaseModel):
    """How many people have approved, and how many have to."""

    given: int
    wanted: int


class Approved(Where):
    """Where a request stands after an approval: once all wanted are given, it is sent after `grace_until`."""

    approvals: Approvals
    grace_until: dt.datetime | None


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
    role: CompanyRole = Field(description="What the company is for the person concerned.")
    received_on: dt.date
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


class RequestPage(BaseModel):
    """Some requests, the newest first."""

    requests: list[RequestOut]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


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


class TargetPage(BaseModel):
    """Some targets, in the order in which they were named."""

    targets: list[TargetOut]
    next: str | None = Field(description="The cursor of the next page; null on the last one.")
