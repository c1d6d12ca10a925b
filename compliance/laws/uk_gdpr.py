"""United Kingdom: UK GDPR with the Data Protection Act 2018, as amended in 2026, and as it was before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from compliance.laws.calendars import UK_CALENDARS
from compliance.laws.law import (
    ClockKind,
    ClockRule,
    Evidence,
    Extension,
    Fee,
    IdentityCheck,
    Law,
    Source,
    Unit,
)
from compliance.laws.reasons import GDPR_GROUNDS, GDPR_REASONS, HOLDS, RESTRICTION_ASKED, access_pending

_SOURCES = (
    Source(
        "UK GDPR, Arts. 12, 12A and 17",
        "https://www.legislation.gov.uk/eur/2016/679/article/12A",
        Evidence.SECONDARY,
    ),
    Source(
        "Data Protection Act 2018, s. 54 (the parallel text on the relevant time)",
        "https://www.legislation.gov.uk/ukpga/2018/12/section/54",
        Evidence.TEXT,
    ),
    Source(
        "Data Protection Act 2018, s. 164A (complaints to the controller)",
        "https://www.legislation.gov.uk/ukpga/2018/12/section/164A",
        Evidence.SECONDARY,
    ),
    Source(
        "Data Protection Act 2018, s. 205(2) with Regulation 1182/71 (how periods are counted)",
        "https://www.legislation.gov.uk/ukpga/2018/12/section/205",
        Evidence.UNREAD,
    ),
    Source(
        "ICO guidance on time limits, text of 8 December 2025",
        "https://ico.org.uk/for-organisations/uk-gdpr-guidance-and-resources/individual-rights/right-of-access/"
        "what-should-we-consider-when-responding-to-a-request/",
        Evidence.TEXT,
    ),
)


def _clocks(article: str) -> tuple[ClockRule, ...]:
    return (
        ClockRule(kind=ClockKind.EXTENSION_NOTICE, number=1, unit=Unit.MONTHS, article=article, rolls=True),
        ClockRule(kind=ClockKind.ANSWER, number=1, unit=Unit.MONTHS, article=article, rolls=True),
        ClockRule(kind=ClockKind.EXTENDED_ANSWER, number=3, unit=Unit.MONTHS, article=article, rolls=True),
        # Whatever the text under which the request was opened: it is the complaint that counts.
        ClockRule(
            kind=ClockKind.COMPLAINT_ACKNOWLEDGEMENT,
            number=30,
            unit=Unit.DAYS,
            article="s. 164A DPA 2018",
            since=date(2026, 6, 19),
        ),
    )


UK_GDPR = Law(
    code="UK_GDPR",
    name="UK GDPR",
    right="Art. 17 UK GDPR",
    version="2026-11-22",
    # Art. 12A, which says when the time starts, is in force from this day.
    effective_from=date(2026, 2, 5),
    sources=_SOURCES,
    clocks=_clocks("Arts. 12(3) and 12A UK GDPR"),
    identity=IdentityCheck.RESTARTS,
    identity_says=(
        "Only on reasonable doubts. The time starts with the latest of the request, the proof of identity "
        "that was asked for, and the fee (Art. 12A); the proof has to be asked for promptly."
    ),
    extension=Extension("necessary, for the complexity and number of the requests (Art. 12(3))"),
    fee=Fee(
        "Free; a fee or a refusal only where manifestly unfounded or excessive, which the company has to "
        "show.",
        "Art. 12(5) UK GDPR",
    ),
    recourse=(
        "a complaint to the Information Commissioner",
        "a court",
    ),
    refusal_says=(
        "the reasons",
        "the right to complain to the company (from 19 June 2026)",
        "the right to complain to the Information Commissioner",
        "the right to a judicial remedy",
    ),
    reasons=(*GDPR_GROUNDS, *GDPR_REASONS, *HOLDS, RESTRICTION_ASKED, access_pending("s. 173 DPA 2018")),
    reaches="Personal data for which one of the grounds of Art. 17(1) exists.",
    tells=(
        "processors",
        "each recipient, unless impossible or disproportionate (Art. 19)",
        "other controllers, where the data was made public (Art. 17(2))",
    ),
    notes=(
        "The law fixes no period for keeping the record; Art. 5(2) wants that the answer can be shown.",
        "People are told what happens to backups (ICO).",
    ),
    calendars=UK_CALENDARS,
)

UK_GDPR_UNTIL_2026 = replace(
    UK_GDPR,
    version="2026-02-04",
    # The end of the transition period after leaving the European Union.
    effective_from=date(2021, 1, 1),
    clocks=_clocks("Art. 12(3) UK GDPR"),
    # There was no Art. 12A: that the time starts with the proof was the guidance of the ICO only.
    identity=IdentityCheck.MAY_SUSPEND,
    identity_says=(
        "Only on reasonable doubts (Art. 12(6)). That the time starts with the proof is the ICO's guidance, "
        "not the text of the law."
    ),
)
