"""California: Consumer Privacy Act with the regulations of its agency (11 CCR 7000 and following)."""

from __future__ import annotations

from datetime import date

from compliance.laws.calendars import CALIFORNIA_STRICT
from compliance.laws.law import ClockKind, ClockRule, Evidence, IdentityCheck, Law, Source, Unit

US_CA = Law(
    code="US_CA",
    name="California (CCPA)",
    right="Civ. Code 1798.105",
    version="2026-11-22",
    # The amended regulations are in force from this day.
    effective_from=date(2026, 1, 1),
    sources=(
        Source(
            "Civil Code 1798.105 and 1798.130(a)(2)(A)",
            "https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=CIV&sectionNum=1798.105",
            Evidence.UNREAD,
        ),
        Source(
            "11 CCR 7021 and 7101, before the amendments of 2026",
            "https://cppa.ca.gov/regulations/",
            Evidence.TEXT,
        ),
        Source(
            "Amendments to 11 CCR in force from 1 January 2026",
            "https://cppa.ca.gov/regulations/",
            Evidence.SECONDARY,
        ),
        Source(
            "Government Code 6700 and 6800, Code of Civil Procedure 12: holidays, and how days are counted",
            "https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=GOV&sectionNum=6700",
            Evidence.TEXT,
        ),
        Source(
            "Civil Code 7 and 9: whether a Saturday is a business day",
            "https://leginfo.legislature.ca.gov/faces/codes_displaySection.xhtml?lawCode=CIV&sectionNum=9",
            Evidence.UNREAD,
        ),
    ),
    # CCP 12a may let a last day roll; nothing rolls here, since 7021(b) names calendar days from receipt.
    clocks=(
        ClockRule(
            kind=ClockKind.ACKNOWLEDGEMENT,
            number=10,
            unit=Unit.BUSINESS_DAYS,
            article="11 CCR 7021(a)",
            # "No later than 10 business days after receiving" leaves no room to count the receipt day.
            safe_counts_receipt_day=False,
            # The regulations define no business day: Monday to Friday less federal holidays is the practice.
            legal_business_days="US",
            safe_business_days=CALIFORNIA_STRICT,
        ),
        ClockRule(kind=ClockKind.EXTENSION_NOTICE, number=45, unit=Unit.DAYS, article="11 CCR 7021(b)"),
        ClockRule(kind=ClockKind.ANSWER, number=45, unit=Unit.DAYS, article="11 CCR 7021(b)"),
        ClockRule(kind=ClockKind.EXTENDED_ANSWER, number=90, unit=Unit.DAYS, article="11 CCR 7021(b)"),
    ),
    # 7021(b): the period runs "regardless of time required to verify the request".
    identity=IdentityCheck.DOES_NOT_STOP,
    calendars=("US",),
    default_calendar="US",
    # 11 CCR 7101(a).
    keep_record_months=24,
)
