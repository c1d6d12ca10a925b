"""California: Delete Act, for data brokers, who fetch requests from the state's platform (DROP)."""

from __future__ import annotations

from datetime import date

from compliance.laws.law import (
    ClockKind,
    ClockRule,
    Evidence,
    Fee,
    IdentityCheck,
    Law,
    Reason,
    ReasonKind,
    Source,
    Unit,
)
from compliance.laws.reasons import HOLDS

US_CA_DROP = Law(
    code="US_CA_DROP",
    name="California (Delete Act, data brokers)",
    right="Civ. Code 1798.99.86",
    version="2026-11-22",
    effective_from=date(2026, 8, 1),
    sources=(
        Source(
            "Civil Code 1798.99.86",
            "https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=CIV&sectionNum=1798.99.86",
            Evidence.SECONDARY,
        ),
        Source(
            "DROP, technical specifications for data brokers",
            "https://privacy.ca.gov/drop-for-data-brokers/technical-specifications/",
            Evidence.TEXT,
        ),
    ),
    # "Receipt" is the download of the list.
    clocks=(ClockRule(kind=ClockKind.ANSWER, number=45, unit=Unit.DAYS, article="Civ. Code 1798.99.86(c)"),),
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says=(
        "The broker checks no identity. What can't be verified counts as an opt-out of sale and sharing."
    ),
    extension=None,
    fee=Fee("Free.", "Civ. Code 1798.99.86"),
    recourse=("a complaint to the California Privacy Protection Agency",),
    refusal_says=("the status code of each item: 2 exempt, 3 deleted, 4 opted out, 5 not found",),
    reasons=(
        Reason(
            "CA_DROP_2_EXEMPT", ReasonKind.EXCEPTION, "The data is exempt (status 2)", "Civ. Code 1798.99.86"
        ),
        Reason(
            "CA_DROP_4_OPTED_OUT",
            ReasonKind.EXCEPTION,
            "Several consumers share the identifier: all are opted out, none is deleted (status 4)",
            "DROP, technical specifications",
            evidence=Evidence.TEXT,
        ),
        *HOLDS,
    ),
    calendars=("US",),
    default_calendar="US",
    reaches="Only companies that sell data of consumers with whom they have no direct relationship.",
    tells=("service providers and contractors",),
    notes=(
        "The platform is asked at least every 45 days, and what appears again is deleted every 45 days.",
        "An audit every three years from 2028.",
    ),
)
