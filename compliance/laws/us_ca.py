"""California: Consumer Privacy Act with the regulations of its agency (11 CCR 7000 and following)."""

from __future__ import annotations

from datetime import date

from compliance.laws.calendars import CALIFORNIA_STRICT
from compliance.laws.law import (
    ClockKind,
    ClockRule,
    Ending,
    Evidence,
    Extension,
    ExtensionGround,
    Fee,
    IdentityCheck,
    Law,
    Need,
    Reason,
    ReasonKind,
    Source,
    Unit,
)
from compliance.laws.reasons import HOLDS, KEPT

_EXCEPTION, _REFUSAL = ReasonKind.EXCEPTION, ReasonKind.REFUSAL
_SECONDARY = Evidence.SECONDARY

_REASONS = (
    # The ninth ground of before 2023, "other lawful internal use", is gone.
    Reason(
        "CA_D1_TRANSACTION_CONTRACT_WARRANTY",
        _EXCEPTION,
        "To complete a transaction, perform a contract or fulfil a warranty",
        "Civ. Code 1798.105(d)(1)",
        evidence=_SECONDARY,
    ),
    Reason(
        "CA_D2_SECURITY_INTEGRITY",
        _EXCEPTION,
        "Security and integrity, as far as necessary",
        "Civ. Code 1798.105(d)(2)",
        evidence=_SECONDARY,
    ),
    Reason("CA_D3_DEBUG", _EXCEPTION, "To repair errors", "Civ. Code 1798.105(d)(3)", evidence=_SECONDARY),
    Reason("CA_D4_FREE_SPEECH", _EXCEPTION, "Free speech", "Civ. Code 1798.105(d)(4)", evidence=_SECONDARY),
    Reason(
        "CA_D5_CALECPA",
        _EXCEPTION,
        "The Electronic Communications Privacy Act of California",
        "Civ. Code 1798.105(d)(5)",
        evidence=_SECONDARY,
    ),
    Reason(
        "CA_D6_RESEARCH_CONSENTED",
        _EXCEPTION,
        "Research in the public interest, to which the consumer consented",
        "Civ. Code 1798.105(d)(6)",
        (Need.EVIDENCE,),
        _SECONDARY,
    ),
    Reason(
        "CA_D7_INTERNAL_ALIGNED_USE",
        _EXCEPTION,
        "Internal uses that the consumer would expect",
        "Civ. Code 1798.105(d)(7)",
        (Need.JUSTIFICATION,),
        _SECONDARY,
    ),
    Reason(
        "CA_D8_LEGAL_OBLIGATION",
        _EXCEPTION,
        "A legal obligation",
        "Civ. Code 1798.105(d)(8)",
        KEPT,
        _SECONDARY,
    ),
    Reason(
        "CA_145A_LAW_INVESTIGATION_CLAIMS",
        _EXCEPTION,
        "Laws, investigations and legal claims",
        "Civ. Code 1798.145(a)",
        KEPT,
    ),
    Reason(
        "CA_145_HIPAA_CMIA",
        _EXCEPTION,
        "Medical data under HIPAA or CMIA",
        "Civ. Code 1798.145(c) and 1798.146",
    ),
    Reason("CA_145_FCRA", _EXCEPTION, "Data under the Fair Credit Reporting Act", "Civ. Code 1798.145(d)"),
    Reason("CA_145_GLBA", _EXCEPTION, "Data under the Gramm-Leach-Bliley Act", "Civ. Code 1798.145(e)"),
    Reason(
        "CA_145_DPPA", _EXCEPTION, "Data under the Driver's Privacy Protection Act", "Civ. Code 1798.145(f)"
    ),
    Reason(
        "CA_145H3_UNFOUNDED_EXCESSIVE",
        _REFUSAL,
        "Manifestly unfounded or excessive",
        "Civ. Code 1798.145(h)(3)",
        (Need.JUSTIFICATION,),
    ),
    Reason(
        "CA_145J_NO_REIDENTIFY",
        _EXCEPTION,
        "It would have to be linked to the person first",
        "Civ. Code 1798.145(j)",
    ),
    Reason("CA_145P_HOUSEHOLD", _EXCEPTION, "Data of a household", "Civ. Code 1798.145(p)"),
    Reason(
        "CA_NOT_VERIFIED",
        _REFUSAL,
        "It could not be verified who asks",
        "11 CCR 7060 and following",
        (Need.JUSTIFICATION,),
        ending=Ending.NOT_CONFIRMED,
    ),
    Reason("CA_NOT_CONSUMER", _REFUSAL, "Not a resident of California", "Civ. Code 1798.140(i)"),
    Reason(
        "CA_NOT_COLLECTED_FROM_CONSUMER",
        _EXCEPTION,
        "The data was not collected from the consumer",
        "Civ. Code 1798.105(a)",
    ),
    Reason("CA_PUBLIC_INFO", _EXCEPTION, "Publicly available information", "Civ. Code 1798.140(v)(2)"),
    Reason(
        "CA_DEIDENTIFIED_AGGREGATE", _EXCEPTION, "De-identified, or aggregate", "Civ. Code 1798.140(v)(3)"
    ),
    Reason(
        "CA_FRAUD_SUSPECTED",
        _REFUSAL,
        "Fraud is suspected until the opposite is verified",
        "11 CCR 7061",
        (Need.JUSTIFICATION,),
        Evidence.TEXT,
    ),
    Reason(
        "CA_DISPROPORTIONATE_3P_NOTICE",
        _EXCEPTION,
        "To tell all third parties takes a disproportionate effort",
        "11 CCR 7022(b)",
        (Need.JUSTIFICATION,),
        Evidence.TEXT,
    ),
)

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
    identity=IdentityCheck.DOES_NOT_STOP,
    identity_says=(
        'The period runs "regardless of time required to verify the request" (11 CCR 7021(b)). Who can\'t '
        "be verified within it is told so."
    ),
    extension=Extension(
        "reasonably necessary (11 CCR 7021(b))",
        ("an explanation, specific to this request", "the new date"),
        (ExtensionGround("REASONABLY_NECESSARY", "Reasonably necessary for this request"),),
    ),
    fee=Fee(
        "Free, verification too; a fee or a refusal only where manifestly unfounded or excessive.",
        "Civ. Code 1798.145(h)(3)",
    ),
    recourse=(
        "a complaint to the California Privacy Protection Agency",
        "a complaint to the Attorney General",
    ),
    refusal_says=(
        "a detailed basis: the law that conflicts, the exception, or the facts of a disproportionate effort",
        "that the rest is deleted, and that what is kept serves the exception only",
        "that a record of the request is kept",
        "the offer to opt out, if the company sells or shares data",
    ),
    reasons=(*_REASONS, *HOLDS),
    reaches="Personal information collected from the consumer. Data of a household is not reached.",
    tells=(
        "service providers and contractors",
        "all third parties to whom the data was sold or shared, unless impossible or disproportionate",
    ),
    notes=(
        "Backups may wait until they are restored, or next used for a commercial purpose (11 CCR 7022(d)).",
        "The texts of 7020 to 7063 and 7101 to 7102 as amended in 2026 are still to be read by counsel.",
        "With the data of ten million consumers a year, figures are published by 1 July (11 CCR 7102).",
    ),
    calendars=("US",),
    default_calendar="US",
    # 11 CCR 7101(a).
    keep_record_months=24,
)
