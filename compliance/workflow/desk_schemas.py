"""What the API gives out about how the desk is set up: laws, policy, registers."""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, Field

from .states import Kind


class LawOut(BaseModel):
    """A law, in its latest text."""

    code: str
    name: str
    version: str
    effective_from: dt.date
    enabled: bool = Field(description="Whether requests may be opened under it, once it is in force.")
    in_force: bool


class LawsOut(BaseModel):
    """Every law, in the order of forms."""

    laws: list[LawOut]


class PeriodOut(BaseModel):
    """One period that a law sets."""

    kind: str
    number: int
    unit: str
    article: str


class ReasonOut(BaseModel):
    """A reason code that a law allows."""

    code: str
    kind: str = Field(description="`exception` and `refusal` are taken by `refuse`.")
    meaning: str
    provision: str
    needs: list[str] = Field(description="What has to stand beside it.")
    evidence: str = Field(description="How well its source stands behind it; counsel must confirm.")


class GroundOut(BaseModel):
    """A ground on which a law lets more time be taken."""

    code: str
    meaning: str


class SourceOut(BaseModel):
    """Where a rule comes from."""

    title: str
    url: str
    evidence: str


class LawWithRules(LawOut):
    """What a law says, as far as requests are worked by it. Not legal advice."""

    right: str
    clocks: list[PeriodOut]
    identity_says: str
    calendars: list[str] = Field(description="Whose public holidays may move its last days.")
    reasons: list[ReasonOut]
    grounds: list[GroundOut] = Field(description="For `extend`; none where it gives no more time.")
    recourse: list[str]
    sources: list[SourceOut]


class PolicyNumbers(BaseModel):
    """What an approval takes."""

    two_people_over: int | None = Field(description="Null: never for their number.")
    two_people_for_accounts: bool
    two_people_for_wipes: bool
    grace_minutes: int
    canary_over: int | None = Field(description="Null: never.")
    canary_size: int


class PolicyOut(PolicyNumbers):
    """What an approval takes at one place, for one kind of request."""

    place: str = Field(description="`production`, `elsewhere`, or the reference of a subscription.")
    kind: Kind


class PoliciesOut(BaseModel):
    """What is in force everywhere, and how many changes wait for an officer."""

    policy: list[PolicyOut]
    proposals: int


class RecipientOut(BaseModel):
    """Another system that is told of erasures."""

    number: int
    name: str
    holds: str
    told_by: str
    owner: str
    days: int
    kinds: list[Kind]
    laws: list[str] = Field(description="None: every law.")
    active: bool


class RecipientsOut(BaseModel):
    """The register of recipients, by name."""

    recipients: list[RecipientOut]


class CustomerOut(BaseModel):
    """A customer on whose behalf data is processed."""

    number: int
    name: str
    account: str
    contact: str
    days: int
    active: bool


class CustomersOut(BaseModel):
    """The register of customers, by name."""

    customers: list[CustomerOut]
