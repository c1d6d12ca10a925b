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


class ClockKind(StrEnum):
    """What has to be done before a clock runs out."""

    ACKNOWLEDGEMENT = "acknowledgement"
    EXTENSION_NOTICE = "extension_notice"
    ANSWER = "answer"
    EXTENDED_ANSWER = "extended_answer"
    COMPLAINT_ACKNOWLEDGEMENT = "complaint_acknowledgement"

    @property
    def waits_for_vendor(self) -> bool:
        """Whether the work at the vendor has to be ordered before this date; the others are letters only."""
        return self in {ClockKind.ANSWER, ClockKind.EXTENDED_ANSWER}


class Unit(StrEnum):
    """What a period is counted in."""

    MONTHS = "months"
    DAYS = "days"
    BUSINESS_DAYS = "business_days"


class Start(StrEnum):
    """The event whose local date is day 0 of a clock."""

    RECEIPT = "receipt"
    COMPLAINT = "complaint"


class IdentityCheck(StrEnum):
    """What a law lets an identity check do to the answer clock."""

    DOES_NOT_STOP = "does_not_stop"
    MAY_SUSPEND = "may_suspend"
    RESTARTS = "restarts"


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
    start: Start = Start.RECEIPT
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """A rule pack. A request keeps the `version` it was opened under."""

    code: str
    name: str
    right: str
    """The provision that gives the right to erasure."""
    version: str
    """Date (ISO 8601) on which this pack was last compiled."""
    effective_from: date
    """First day on which the law applies as written here. Governs choosing it, not counting: an older receipt
    date is counted all the same."""
    sources: tuple[Source, ...]
    clocks: tuple[ClockRule, ...]
    identity: IdentityCheck
    calendars: tuple[str, ...]
    """Calendars of public holidays that this law's clocks may roll by; with any other nothing rolls."""
    default_calendar: str | None = None
    """What a form proposes; None where only the company knows where it acts."""
    keep_record_months: int | None = None
    """How long the record of a request must be kept after the answer; None where the law names no period."""

    def is_selectable_on(self, day: date) -> bool:
        """Whether a request may be opened under this law on `day`."""
        return self.effective_from <= day
