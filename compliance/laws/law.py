"""The shape of a rule pack: frozen data only, so that adding a law is adding one file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

COUNSEL_MUST_CONFIRM = (
    "This is not legal advice. Your counsel must confirm each date and article before you rely on it."
)


class Start(StrEnum):
    """The event whose local date is day 0 of a clock."""

    RECEIPT = "receipt"
    COMPLAINT = "complaint"
    APPEAL = "appeal"


class ClockKind(StrEnum):
    """What has to be done before a clock runs out."""

    ACKNOWLEDGEMENT = "acknowledgement"
    EXTENSION_NOTICE = "extension_notice"
    ANSWER = "answer"
    EXTENDED_ANSWER = "extended_answer"
    COMPLIANCE_NOTICE = "compliance_notice"
    COMPLAINT_ACKNOWLEDGEMENT = "complaint_acknowledgement"
    APPEAL_ANSWER = "appeal_answer"
    EXTENDED_APPEAL_ANSWER = "extended_appeal_answer"

    @property
    def waits_for_vendor(self) -> bool:
        """Whether the work at the vendor has to be ordered before this date; the others are letters only."""
        return self in {ClockKind.ANSWER, ClockKind.EXTENDED_ANSWER}

    @property
    def is_of_extension(self) -> bool:
        """Whether the clock gives more time: where a law has none of these, that law is the stricter one."""
        return self in {ClockKind.EXTENSION_NOTICE, ClockKind.EXTENDED_ANSWER}

    @property
    def start(self) -> Start:
        """What starts the clock."""
        return _OWN_STARTS.get(self, Start.RECEIPT)


_OWN_STARTS = {
    ClockKind.COMPLAINT_ACKNOWLEDGEMENT: Start.COMPLAINT,
    ClockKind.APPEAL_ANSWER: Start.APPEAL,
    ClockKind.EXTENDED_APPEAL_ANSWER: Start.APPEAL,
}


class Unit(StrEnum):
    """What a period is counted in."""

    MONTHS = "months"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"


class IdentityCheck(StrEnum):
    """What a law lets an identity check do to the clocks that receipt has started."""

    DOES_NOT_STOP = "does_not_stop"
    #: Arguable, so no date moves; the arguable one is shown beside.
    MAY_SUSPEND = "may_suspend"
    #: Day 0 is the day on which the proof came.
    RESTARTS = "restarts"
    #: Nothing has to be done for who doesn't prove it, but they have to be answered within the period.
    GATES = "gates"


class Evidence(StrEnum):
    """How well a source stands behind a rule; shown beside it, for counsel."""

    TEXT = "text read"
    SECONDARY = "read in a secondary source"
    UNREAD = "text still to be read by counsel"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule comes from."""

    title: str
    url: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRule:
    """One period of a law.

    `number` is always the whole period from the start: an extended answer of "one month and two more" is
    3 months, because months added one after the other lose the day of the month.
    """

    kind: ClockKind
    number: int
    unit: Unit
    article: str
    since: date | None = None
    """First day on which this rule is law, where that is later than the law itself."""
    rolls: bool = False
    """Whether a last day that is no working day moves the legal date to the next working day."""
    safe_counts_receipt_day: bool = True
    """Whether a strict reader could call the receipt day day 1; the safe date is then one day earlier."""
    legal_business_days: str | None = None
    """For `BUSINESS_DAYS`: the calendar whose working days count for the legal date."""
    safe_business_days: str | None = None
    """For `BUSINESS_DAYS`: the calendar whose working days count for the safe date."""

    def is_law_on(self, day: date) -> bool:
        """Whether a clock that starts on `day` falls under this rule."""
        return self.since is None or self.since <= day


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A running deadline: each date means the end of that day where the controller is established."""

    kind: ClockKind
    started_on: date
    legal: date
    """Last lawful day on the best reading, moved to a working day where the law moves it; lateness counts
    from it."""
    safe: date
    """Strictest plausible reading, never moved. Work is planned and sorted by it."""
    plain: date
    """The bare count, before anything is moved."""
    article: str


class ReasonKind(StrEnum):
    """What a reason code says about what was asked."""

    GROUND = "ground"
    """Why erasure is due."""
    EXCEPTION = "exception"
    """Why some of the data may, or must, stay."""
    REFUSAL = "refusal"
    """Why nothing is done at all."""
    HOLD = "hold"
    """Why nothing is done for the time being. The clock goes on."""


class Need(StrEnum):
    """What has to stand beside a reason code before anybody may use it."""

    STATUTE = "the provision that wants the data kept"
    END_DATE = "the day on which the data goes after all"
    JUSTIFICATION = "a written justification"
    EVIDENCE = "evidence, attached"


class Ending(StrEnum):
    """What a request that is refused as a whole for a reason has ended as; statistics tell them apart."""

    REFUSED = "refused"
    NOT_IDENTIFIABLE = "the person can't be identified in the data"
    NOT_CONFIRMED = "it could not be confirmed who asks"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason code that a law allows."""

    code: str
    kind: ReasonKind
    meaning: str
    provision: str
    needs: tuple[Need, ...] = ()
    evidence: Evidence = Evidence.UNREAD
    ending: Ending = Ending.REFUSED


@dataclass(frozen=True, slots=True)
class ExtensionGround:
    """A ground on which a law lets more time be taken."""

    code: str
    meaning: str


COMPLEXITY_OR_NUMBER = (
    ExtensionGround("COMPLEXITY", "The request is complex"),
    ExtensionGround("NUMBER", "The number of requests"),
)


@dataclass(frozen=True, slots=True)
class Extension:
    """On what condition more time may be taken, once, and what its notice says.

    How long, and until when the notice has to be out, the clocks say. Without a clock for the extended answer
    the law names no length: then the notice names the new date.
    """

    condition: str
    notice_says: tuple[str, ...] = ("the reason, specific to this request", "the new date")
    grounds: tuple[ExtensionGround, ...] = COMPLEXITY_OR_NUMBER

    def ground(self, code: str) -> ExtensionGround | None:
        """The ground with this code; None where the law doesn't know it."""
        return next((ground for ground in self.grounds if ground.code == code), None)


@dataclass(frozen=True, slots=True)
class Fee:
    """What may be charged."""

    words: str
    article: str
    free_per_year: int | None = None
    """How many requests of one person in twelve months are free; None where the law doesn't count them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A rule pack: one text of a law. A request keeps the `version` it was opened under."""

    code: str
    name: str
    right: str
    """The provision that gives the right to erasure."""
    version: str
    """Names this text by a day (ISO 8601): that of its compilation; of a text that was history by then, its
    last day. It never changes once requests hold it. Texts of one law stand side by side in `registry`."""
    effective_from: date
    """First day on which the law applies as written here. Governs choosing it, not counting: an older receipt
    date is counted all the same."""
    sources: tuple[Source, ...]
    clocks: tuple[ClockRule, ...]
    identity: IdentityCheck
    identity_says: str
    """When identity may be asked for, and what that does to the clock, in words."""
    extension: Extension | None
    """None where the law gives no more time."""
    fee: Fee
    recourse: tuple[str, ...]
    """To whom else a person who was refused may turn. That they may appeal or complain to the company itself,
    where the law gives that a period, its clocks say."""
    refusal_says: tuple[str, ...]
    """What a letter of refusal must not leave out."""
    reasons: tuple[Reason, ...]
    """The only codes by which data may stay, or the right be refused, and those for holding it."""
    calendars: tuple[str, ...] = ()
    """Calendars of public holidays that this law's clocks may roll by; with any other nothing rolls."""
    reaches: str = ""
    """Which data the right reaches, where the law names it."""
    tells: tuple[str, ...] = ()
    """Who else has to be told of an erasure."""
    notes: tuple[str, ...] = ()
    """What else to know before relying on it."""
    default_calendar: str | None = None
    """What a form proposes; None where only the company knows where it acts."""
    keep_record_months: int | None = None
    """How long the record of a request must be kept after the answer; None where the law names no period."""

    def is_selectable_on(self, day: date) -> bool:
        """Whether a request may be opened under this law on `day`."""
        return self.effective_from <= day

    def reason(self, code: str) -> Reason | None:
        """The reason with this code; None where the law doesn't allow it."""
        return next((reason for reason in self.reasons if reason.code == code), None)

    @property
    def refusal_reasons(self) -> tuple[Reason, ...]:
        """The reasons for which data may stay, or the right be refused: holds are another matter."""
        kinds = {ReasonKind.EXCEPTION, ReasonKind.REFUSAL}
        return tuple(reason for reason in self.reasons if reason.kind in kinds)

    def rule(self, kind: ClockKind) -> ClockRule | None:
        """The rule of this kind; None where the law has none."""
        return next((rule for rule in self.clocks if rule.kind is kind), None)
