"""United Kingdom: UK GDPR with the Data Protection Act 2018, as amended in 2026."""

from __future__ import annotations

from datetime import date

from compliance.laws.calendars import UK_CALENDARS
from compliance.laws.law import ClockKind, ClockRule, Evidence, IdentityCheck, Law, Source, Start, Unit

_ARTICLE = "Arts. 12(3) and 12A UK GDPR"

UK_GDPR = Law(
    code="UK_GDPR",
    name="UK GDPR",
    right="Art. 17 UK GDPR",
    version="2026-11-22",
    # Art. 12A, which says when the time starts, is in force from this day.
    effective_from=date(2026, 2, 5),
    sources=(
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
    ),
    clocks=(
        ClockRule(kind=ClockKind.EXTENSION_NOTICE, number=1, unit=Unit.MONTHS, article=_ARTICLE, rolls=True),
        ClockRule(kind=ClockKind.ANSWER, number=1, unit=Unit.MONTHS, article=_ARTICLE, rolls=True),
        ClockRule(kind=ClockKind.EXTENDED_ANSWER, number=3, unit=Unit.MONTHS, article=_ARTICLE, rolls=True),
        ClockRule(
            kind=ClockKind.COMPLAINT_ACKNOWLEDGEMENT,
            number=30,
            unit=Unit.DAYS,
            article="s. 164A DPA 2018",
            start=Start.COMPLAINT,
            since=date(2026, 6, 19),
        ),
    ),
    # The relevant time is the latest of request, identity information that was asked for, and fee.
    identity=IdentityCheck.RESTARTS,
    calendars=UK_CALENDARS,
)
