"""What the API takes in and gives out about the way of a request: its verbs, decisions and dates."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool, StrictInt, StringConstraints

from compliance.core.schemas import Code, Day, Name, Number, OptionalText, PageOut, Taken, Text, Words

from .models import AppealKind, AppealResult, RefusalScope
from .opening import EXTERNAL_REFERENCE
from .processing import LONGEST_DAYS
from .states import Channel, CompanyRole, State

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
ExternalReference = Annotated[str, StringConstraints(pattern=f"^{EXTERNAL_REFERENCE.pattern}$")]
#: Named one by one; databases take only so many values in a statement, and a body only so many bytes.
Numbers = Annotated[list[Number], Field(max_length=10_000)]


# -- In ------------------------------------------------------------------------------------------------------


class ApproveIn(Taken):
    """Exactly what is approved."""

    digest: Digest = Field(description="The digest of the preview that was looked at.")
    count: StrictInt = Field(ge=0, le=10_000_000, description="Its count.")
    reason: OptionalText = Field(default="", description="Kept under seal.")
    access: Literal["", "given", "not_due"] = Field(
        default="",
        description="Wanted where the same message asked for access to the data: what became of that.",
    )


class ReasonIn(Taken):
    """Why."""

    reason: Text = Field(description="For colleagues; kept under seal.")


class OptionalReasonIn(Taken):
    """Why, if it is to be said."""

    reason: OptionalText = Field(default="", description="For colleagues; kept under seal.")


class ChooseIn(Taken):
    """Which targets are acted on after all, and which are left out, by the `number` of each."""

    include: Numbers = Field(default_factory=list, description="Spared ones that are meant after all.")
    exclude: Numbers = Field(default_factory=list, description="Found ones that aren't meant.")


class SubscriptionIn(Taken):
    """A subscription of the request."""

    subscription: Annotated[str, StringConstraints(min_length=1, max_length=80)] = Field(
        description="By its name, or its reference (`subscription/3`)."
    )


class RefuseIn(Taken):
    """Why the right is refused, and how much of it. What a code wants beside it, `GET /laws/{code}` says."""

    scope: RefusalScope = Field(
        default=RefusalScope.WHOLE,
        description=(
            "`whole`: the request ends. `targets`: those in `targets` stay, the rest goes on. `named`: the "
            "data that `what` names stays."
        ),
    )
    code: Code = Field(description="A reason code of the request's law.")
    facts: Text = Field(description="From which it can be seen that the reason fits this case. Sealed.")
    statute: Words = Field(default="", description="The provision that wants the data kept.")
    evidence: Words = Field(default="", description="Where the evidence is kept.")
    kept_until: Day | None = Field(default=None, description="When the data goes after all.")
    what: Words = Field(default="", description="Only for the scope `named`: the data that stays.")
    targets: Numbers = Field(default_factory=list, description="Only for the scope `targets`: their numbers.")


class ExtendIn(Taken):
    """On what ground more time is taken, and why for this request."""

    ground: Code = Field(description="A code of the law's grounds.")
    reason: Text = Field(description="Specific to this request: the person reads it. Sealed.")
    until: Day | None = Field(default=None, description="Only where the law names no length: the new date.")


class LawIn(Taken):
    """Under which law a request is, and whose holidays move its last days."""

    law: Code = Field(description="The code of a law that is enabled, such as EU_GDPR.")
    calendar: Annotated[str, StringConstraints(max_length=10)] = Field(
        default="", description="Whose public holidays move a last day, such as DE. Left out: none do."
    )


class IdentityIn(Taken):
    """When the person was asked to prove who they are, and when they did."""

    asked_on: Day
    proven_on: Day | None = None


class MessageIn(Taken):
    """A later message of the same person about the same."""

    received_on: Day
    channel: Channel
    note: OptionalText = Field(default="", description="Kept under seal.")
    access_asked: StrictBool = Field(default=False, description="Whether it asks for access, too.")


class WithdrawIn(Taken):
    """That the person takes the request back, and how that came."""

    withdrawn_on: Day
    channel: Channel
    note: OptionalText = Field(default="", description="Kept under seal.")


class ElsewhereIn(Taken):
    """Where the correspondence is handled."""

    case: ExternalReference = Field(description="The other system's number for it. It names nobody.")
    due_on: Day = Field(description="The day that the other system sets.")


class RoleIn(Taken):
    """What the company is for the person concerned."""

    role: CompanyRole


class CustomerIn(Taken):
    """On whose behalf the company processes the data: by account, by name, or by both."""

    name: Annotated[str, StringConstraints(max_length=120, pattern=r"^[^\x00]*$")] = Field(
        default="", description="As in the register, or another one. Kept under seal."
    )
    account: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = Field(
        default="", description="Its account id in Pendo. Kept under seal."
    )
    days: Annotated[StrictInt, Field(ge=1, le=LONGEST_DAYS)] | None = Field(
        default=None, description="That the contract gives, after receipt. Left out: those of the register."
    )


class InstructionIn(Taken):
    """What the customer has instructed."""

    who: Name = Field(description="Name and function at the customer. Kept under seal.")
    instructed_on: Day
    evidence: Text = Field(description="The text, or where it is kept. Kept under seal.")


class AppealIn(Taken):
    """An appeal or complaint that has come in."""

    kind: AppealKind
    received_on: Day
    channel: Channel
    text: Text = Field(description="What the person says. Kept under seal.")


class AppealDecisionIn(Taken):
    """What becomes of an appeal or complaint."""

    result: AppealResult
    reason: Text = Field(description="The person reads it. Kept under seal.")


class LongerIn(Taken):
    """Why the answer to an appeal takes longer."""

    reason: Text = Field(description="Specific to this appeal: the person reads it. Kept under seal.")


class SearchIn(Taken):
    """What is looked for: an id, an e-mail address, or a reference."""

    text: Name = Field(description="Exactly as it was named. It stands in no log.")


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


class Approvals(BaseModel):
    """How many people have approved, and how many have to."""

    given: int
    wanted: int


class Approved(Where):
    """Where a request stands after an approval: once all wanted are given, it is sent after `grace_until`."""

    approvals: Approvals
    grace_until: dt.datetime | None


class RefusalOut(BaseModel):
    """A refusal: proposed by one person, decided by another."""

    scope: RefusalScope
    code: str
    facts: str
    statute: str
    evidence: str
    what: str
    kept_until: dt.date | None
    targets: int = Field(description="How many targets it is about.")
    proposed_by: str
    proposed_at: dt.datetime
    agreed: bool | None = Field(description="Null while it waits for a second person.")
    decided_by: str | None
    decided_at: dt.datetime | None
    word: str = Field(description="Why it was declined; empty where nobody said.")


class RefusalsOut(BaseModel):
    """Every refusal that was proposed for a request, the first one first."""

    refusals: list[RefusalOut]


class AppealOut(BaseModel):
    """An appeal or complaint, without what the person says."""

    number: int = Field(description="By it the appeal is called.")
    request: str = Field(description="The request that it is about.")
    kind: AppealKind
    received_on: dt.date
    channel: Channel
    legal: dt.date
    safe: dt.date
    article: str
    acknowledged_at: dt.datetime | None
    extended_on: dt.date | None = Field(description="When more time was taken; null where none was.")
    result: AppealResult | None = Field(description="Null while it isn't decided.")
    decided_at: dt.datetime | None
    followed_by: str | None = Field(description="The request that was opened because it was granted.")


class AppealWithText(AppealOut):
    """An appeal or complaint, with what was said."""

    text: str
    reason: str = Field(description="Why it was decided so; empty while it isn't.")
    why_longer: str = Field(description="Why more time was taken; empty where none was.")


class AppealPage(PageOut):
    """Some appeals and complaints that wait for an answer, the most urgent first."""

    appeals: list[AppealOut]


class AppealWhere(BaseModel):
    """Where an appeal stands."""

    number: int
    request: str
    result: AppealResult | None
    followed_by: str | None


class ProcessingOut(BaseModel):
    """On whose behalf the company acts in a request, and what the customer has instructed."""

    role: CompanyRole
    customer: str | None = Field(description="Null as long as none is named.")
    account: str | None
    days: int | None
    forwarded_at: dt.datetime | None
    instructed_on: dt.date | None
    who: str | None
    evidence: str | None


class TextOut(BaseModel):
    """A ready text, to be copied into a letter or an e-mail: nothing is sent from here."""

    name: str
    title: str
    to: str
    text: str


class TextsOut(BaseModel):
    """The texts that fit a request as it stands."""

    texts: list[TextOut]


class FoundOut(BaseModel):
    """A request that names what was looked for."""

    reference: str
    state: State
    why: list[str]


class FoundPage(PageOut):
    """Requests that name what was looked for, the newest first."""

    requests: list[FoundOut]


class EntryOut(BaseModel):
    """One line of a request's history."""

    number: int
    at: dt.datetime
    event: str
    meaning: str
    sentence: str
    actor: str


class HistoryPage(PageOut):
    """Some of a request's history, the first line first."""

    entries: list[EntryOut]
